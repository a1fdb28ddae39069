"""One TCP connection to a simulated camera: requests in, replies and media out, never blocking."""

import selectors
import socket
import struct
from enum import Enum, auto

from v380cli.simulator.camera import Pace
from v380cli.simulator.firmware import SimulatedCamera, StreamOrder
from v380cli.simulator.outbox import Outbox
from v380cli.simulator.stream import Effect, MediaStream
from v380cli.wire.commands import Command
from v380cli.wire.live import StreamLoginRequest
from v380cli.wire.login import LegacyLoginRequest, LoginReply, LoginRequest

SEND_BUFFER_BYTES = 64 << 10  # a camera has little memory; Linux would hold megabytes for it
QUEUE_MAX_BYTES = 256 << 10  # more than a large keyframe, less than two seconds at 1.5 Mbit/s
RECEIVE_BYTES = 4096
REQUEST_BYTES = 256  # the first of a log-in's 520, too; old clients send no more (section 11)
IDLE_S = 30.0
LINGER_RESET = struct.pack("ii", 1, 0)  # on, zero seconds: close sends RST


class State(Enum):
    """What a connection is for at the moment."""

    REQUESTS = auto()
    MEDIA = auto()
    SILENT = auto()  # media that a fault has silenced
    LEAVING = auto()  # all is said; reading on keeps a RST from eating the reply on its way
    CLOSED = auto()


class Connection:
    """`events` is what to wait for, `due` when to `advance` at the latest."""

    def __init__(self, sock: socket.socket, camera: SimulatedCamera, now: float) -> None:
        self.sock = sock
        self.state = State.REQUESTS
        self._camera = camera
        self._received = bytearray()
        self._outbox = Outbox(sock)
        self._idle_until = now + IDLE_S
        self._order: StreamOrder | None = None
        self._stream: MediaStream | None = None
        self._stream_began = now
        self._is_shut = False

    @property
    def events(self) -> int:
        is_hungry = self.state is State.MEDIA and self._is_fast and not self._outbox
        write = self._outbox.wants_socket or is_hungry
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if write else 0)

    @property
    def due(self) -> float:
        """The moment of the next thing to do, on the clock of `now`."""
        if self.state in (State.REQUESTS, State.LEAVING):
            return min(self._idle_until, self._outbox.due)
        if self.state is State.MEDIA and self._stream and not self._is_fast:
            return min(self._stream_began + self._stream.due_s, self._outbox.due)
        return self._outbox.due

    @property
    def _is_fast(self) -> bool:
        return self._camera.spec.pace is Pace.FAST

    def advance(self, now: float, events: int = 0) -> None:
        """Do what the socket and the clock allow."""
        if self.state is State.CLOSED:
            return
        try:
            if events & selectors.EVENT_READ:
                self._read(now)
            self._pull_media(now)
            self._outbox.flush(now)
            self._leave(now)
        except OSError:  # the other side has gone, which is its right
            self.close()

    def close(self) -> None:
        """Be done; the owner of the socket closes that. May be called twice."""
        self._end_stream()
        self.state = State.CLOSED

    def _read(self, now: float) -> None:
        data = self.sock.recv(RECEIVE_BYTES)
        if not data:
            self.close()
            return
        self._idle_until = now + IDLE_S
        if self.state is not State.REQUESTS:
            return  # controls and flow reports of a viewer
        self._received += data
        while self.state is State.REQUESTS and (request := self._next_request()):
            self._answer(request, now)

    def _next_request(self) -> bytes:
        """The first 256 bytes of a request, or nothing yet."""
        # what is left of a 520-byte log-in are zeros, with which no request begins
        self._received = self._received.lstrip(b"\0")
        if len(self._received) < REQUEST_BYTES:
            return b""
        request = bytes(self._received[:REQUEST_BYTES])
        del self._received[:REQUEST_BYTES]
        return request

    def _answer(self, request: bytes, now: float) -> None:
        match int.from_bytes(request[:4], "little", signed=True):
            case Command.LOGIN:
                login = LoginRequest.decode(request.ljust(LoginRequest.SIZE, b"\0"))
                self._finish_login(self._camera.answer_login(login).encode())
            case Command.LEGACY_LOGIN:
                legacy = LegacyLoginRequest.decode(request.ljust(LegacyLoginRequest.SIZE, b"\0"))
                self._finish_login(self._camera.answer_legacy_login(legacy).encode())
            case Command.STREAM_LOGIN:
                self._answer_stream_login(StreamLoginRequest.decode(request))
            case Command.STREAM_START if self._order:
                self._start_stream(self._order, now)
            case _:
                self._outbox.add(LoginReply(command=Command.UNSUPPORTED, result=0).encode())
                self.state = State.LEAVING

    def _finish_login(self, reply: bytes) -> None:
        self._outbox.add(reply)
        if self._camera.spec.closes_after_login:
            self.state = State.LEAVING

    def _answer_stream_login(self, request: StreamLoginRequest) -> None:
        reply, self._order = self._camera.answer_stream_login(request)
        self._outbox.add(reply.encode().ljust(self._camera.spec.reply_size, b"\0"))
        if not self._order:
            self.state = State.LEAVING

    def _start_stream(self, order: StreamOrder, now: float) -> None:
        self._stream = self._camera.open_stream(order)
        self._stream_began = now
        self.state = State.MEDIA
        self._camera.viewers += 1

    def _end_stream(self) -> None:
        if self._stream:
            self._stream = None
            self._camera.viewers -= 1

    def _pull_media(self, now: float) -> None:
        """Queue the frames that are due; in the fast pace, as many as a send takes."""
        while self.state is State.MEDIA and self._stream and self._wants_frame(self._stream, now):
            is_congested = len(self._outbox) > QUEUE_MAX_BYTES
            burst = self._stream.pull(is_congested=is_congested)
            if burst is None:
                self._camera.dropped_frames += 1
                continue
            if burst.effect is Effect.DRIP:
                self._outbox.drip(burst.value / 1000)
            self._outbox.add(burst.data)
            self._suffer(burst.effect)

    def _wants_frame(self, stream: MediaStream, now: float) -> bool:
        if self._is_fast:
            return len(self._outbox) < SEND_BUFFER_BYTES
        return self._stream_began + stream.due_s <= now

    def _suffer(self, effect: Effect) -> None:
        match effect:
            case Effect.SILENCE:
                self.state = State.SILENT
            case Effect.HANG_UP:
                self.state = State.LEAVING
            case Effect.RESET:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
                self.close()

    def _leave(self, now: float) -> None:
        """Say goodbye once all is sent, and close when the other side takes too long over it."""
        if self.state is State.LEAVING and not self._outbox and not self._is_shut:
            self._end_stream()
            self.sock.shutdown(socket.SHUT_WR)
            self._is_shut = True
        if self.state in (State.REQUESTS, State.LEAVING) and now >= self._idle_until:
            self.close()
