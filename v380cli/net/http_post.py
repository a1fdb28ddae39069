"""One HTTP request with a body on a connection of its own, and its answer (RFC 9112)."""

import http.client
import io
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from v380cli.errors import NetworkTimeout, RemoteProtocolError
from v380cli.net.stream import TcpChannel

REPLY_TIMEOUT_S = 5.0
RECEIVE_BYTES = 1 << 15
_HEAD_END = b"\r\n\r\n"
_LAST_CHUNK = b"0\r\n\r\n"
_LENGTH = re.compile(rb"[0-9]{1,9}")  # of a longer one more comes than we take


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The names of the headers are in lower case; values of one name are a line each."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def post(
    connect: Callable[[], TcpChannel],
    target: str,
    host: str,
    headers: Mapping[str, str],
    body: bytes,
    max_bytes: int,
) -> HttpAnswer:
    """Send `body` to `target`, a path; raises NetworkError, or RemoteProtocolError."""
    lines = [f"POST {target} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    with connect() as channel:
        channel.send("\r\n".join(lines).encode() + body)
        return parse_answer(_receive(channel, max_bytes))


def parse_answer(data: bytes) -> HttpAnswer:
    """A whole answer; RemoteProtocolError for what is none."""
    try:
        response = http.client.HTTPResponse(_Received(data), method="POST")  # type: ignore[arg-type]
        response.begin()
        body = response.read()
    except (http.client.HTTPException, ValueError, OverflowError, OSError) as error:
        raise RemoteProtocolError("the camera's answer is not HTTP") from error
    headers: dict[str, str] = {}
    for name, value in response.getheaders():
        former = headers.get(name.lower())
        headers[name.lower()] = value if former is None else f"{former}\n{value}"
    return HttpAnswer(response.status, headers, body)


class _Received:
    """What `http.client` takes for a socket: bytes that have come already."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def _receive(channel: TcpChannel, max_bytes: int) -> bytes:
    """All that comes, up to the end that the head tells or the other side makes."""
    deadline_s = time.monotonic() + REPLY_TIMEOUT_S
    buffer, data = bytearray(RECEIVE_BYTES), bytearray()
    while not _is_whole(data):
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            raise NetworkTimeout("the camera did not answer in time")
        count = channel.receive_into(buffer, left_s)
        if not count:
            break
        data += buffer[:count]
        if len(data) > max_bytes:
            raise RemoteProtocolError(f"an answer of more than {max_bytes} bytes")
    return bytes(data)


def _is_whole(data: bytearray) -> bool:
    head, separator, body = data.partition(_HEAD_END)
    if not separator:
        return False
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length" and _LENGTH.fullmatch(value.strip()):
            return len(body) >= int(value)
        if name == b"transfer-encoding" and b"chunked" in value:
            return body.endswith(_LAST_CHUNK)
    return False
