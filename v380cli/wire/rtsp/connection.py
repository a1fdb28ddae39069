"""One player's connection, the server's side: bytes in, wishes out, answers in, bytes out.

    feed receive_data(), and take next_wish() until it is None; answer each wish before the next
    one with accept_...() or refuse(); then send data_to_send(), and close when `is_over` says so

What needs no camera is answered here: OPTIONS, keep-alives, and every request that cannot be meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from v380cli.errors import LocalProtocolError, RemoteProtocolError
from v380cli.wire.rtp import TrackStart
from v380cli.wire.rtsp.digest import Guard, Verdict
from v380cli.wire.rtsp.message import VERSION, Request, RequestParser, Status, encode_response
from v380cli.wire.rtsp.path import Path, find_base, format_track, parse_path
from v380cli.wire.rtsp.transport import Transport, choose_transport

SERVER_NAME = "v380"  # and no versions
SESSION_TIMEOUT_S = 60
MAX_WRONG_ANSWERS = 5  # of a player who does not know the password, on one connection
METHODS = (
    *("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "TEARDOWN"),
    *("GET_PARAMETER", "SET_PARAMETER"),
)


class State(Enum):
    """What a session is doing (RFC 2326, appendix A.2)."""

    INIT = auto()
    READY = auto()
    PLAYING = auto()


@dataclass(frozen=True, slots=True)
class Describe:
    """Tell what this stream is, with `accept_describe`."""

    stream: str


@dataclass(frozen=True, slots=True)
class Setup:
    """Get ready to send a track that way, with `accept_setup`."""

    stream: str
    track: int
    transport: Transport


@dataclass(frozen=True, slots=True)
class Play:
    """Begin to send what was set up, after `accept_play`."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop sending, then `accept`."""


@dataclass(frozen=True, slots=True)
class Teardown:
    """Forget what was set up, then `accept`."""


Wish: TypeAlias = Describe | Setup | Play | Pause | Teardown


