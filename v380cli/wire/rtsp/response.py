"""What a client reads on an RTSP connection: responses, and the media frames between them.

RFC 2326, sections 7 and 10.12.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from v380cli.errors import RemoteProtocolError
from v380cli.wire.rtp import Frame
from v380cli.wire.rtp_runs import PacketRun, read_packet_run

# Real responses have under 2 KB, most of it the description of the streams.
MAX_HEAD_BYTES = 8192
MAX_BODY_BYTES = 16 * 1024
_FRAME_HEAD_BYTES = 4
_DOLLAR = 0x24  # with which a media frame begins
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS_LINE = re.compile(r"RTSP/[0-9]\.[0-9] ([0-9]{3})(?: (.*))?")
_REQUEST_LINE = re.compile(r"[A-Z_]{1,32} \S+ RTSP/[0-9]\.[0-9]")


@dataclass(frozen=True, slots=True)
class Response:
    """One response; the names of its headers are in lower case, those told twice have both values.

    Values of one header are apart by line breaks, which none of them can hold.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class ResponseParser:
    """Takes bytes as they come; gives responses and frames, not the requests of the server.

    On the channels of `lead_bytes` frames come in rows where they can (`rtp_runs`).
    """

    def __init__(self) -> None:
        self.lead_bytes: dict[int, int] = {}
        self._data = b""
        self._pos = 0  # what is before it was handed out

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes, however they are cut."""
        self._data = self._data[self._pos :] + bytes(data)
        self._pos = 0

    def next_item(self) -> Response | Frame | PacketRun | None:
        """The next whole one, None if it is not there yet; raises RemoteProtocolError."""
        while self._pos < len(self._data):
            first = self._data[self._pos]
            if first == _DOLLAR:
                return self._take_run() or self._take_frame()
            if first in b"\r\n":
                self._pos += 1
            elif (message := self._take_message()) is not _REQUEST:
                return message
        return None

    def _take_run(self) -> PacketRun | None:
        data, pos = self._data, self._pos
        lead_bytes = self.lead_bytes.get(data[pos + 1]) if pos + 1 < len(data) else None
        run = read_packet_run(data, pos, lead_bytes) if lead_bytes else None
        if run:
            self._pos = run.stop
        return run

    def _take_frame(self) -> Frame | None:
        data, start = self._data, self._pos + _FRAME_HEAD_BYTES
        if len(data) < start:
            return None
        end = start + (data[start - 2] << 8 | data[start - 1])
        if len(data) < end:
            return None
        self._pos = end
        return Frame(data[start - 3], data[start:end])

    def _take_message(self) -> Response | None:
        match = _HEAD_END.search(self._data, self._pos, self._pos + MAX_HEAD_BYTES)
        if match is None:
            self._check_start()
            return None
        text = self._data[self._pos : match.start()].decode("utf-8", "replace")
        status_line, *lines = text.splitlines()
        headers = _parse_headers(lines)
        end = match.end() + _read_content_length(headers)
        if len(self._data) < end:
            return None
        body = self._data[match.end() : end]
        self._pos = end
        if _REQUEST_LINE.fullmatch(status_line):
            return _REQUEST
        status = _STATUS_LINE.fullmatch(status_line)
        if status is None:
            raise RemoteProtocolError("the camera's answer is not RTSP")
        return Response(int(status[1]), headers, body)

    def _check_start(self) -> None:
        """Refuse early what will never be a message."""
        waiting = len(self._data) - self._pos
        first = self._data[self._pos : self._pos + 1]
        if waiting >= MAX_HEAD_BYTES or not first.isupper():
            raise RemoteProtocolError("the camera's answer is not RTSP")


_REQUEST = Response(0)


def _parse_headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            continue  # real cameras send lines without a colon
        name = name.strip().lower()
        former = headers.get(name)
        headers[name] = value.strip() if former is None else f"{former}\n{value.strip()}"
    return headers


def _read_content_length(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length", "0").partition("\n")[0]
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise RemoteProtocolError("an RTSP answer with a length that is not a number")
    if int(text) > MAX_BODY_BYTES:
        raise RemoteProtocolError("an RTSP answer with too long a body")
    return int(text)
