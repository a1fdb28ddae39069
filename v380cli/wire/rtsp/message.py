"""RTSP requests out of bytes, and responses into bytes (RFC 2326, sections 4 to 7)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from v380cli.errors import RemoteProtocolError

# Real requests have under 1 KB and a dozen lines; what is larger is not from a player.
MAX_HEAD_BYTES = 8192
MAX_HEADERS = 64
MAX_BODY_BYTES = 4096

VERSION = "RTSP/1.0"
_INTERLEAVED_HEAD_BYTES = 4  # of RTP or RTCP between messages, behind a "$" (10.12)
_REQUEST_LINE = re.compile(r"([A-Z][A-Z_]{0,31}) ([^\s\x00-\x20\x7f]+) RTSP/([0-9])\.([0-9])")
_HEADER = re.compile(r"([!-9;-~]+)[ \t]*:([^\x00-\x08\x0a-\x1f\x7f]*)")
_ENCODING, _ERRORS = "utf-8", "surrogateescape"


class Status(IntEnum):
    """The status codes that we answer with (7.1.1)."""

    OK = 200
    BAD_REQUEST = 400
    UNAUTHORIZED = 401
    NOT_FOUND = 404
    SESSION_NOT_FOUND = 454
    METHOD_NOT_VALID_IN_THIS_STATE = 455
    AGGREGATE_OPERATION_NOT_ALLOWED = 459
    UNSUPPORTED_TRANSPORT = 461
    NOT_IMPLEMENTED = 501
    SERVICE_UNAVAILABLE = 503
    VERSION_NOT_SUPPORTED = 505
    OPTION_NOT_SUPPORTED = 551

    @property
    def reason(self) -> str:
        return "OK" if self is Status.OK else self.name.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Request:
    """One request; the names of its headers are in lower case."""

    method: str
    uri: str
    version: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class _RequestLine(NamedTuple):
    method: str
    uri: str
    version: str


class RequestParser:
    """Takes bytes as they come and gives whole requests; frames between them are skipped."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._skip_bytes = 0  # of an interleaved frame
        self._head_bytes = 0
        self._line: _RequestLine | None = None
        self._headers: dict[str, str] = {}
        self._header_count = 0
        self._body_bytes: int | None = None  # known after the head

    @property
    def is_amid(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._buffer or self._skip_bytes or self._line)

    def receive_data(self, data: bytes) -> None:
        """Take what came; what belongs to a skipped frame is not kept."""
        skipped = min(self._skip_bytes, len(data))
        self._skip_bytes -= skipped
        self._buffer += data[skipped:]

    def next_request(self) -> Request | None:
        """The next whole request, None if it is not there yet; else RemoteProtocolError."""
        while self._body_bytes is None:
            if self._line is None and self._buffer[:1] == b"$":
                if not self._skip_frame():
                    return None
            elif not self._read_line():
                return None
        return self._take_request(self._body_bytes)

    def _skip_frame(self) -> bool:
        """Whether a frame's head is there; then it is gone, and the frame as far as it came."""
        if len(self._buffer) < _INTERLEAVED_HEAD_BYTES:
            return False
        size = _INTERLEAVED_HEAD_BYTES + int.from_bytes(self._buffer[2:4])
        self._skip_bytes = max(0, size - len(self._buffer))
        del self._buffer[:size]
        return True

    def _read_line(self) -> bool:
        """Whether a whole line was there, which is taken."""
        end = self._buffer.find(b"\n")
        self._check_head_size(end + 1 or len(self._buffer))
        if end < 0:
            return False
        text = self._buffer[:end].removesuffix(b"\r").decode(_ENCODING, _ERRORS)
        del self._buffer[: end + 1]
        if self._line is None:
            self._begin_request(text)
        else:
            self._head_bytes += end + 1
            self._add_header(text)
        return True

    def _check_head_size(self, line_bytes: int) -> None:
        if self._head_bytes + line_bytes > MAX_HEAD_BYTES:
            raise RemoteProtocolError("an RTSP request with too long a head")

    def _begin_request(self, text: str) -> None:
        if not text:
            return  # empty lines before a request are let be, as in HTTP
        match = _REQUEST_LINE.fullmatch(text)
        if match is None:
            raise RemoteProtocolError("not an RTSP request")
        method, uri, major, minor = match.groups()
        self._line = _RequestLine(method, uri, f"RTSP/{major}.{minor}")
        self._head_bytes = len(text) + 2

    def _add_header(self, text: str) -> None:
        if not text:
            self._body_bytes = self._read_content_length()
            return
        match = _HEADER.fullmatch(text)
        self._header_count += 1
        if match is None or self._header_count > MAX_HEADERS:
            raise RemoteProtocolError("an RTSP request with headers that make no sense")
        name, value = match[1].lower(), match[2].strip(" \t")
        former = self._headers.get(name)
        self._headers[name] = value if former is None else f"{former},{value}"

    def _read_content_length(self) -> int:
        text = self._headers.get("content-length", "0")
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise RemoteProtocolError("an RTSP request with a length that is not a number")
        if int(text) > MAX_BODY_BYTES:
            raise RemoteProtocolError("an RTSP request with too long a body")
        return int(text)

    def _take_request(self, body_bytes: int) -> Request | None:
        if len(self._buffer) < body_bytes:
            return None
        assert self._line is not None
        body = bytes(self._buffer[:body_bytes])
        del self._buffer[:body_bytes]
        request = Request(*self._line, headers=self._headers, body=body)
        self._line, self._headers, self._body_bytes = None, {}, None
        self._head_bytes = self._header_count = 0
        return request


def encode_response(status: Status, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """A whole response; header values must be free of line breaks."""
    lines = [f"{VERSION} {status} {status.reason}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode(_ENCODING, _ERRORS) + body
