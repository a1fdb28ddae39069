"""One TCP connection to a simulated camera: requests in, replies and media out, never blocking."""

import math
import selectors
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial

from v380cli.errors import RemoteProtocolError
from v380cli.simulator.camera import Pace
from v380cli.simulator.control_desk import PACKET_BYTES
from v380cli.simulator.firmware import SimulatedCamera, StreamOrder
from v380cli.simulator.outbox import Outbox
from v380cli.simulator.stream import Effect, MediaStream
from v380cli.wire.commands import Command
from v380cli.wire.live import StreamLoginRequest
from v380cli.wire.login import LegacyLoginRequest, LoginReply, LoginRequest

SEND_BUFFER_BYTES = 64 << 10  # a camera has little memory; Linux would hold megabytes for it
QUEUE_MAX_BYTES = 256 << 10  # more than a large keyframe, less than two seconds at 1.5 Mbit/s
RECEIVE_BYTES = 4096
NUMBER_BYTES = 4
REQUEST_BYTES = 256  # the first of a log-in's 520, too; old clients send no more (section 11)
IDLE_S = 30.0
LINGER_RESET = struct.pack("ii", 1, 0)  # on, zero seconds: close sends RST


class State(Enum):
    """What a connection is for at the moment."""

    REQUESTS = auto()
    MEDIA = auto()
    PLAYBACK = auto()  # a recording; the viewer's acknowledgements are requests
    TALK = auto()  # somebody's voice comes in
    SILENT = auto()  # media that a fault has silenced
    LEAVING = auto()  # all is said; reading on keeps a RST from eating the reply on its way
    CLOSED = auto()


LISTENING = (State.REQUESTS, State.PLAYBACK)


