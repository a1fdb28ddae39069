"""One player of our RTSP server, from its first byte to its last."""

import asyncio
import contextlib
import logging
import math
import socket
from collections.abc import Callable

from v380cli.errors import NetworkError, NetworkTimeout, V380Error
from v380cli.net.feeding import Waker
from v380cli.net.live_source import RtpSource
from v380cli.net.rtp_pump import RtpPump
from v380cli.net.rtp_sender import DatagramSender, InterleavedSender, PortPair, RtpSender, drain
from v380cli.wire.rtp import list_starts
from v380cli.wire.rtsp.connection import (
    SESSION_TIMEOUT_S,
    Describe,
    Pause,
    Play,
    ServerConnection,
    Setup,
    State,
    Teardown,
    Wish,
)
from v380cli.wire.rtsp.message import Status
from v380cli.wire.rtsp.transport import Interleaved

# Who has begun a message, or just come, finishes one within this time.
MESSAGE_S = 10.0
IDLE_S = SESSION_TIMEOUT_S + 5.0
LEAVE_S = 2.0
FIRST_PICTURE_S = 15.0
LOOK_AGAIN_S = 0.05
READ_BYTES = 4096

FindSource = Callable[[str], RtpSource | None]

log = logging.getLogger(__name__)


class RtspPlayer:
    """Serves one connection, in the running loop, until `run` returns."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        connection: ServerConnection,
        find_source: FindSource,
        waker: Waker,
        trust: Callable[[asyncio.BaseTransport], None],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._connection = connection
        self._find_source = find_source
        self._waker = waker
        self._trust = trust  # called when it has asked for a stream that it may have
        self._source: RtpSource | None = None
        self._sdp = ""  # as the player was told it
        self._holding = contextlib.ExitStack()  # keeps the source open
        self._channels: dict[int, Interleaved] = {}
        self._ports: dict[int, PortPair] = {}
        self._pump: RtpPump | None = None
        self._sending: asyncio.Task[None] | None = None
        self._has_asked = False
        self._since_s = self._heard_s = self._now_s()
        writer.transport.set_write_buffer_limits(0)  # as `drain` wants it
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    async def run(self) -> None:
        """Answer and send until one side has enough."""
        try:
            await self._converse()
            await self._take_leave()
        except (OSError, TimeoutError):
            pass
        finally:
            self._writer.transport.abort()
            await self._stop_pump()
            self._forget_tracks()
            self._holding.close()

    async def _converse(self) -> None:
        while not self._connection.is_over and (data := await self._read()):
            was_amid = self._connection.is_amid
            self._connection.receive_data(data)
            while (wish := self._connection.next_wish(self._now_s())) is not None:
                await self._fulfil(wish)
                await self._flush()
            await self._flush()
            self._note_heard()
            if self._connection.is_amid and not was_amid:
                self._since_s = self._heard_s

    async def _take_leave(self) -> None:
        """Let the last answer arrive."""
        self._writer.close()
        async with asyncio.timeout(LEAVE_S):
            await self._writer.wait_closed()

    async def _read(self) -> bytes:
        """What comes next; TimeoutError when it does not come in time."""
        while True:
            try:
                async with asyncio.timeout_at(self._find_due_s()):
                    return await self._reader.read(READ_BYTES)
            except TimeoutError:
                if self._now_s() >= self._find_due_s():  # datagrams may have come
                    raise

    def _find_due_s(self) -> float:
        if self._connection.is_amid or not self._has_asked:
            return self._since_s + MESSAGE_S
        if self._connection.state is State.PLAYING and self._channels:
            return math.inf  # TCP says when it has gone
        return self._heard_s + IDLE_S

    async def _flush(self) -> None:
        if data := self._connection.data_to_send():
            self._has_asked = True
            self._end_frame()
            self._writer.write(data)
            await drain(self._writer)

    # -- wishes ---------------------------------------------------------------------------------

    async def _fulfil(self, wish: Wish) -> None:
        try:
            match wish:
                case Describe():
                    source = await self._open_source(wish.stream)
                    self._sdp = await asyncio.to_thread(source.describe_rtp)
                    self._connection.accept_describe(self._sdp)
                case Setup():
                    await self._open_source(wish.stream)
                    self._connection.accept_setup(self._set_up(wish))
                case Play():
                    await self._play()
                case Pause():
                    await self._stop_pump()
                    self._connection.accept()
                case Teardown():
                    await self._stop_pump()
                    self._forget_tracks()
                    self._connection.accept()
        except _Refusal as refusal:
            self._connection.refuse(refusal.status)
        except V380Error as error:
            log.info("a player gets no picture: %s", error)
            await self._stop_pump()
            self._connection.refuse(Status.SERVICE_UNAVAILABLE)

    async def _open_source(self, stream: str) -> RtpSource:
        """Hold the stream of this name and wait for its first picture ever."""
        source = self._find_source(stream)
        if source is None:
            raise _Refusal(Status.NOT_FOUND)
        self._trust(self._writer.transport)
        if source is not self._source:
            self._holding.close()
            self._holding.enter_context(source.hold())
            self._source, self._sdp = source, ""
        try:
            async with asyncio.timeout(FIRST_PICTURE_S):
                while not source.is_ready():
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError as error:
            raise NetworkTimeout("no picture came in time") from error
        return source

    def _set_up(self, wish: Setup) -> tuple[int, int] | None:
        """Note a track's channels, or open its ports and return them."""
        if isinstance(wish.transport, Interleaved):
            self._channels[wish.track] = wish.transport
            return None
        if former := self._ports.pop(wish.track, None):
            former.close()
        local = self._writer.get_extra_info("sockname")[0]
        peer = self._writer.get_extra_info("peername")[0]
        try:
            pair = PortPair(local, peer, wish.transport, self._note_heard)
        except NetworkError as error:
            log.warning("%s", error.message)
            raise _Refusal(Status.UNSUPPORTED_TRANSPORT) from error
        self._ports[wish.track] = pair
        return pair.ports

    async def _play(self) -> None:
        assert self._source is not None
        self._pump = RtpPump(self._make_sender(), self._waker)
        first = await self._pump.open(self._source.watch_rtp)
        if self._sdp and self._sdp != await asyncio.to_thread(self._source.describe_rtp):
            raise NetworkError("the camera sends something else than the player was told")
        self._connection.accept_play(list_starts(first or b""))
        await self._flush()
        self._sending = asyncio.create_task(self._send_all(self._pump, first))

    # -- media ----------------------------------------------------------------------------------

    async def _send_all(self, pump: RtpPump, first: bytes | None) -> None:
        """Send the feed to its end, with which the connection ends."""
        try:
            await pump.run(first)
            self._writer.close()
        except (OSError, TimeoutError):
            self._writer.transport.abort()

    def _make_sender(self) -> RtpSender:
        if self._channels:
            return InterleavedSender(self._writer, self._channels)
        return DatagramSender(self._ports)

    async def _stop_pump(self) -> None:
        if pump := self._pump:
            self._end_frame()
            if sending := self._sending:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
            pump.close()
        self._pump = self._sending = None

    def _end_frame(self) -> None:
        """Have the connection to ourselves, behind whole frames."""
        if self._pump and self._channels:
            self._writer.write(self._pump.take_over())

    def _forget_tracks(self) -> None:
        self._channels.clear()
        for pair in self._ports.values():
            pair.close()
        self._ports.clear()

    def _note_heard(self) -> None:
        self._heard_s = self._now_s()

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()


class _Refusal(Exception):
    """A wish that cannot be fulfilled."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.reason)
        self.status = status
