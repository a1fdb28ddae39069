"""A player of RTSP that does only what a test tells it."""

import contextlib
import re
import socket
from collections import deque
from dataclasses import dataclass, field
from typing import Self

from tests.net.fake_source import TIMEOUT_S
from v380cli.wire.rtp import Frame, encode_frame
from v380cli.wire.rtsp.digest import Credentials, compute_response

NONCE = re.compile(r'nonce="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """A response; the names of its headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class RtspClient:
    """One connection."""

    port: int
    path: str = "/porch"
    receive_buffer: int | None = None
    credentials: Credentials | None = None
    session: str = ""
    frames: deque[Frame] = field(default_factory=deque)  # that came between answers
    nonce: str = ""

    def __enter__(self) -> Self:
        self.sock = socket.socket()
        if self.receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        self.sock.settimeout(TIMEOUT_S)
        self.sock.connect(("127.0.0.1", self.port))
        self._file = self.sock.makefile("rb")
        self._sequence = 0
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.sock.close()

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}{self.path}"

    def ask(self, method: str, suffix: str = "", **headers: str) -> Answer:
        """Send a request and read its answer; answers one challenge if it has a password."""
        answer = self.ask_once(method, suffix, **headers)
        if answer.status == 401 and self.credentials:
            self.nonce = find_nonce(answer)
            answer = self.ask_once(method, suffix, **headers)
        return answer

    def ask_once(self, method: str, suffix: str = "", **headers: str) -> Answer:
        self._sequence += 1
        url = self.url + suffix
        words = {"CSeq": str(self._sequence), **headers}
        if self.session:
            words.setdefault("Session", self.session)
        if self.credentials and self.nonce:
            words["Authorization"] = self.authorize(method, url)
        lines = [f"{method} {url} RTSP/1.0", *(f"{n}: {v}" for n, v in words.items())]
        self.sock.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = self.read_answer()
        assert answer.headers.get("cseq") == str(self._sequence)
        return answer

    def authorize(self, method: str, url: str) -> str:
        assert self.credentials
        response = compute_response(self.credentials, self.nonce, method, url)
        return (
            f'Digest username="{self.credentials.username}", realm="v380", '
            f'nonce="{self.nonce}", uri="{url}", response="{response}"'
        )

    def play(self, *transports: str) -> Answer:
        """Describe, set up a track for each transport, and play."""
        assert self.ask("DESCRIBE").status == 200
        for track, transport in enumerate(transports or ("RTP/AVP/TCP;interleaved=0-1",)):
            answer = self.ask("SETUP", f"/trackID={track}", Transport=transport)
            assert answer.status == 200
            self.session = answer.headers["session"].partition(";")[0]
        answer = self.ask("PLAY")
        assert answer.status == 200
        return answer

    def read_answer(self) -> Answer:
        """The next answer; frames before it are kept."""
        while (first := self._file.read(1)) == b"$":
            self.frames.append(self._read_rest_of_frame())
        assert first, "the server has hung up"
        status = int(self._file.readline().split()[1])
        headers = {}
        while line := self._file.readline().rstrip():
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        return Answer(status, headers, self._file.read(int(headers.get("content-length", 0))))

    def read_frame(self) -> Frame | None:
        """The next frame; None when the server has hung up."""
        if self.frames:
            return self.frames.popleft()
        first = self._file.read(1)
        assert first in (b"", b"$")
        return self._read_rest_of_frame() if first else None

    def read_end(self) -> None:
        """Wait until the server hangs up."""
        with contextlib.suppress(ConnectionError):
            while self._file.read(4096):
                pass

    def _read_rest_of_frame(self) -> Frame:
        channel, *size = self._file.read(3)
        return Frame(channel, self._file.read(int.from_bytes(bytes(size))))


def find_nonce(answer: Answer) -> str:
    """What the server wants to be answered."""
    match = NONCE.search(answer.headers["www-authenticate"])
    assert match
    return match[1]


def make_frames(number: int, payload: bytes = b"") -> bytes:
    """A packet of video with this number, and one of sound."""
    head = bytes([0x80, 96]) + number.to_bytes(2) + bytes(8)
    return encode_frame(0, head + payload) + encode_frame(2, head + b"sound")