@dataclass(frozen=True, slots=True)
class Route:
    """A request: how many bytes of it count, and what answers it at which time."""

    size: int
    answer: Callable[[bytes, float], None]


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
        self._desk = camera.open_card_desk()
        self._talk_desk = camera.open_talk_desk()
        self._routes = self._list_routes()

    def _list_routes(self) -> dict[int, Route]:
        """Every command that this camera knows, by its number."""
        return {
            Command.LOGIN: Route(REQUEST_BYTES, self._answer_login),
            Command.LEGACY_LOGIN: Route(REQUEST_BYTES, self._answer_legacy_login),
            Command.STREAM_LOGIN: Route(REQUEST_BYTES, self._answer_stream_login),
            Command.STREAM_START: Route(REQUEST_BYTES, self._start_stream),
            **{
                command: Route(setting.size, partial(self._answer_setting, setting.answer))
                for command, setting in self._camera.settings.items()
            },
            **{
                command: Route(route.size, partial(self._answer_about_card, route.answer))
                for command, route in self._desk.list_routes().items()
            },
            **{
                command: Route(route.size, partial(self._answer_talker, route.answer))
                for command, route in self._talk_desk.list_routes().items()
            },
        }

    @property
    def events(self) -> int:
        is_fast = self._is_fast if self.state is State.MEDIA else self._player_is_ready
        is_hungry = is_fast and not self._outbox
        write = self._outbox.wants_socket or is_hungry
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if write else 0)

    @property
    def due(self) -> float:
        """The moment of the next thing to do, on the clock of `now`."""
        if self.state in (State.REQUESTS, State.LEAVING):
            return min(self._idle_until, self._outbox.due)
        if self.state is State.TALK:
            return min(self._talk_desk.due, self._outbox.due)
        if self.state is State.MEDIA and self._stream and not self._is_fast:
            return min(self._stream_began + self._stream.due_s, self._outbox.due)
        if self.state is State.PLAYBACK and self._desk.player and not self._player_is_ready:
            return min(self._desk.player.due, self._outbox.due)
        return self._outbox.due

    @property
    def _player_is_ready(self) -> bool:
        """Whether the recording waits for nothing but the socket."""
        player = self._desk.player if self.state is State.PLAYBACK else None
        return player is not None and player.due == -math.inf

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
            self._pull_recording(now)
            self._outbox.flush(now)
            self._leave(now)
        except OSError:  # the other side has gone, which is its right
            self.close()

    def close(self) -> None:
        """Be done; the owner of the socket closes that. May be called twice."""
        self._end_stream()
        self._talk_desk.close()
        self.state = State.CLOSED

    def _read(self, now: float) -> None:
        data = self.sock.recv(RECEIVE_BYTES)
        if not data:
            self.close()
            return
        if self.state is not State.LEAVING:
            self._idle_until = now + IDLE_S
        if self.state in (State.MEDIA, State.SILENT):
            self._obey(data)
        if self.state is State.TALK:
            self._talk_desk.hear(data, now)
        if self.state not in LISTENING:
            return
        self._received += data
        while self.state in LISTENING and self._answer_next(now):
            pass

    def _obey(self, data: bytes) -> None:
        """Controls and flow reports of a viewer; none of them has an answer."""
        self._received += data
        while len(self._received) >= PACKET_BYTES:
            self._camera.controls.obey(bytes(self._received[:PACKET_BYTES]))
            del self._received[:PACKET_BYTES]

    def _answer_next(self, now: float) -> bool:
        """Answer the next request; False when there is none yet."""
        # what is left of a 520-byte log-in are zeros, with which no request begins
        self._received = self._received.lstrip(b"\0")
        if len(self._received) < NUMBER_BYTES:
            return False
        number = int.from_bytes(self._received[:NUMBER_BYTES], "little", signed=True)
        route = self._routes.get(number, Route(NUMBER_BYTES, self._refuse))
        if len(self._received) < route.size:
            return False
        if len(self._outbox) > QUEUE_MAX_BYTES:  # it asks more than it reads
            self.close()
            return False
        request = bytes(self._received[: route.size])
        del self._received[: route.size]
        route.answer(request, now)
        return True

    def _refuse(self, _request: bytes, _now: float) -> None:
        self._outbox.add(LoginReply(command=Command.UNSUPPORTED, result=0).encode())
        self.state = State.LEAVING

    def _answer_login(self, request: bytes, _now: float) -> None:
        login = LoginRequest.decode(request.ljust(LoginRequest.SIZE, b"\0"))
        self._finish_login(self._camera.answer_login(login).encode())

    def _answer_legacy_login(self, request: bytes, _now: float) -> None:
        login = LegacyLoginRequest.decode(request.ljust(LegacyLoginRequest.SIZE, b"\0"))
        self._finish_login(self._camera.answer_legacy_login(login).encode())

    def _answer_setting(
        self, answer: Callable[[bytes], bytes], request: bytes, _now: float
    ) -> None:
        """Each settings command has a connection of its own (section 1a)."""
        self._outbox.add(answer(request))
        self.state = State.LEAVING

    def _answer_about_card(
        self, answer: Callable[[bytes, float], bytes], request: bytes, now: float
    ) -> None:
        try:
            self._outbox.add(answer(request, now))
        except RemoteProtocolError:  # a request that makes no sense
            self._desk.is_leaving = True
        if self._desk.is_leaving:
            self.state = State.LEAVING
        elif self._desk.player:
            self.state = State.PLAYBACK

    def _answer_talker(
        self, answer: Callable[[bytes, float], bytes], request: bytes, now: float
    ) -> None:
        self._outbox.add(answer(request, now))
        if self._talk_desk.is_leaving:
            self.state = State.LEAVING
            return
        self.state = State.TALK
        self._talk_desk.hear(bytes(self._received), now)  # an eager one has begun already
        self._received.clear()

    def _pull_recording(self, now: float) -> None:
        """Queue the records of the card that may leave, as many as a send takes."""
        while (
            self.state is State.PLAYBACK
            and self._desk.player
            and self._desk.player.due <= now
            and len(self._outbox) < SEND_BUFFER_BYTES
        ):
            burst = self._desk.player.pull(now)
            self._outbox.add(burst.data)
            self._suffer(burst.effect)

    def _finish_login(self, reply: bytes) -> None:
        self._outbox.add(reply)
        if self._camera.spec.closes_after_login:
            self.state = State.LEAVING

    def _answer_stream_login(self, request: bytes, _now: float) -> None:
        login = StreamLoginRequest.decode(request)
        reply, self._order = self._camera.answer_stream_login(login)
        self._outbox.add(reply.encode().ljust(self._camera.spec.reply_size, b"\0"))
        if not self._order:
            self.state = State.LEAVING

    def _start_stream(self, request: bytes, now: float) -> None:
        if not self._order:
            self._refuse(request, now)
            return
        self._stream = self._camera.open_stream(self._order)
        self._stream_began = now
        self.state = State.MEDIA
        self._camera.viewers += 1
        self._obey(b"")  # an eager viewer has sent controls already

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
        if self.state is State.TALK and (self._talk_desk.is_leaving or now >= self._talk_desk.due):
            self.state = State.LEAVING
        if self.state is State.LEAVING and not self._outbox and not self._is_shut:
            self._end_stream()
            self.sock.shutdown(socket.SHUT_WR)
            self._is_shut = True
        if self.state in (State.REQUESTS, State.LEAVING) and now >= self._idle_until:
            self.close()
