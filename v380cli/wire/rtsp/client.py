"""RTSP 1.0 as a client speaks it (RFC 2326): one question at a time, media between the answers.

    ask("DESCRIBE", url), send data_to_send(), feed receive_data(), take next_event()

A challenge is answered once, and with each question after that; a stale answer is given anew.
"""

import re
from collections.abc import Mapping
from typing import Literal

from v380cli.errors import CameraBusy, CredentialsRefused, Refused, RemoteProtocolError, V380Error
from v380cli.wire.machine import NEED_DATA, NeedData, RequestMachine
from v380cli.wire.rtp import Frame
from v380cli.wire.rtp_runs import PacketRun
from v380cli.wire.rtsp.authorization import Authorizer
from v380cli.wire.rtsp.response import Response, ResponseParser

Event = Response | Frame | PacketRun
USER_AGENT = "v380"
DEFAULT_SESSION_S = 60.0  # RFC 2326, section 12.37
_SHORTEST_SESSION_S, _LONGEST_SESSION_S = 2.0, 3600.0
_TIMEOUT = re.compile(r"timeout\s*=\s*([0-9]{1,6})")
UNAUTHORIZED, FORBIDDEN = 401, 403
UNSUPPORTED_TRANSPORT = 461
BUSY = (453, 503)


class NoSuchStream(Refused):
    """There is nothing at this address of the server, or not in this way."""

    code = "no_such_stream"

    def __init__(self, status: int) -> None:
        super().__init__(f"the camera's RTSP server refuses the stream (status {status})")
        self.status = status


class ClientConnection(RequestMachine):
    """The protocol of one connection; `session_s` is how long the server waits for a question."""

    def __init__(self, authorizer: Authorizer) -> None:
        super().__init__(b"")
        self.bytes_received = 0
        self.session_s = DEFAULT_SESSION_S
        self._authorizer = authorizer
        self._parser = ResponseParser()
        self._sequence = 0
        self._session = ""
        self._said: tuple[str, str, Mapping[str, str]] = "", "", {}
        self._is_asking = False
        self._is_authorized = False  # the question that is open has an answer to the challenge

    def ask(self, method: str, uri: str, headers: Mapping[str, str] | None = None) -> None:
        """Put one question; the one before it is answered, or its answer is passed over."""
        self._is_asking = True
        self._say(method, uri, headers or {})

    def notify(self, method: str, uri: str) -> None:
        """Say something whose answer does not matter."""
        self._say(method, uri, {})

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes, however they are cut."""
        self.bytes_received += len(data)
        self._parser.receive_data(data)

    def take_rows(self, channel: int, lead_bytes: int) -> None:
        """Let media frames of this channel come in rows, cut behind `lead_bytes` (`rtp_runs`)."""
        self._parser.lead_bytes[channel] = lead_bytes

    def next_event(self) -> Event | Literal[NeedData.NEED_DATA]:
        """The answer that is a yes, or media frames; NEED_DATA if more must come first.

        Raises CredentialsRefused, CameraBusy, NoSuchStream or RemoteProtocolError.
        """
        while (item := self._parser.next_item()) is not None:
            if not isinstance(item, Response):
                return item
            if self._take_response(item):
                return item
        return NEED_DATA

    def _take_response(self, response: Response) -> bool:
        """Whether this is the answer; false for one to an older question and for a challenge."""
        if response.status < 200:
            return False
        number = response.headers.get("cseq", "")
        if number.isdecimal() and len(number) < 10 and int(number) < self._sequence:
            return False
        if response.status == UNAUTHORIZED and self._answer_challenge(response):
            return False
        if not self._is_asking:
            return False
        if response.status != 200:
            raise _judge(response.status)
        self._is_asking = False
        self._note_session(response.headers.get("session", ""))
        return True

    def _answer_challenge(self, response: Response) -> bool:
        """Say it again with what the server wants to know; false if it had that already."""
        challenge = response.headers.get("www-authenticate", "")
        is_stale = bool(re.search(r"stale\s*=\s*\"?true", challenge, re.IGNORECASE))
        if self._is_authorized and not is_stale:
            return False
        if not self._authorizer.take_challenge(challenge):
            return False
        self._outgoing += self._encode(*self._said)
        return True

    def _note_session(self, header: str) -> None:
        name, _, parameters = header.partition("\n")[0].partition(";")
        if not name:
            return
        self._session = name.strip()
        if match := _TIMEOUT.search(parameters):
            told_s = float(match[1])
            self.session_s = min(max(told_s, _SHORTEST_SESSION_S), _LONGEST_SESSION_S)

    def _say(self, method: str, uri: str, headers: Mapping[str, str]) -> None:
        self._said = method, uri, headers
        self._outgoing += self._encode(*self._said)

    def _encode(self, method: str, uri: str, headers: Mapping[str, str]) -> bytes:
        self._sequence += 1
        lines = [f"{method} {uri} RTSP/1.0", f"CSeq: {self._sequence}", f"User-Agent: {USER_AGENT}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self._session:
            lines.append(f"Session: {self._session}")
        answer = self._authorizer.authorize(method, uri)
        self._is_authorized = bool(answer)
        if answer:
            lines.append(f"Authorization: {answer}")
        return "\r\n".join([*lines, "", ""]).encode()


def _judge(status: int) -> V380Error:
    """What an answer other than yes means."""
    if status in (UNAUTHORIZED, FORBIDDEN):
        return CredentialsRefused(
            "the camera's RTSP server refuses the user or the password",
            hint="it may have a password of its own, apart from that of the app",
        )
    if status in BUSY:
        return CameraBusy(f"the camera's RTSP server is busy (status {status})")
    if 400 <= status < 500:
        return NoSuchStream(status)
    return RemoteProtocolError(f"the camera's RTSP server answered with status {status}")