class ServerConnection:
    """Holds one session at most; the connection's end is the session's end.

    `peer` is the player's address. Without a `guard` everybody is let in. `session_id` is to be one
    that nobody can guess.
    """

    def __init__(self, peer: str, session_id: str, guard: Guard | None = None) -> None:
        self.state = State.INIT
        self.is_over = False
        self.has_proved_itself = guard is None
        self._peer = peer
        self._session_id = session_id
        self._guard = guard
        self._verdict = Verdict.MISSING
        self._wrong_answers = 0
        self._parser = RequestParser()
        self._out = bytearray()
        self._request: Request | None = None  # whose wish is not answered yet
        self._wish: Wish | None = None
        self._stream = ""
        self._transports: dict[int, Transport] = {}

    @property
    def is_amid(self) -> bool:
        """Whether a message has begun and not ended."""
        return self._parser.is_amid

    def receive_data(self, data: bytes) -> None:
        """Take what the player sent."""
        self._parser.receive_data(data)

    def data_to_send(self) -> bytes:
        """What the player is to be sent, once."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def next_wish(self, now_s: float) -> Wish | None:
        """The next thing to be done for the player; None when there is nothing for now."""
        if self._wish is not None:
            raise LocalProtocolError("a wish is to be answered before the next one")
        while not self.is_over and (request := self._take_request()):
            self._request = request
            self._wish = self._judge(request, now_s)
            if self._wish is not None:
                return self._wish
        return None

    # -- answers to wishes ----------------------------------------------------------------------

    def accept_describe(self, sdp: str) -> None:
        """Tell the player what the stream is."""
        assert isinstance(self._wish, Describe) and self._request
        base = find_base(self._request.uri)
        headers = {"Content-Base": f"{base}/", "Content-Type": "application/sdp"}
        self._answer(Status.OK, headers, sdp.encode())

    def accept_setup(self, server_ports: tuple[int, int] | None = None) -> None:
        """Tell the player where it comes from; `server_ports` are those of datagrams."""
        assert isinstance(self._wish, Setup)
        wish = self._wish
        self._stream, self.state = wish.stream, State.READY
        self._transports[wish.track] = wish.transport
        transport = wish.transport.format()
        if server_ports:
            transport += f";server_port={server_ports[0]}-{server_ports[1]}"
        self._answer(Status.OK, {"Transport": transport})

    def accept_play(self, starts: Sequence[TrackStart]) -> None:
        """Tell the player what comes first."""
        assert isinstance(self._wish, Play) and self._request
        self.state = State.PLAYING
        base = find_base(self._request.uri)
        info = ",".join(_format_start(base, start) for start in starts)
        self._answer(Status.OK, {"Range": "npt=now-", **({"RTP-Info": info} if info else {})})

    def accept(self) -> None:
        """Tell the player that it paused, or ended."""
        assert isinstance(self._wish, Pause | Teardown)
        if isinstance(self._wish, Pause):
            self.state = State.READY
            self._answer(Status.OK)
        else:
            self._answer(Status.OK)
            self.state = State.INIT
            self._transports.clear()

    def refuse(self, status: Status) -> None:
        """Tell the player that its wish cannot be fulfilled."""
        assert self._wish is not None
        self._answer(status)

    # -- judging --------------------------------------------------------------------------------

    def _take_request(self) -> Request | None:
        try:
            return self._parser.next_request()
        except RemoteProtocolError:
            self._request = Request("", "", VERSION)
            self._answer(Status.BAD_REQUEST)
            self.is_over = True
            return None

    def _judge(self, request: Request, now_s: float) -> Wish | None:
        """The wish of a request; None if it is answered already."""
        outcome = self._find_flaw(request) or self._decide(request, now_s)
        if isinstance(outcome, Status):
            self._answer(outcome, self._explain(outcome, request, now_s))
            return None
        return outcome

    def _explain(self, status: Status, request: Request, now_s: float) -> dict[str, str]:
        """The header that a status calls for."""
        if status is Status.UNAUTHORIZED and self._guard:
            return {"WWW-Authenticate": self._guard.challenge(self._verdict, now_s)}
        if status is Status.OPTION_NOT_SUPPORTED:
            return {"Unsupported": request.headers["require"]}
        if request.method == "OPTIONS" and status is Status.OK:
            return {"Public": ", ".join(METHODS)}
        return {}

    def _find_flaw(self, request: Request) -> Status | None:
        """What is wrong with a request whatever it asks for."""
        sequence = request.headers.get("cseq", "")
        session = request.headers.get("session", self._session_id).partition(";")[0]
        has_session = self.state is not State.INIT
        if request.version != VERSION:
            return Status.VERSION_NOT_SUPPORTED
        if not (sequence.isascii() and sequence.isdecimal() and len(sequence) <= 10):
            return Status.BAD_REQUEST
        if "require" in request.headers:
            return Status.OPTION_NOT_SUPPORTED
        if request.method not in METHODS:
            return Status.NOT_IMPLEMENTED
        if session != self._session_id or ("session" in request.headers and not has_session):
            return Status.SESSION_NOT_FOUND
        return None

    def _decide(self, request: Request, now_s: float) -> Wish | Status:
        """What comes of a request that is well formed."""
        if request.method == "OPTIONS":
            return Status.OK
        if self.state is State.INIT and not self._check_access(request, now_s):
            return Status.UNAUTHORIZED
        if request.method in ("GET_PARAMETER", "SET_PARAMETER"):
            return Status.OK
        path = parse_path(request.uri)
        if path is None:
            return Status.NOT_FOUND
        if request.method == "DESCRIBE":
            is_free = self.state is State.INIT or path.stream == self._stream
            return Describe(path.stream) if is_free else Status.METHOD_NOT_VALID_IN_THIS_STATE
        if request.method == "SETUP":
            return self._decide_setup(request, path)
        return self._decide_change(request, path)

    def _check_access(self, request: Request, now_s: float) -> bool:
        """Whether the player has proved that it knows the password; a session is proof enough."""
        if self._guard is None:
            return True
        self._verdict = self._guard.check(request, now_s)
        self._wrong_answers += self._verdict is Verdict.WRONG
        self.is_over = self._wrong_answers >= MAX_WRONG_ANSWERS
        self.has_proved_itself |= self._verdict is Verdict.RIGHT
        return self._verdict is Verdict.RIGHT

    def _decide_setup(self, request: Request, path: Path) -> Setup | Status:
        if self.state is State.PLAYING:
            return Status.METHOD_NOT_VALID_IN_THIS_STATE
        if path.track is None or (self._transports and self._stream != path.stream):
            return Status.AGGREGATE_OPERATION_NOT_ALLOWED
        others = [way for number, way in self._transports.items() if number != path.track]
        header = request.headers.get("transport", "")
        transport = choose_transport(header, self._peer, 2 * path.track)
        if transport is None or not all(map(transport.fits_beside, others)):
            return Status.UNSUPPORTED_TRANSPORT
        return Setup(path.stream, path.track, transport)

    def _decide_change(self, request: Request, path: Path) -> Wish | Status:
        """What a session is to do, which there must be."""
        if self.state is State.INIT:
            return Status.METHOD_NOT_VALID_IN_THIS_STATE
        if "session" not in request.headers:
            return Status.SESSION_NOT_FOUND
        is_one_of_many = path.track is not None and {*self._transports} != {path.track}
        if self._stream != path.stream or is_one_of_many:
            return Status.AGGREGATE_OPERATION_NOT_ALLOWED
        if request.method == "TEARDOWN":
            return Teardown()
        if request.method == "PAUSE":
            return Pause() if self.state is State.PLAYING else Status.OK
        return Play() if self.state is State.READY else Status.OK

    def _answer(
        self, status: Status, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> None:
        assert self._request is not None
        sequence = self._request.headers.get("cseq", "")
        all_headers = {"CSeq": sequence} if sequence.isdecimal() else {}
        all_headers["Server"] = SERVER_NAME
        if self.state is not State.INIT:
            all_headers["Session"] = f"{self._session_id};timeout={SESSION_TIMEOUT_S}"
        self._out += encode_response(status, {**all_headers, **(headers or {})}, body)
        self._request = self._wish = None


def _format_start(base: str, start: TrackStart) -> str:
    sequence = "" if start.sequence is None else f";seq={start.sequence}"
    return f"url={base}/{format_track(start.track)}{sequence};rtptime={start.rtp_time}"
