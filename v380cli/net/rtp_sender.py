"""RTP on its way to a player: inside its connection, or in datagrams."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Mapping
from typing import Protocol

from v380cli.errors import NetworkError
from v380cli.wire.rtp import Frame, encode_frame, split_frames
from v380cli.wire.rtsp.transport import Datagrams, Interleaved

# A player's socket holds some 200 KB. A new one gets seconds of a stream at once, so that they are
# sent no faster than 50 Mbit/s.
BURST_BYTES = 64 << 10
PACE_S = 0.01
# A player that takes nothing for this long has gone, whatever its connection says.
STALLED_S = 60.0
PORT_TRIES = 32
DATAGRAM_BYTES = 2048


class RtpSender(Protocol):
    """Sends RTP the way that a player wants."""

    def choose(self, frames: bytes) -> bytes:
        """What of these frames is sent, as it is sent."""
        ...

    async def send(self, chosen: bytes) -> None:
        """Send some; returns when nothing is on its way any more."""
        ...

    def send_now(self, chosen: bytes) -> bytes:
        """Send what goes out at once and return the rest; in any thread, while nobody else sends.

        What is refused is returned, too: `send` tells why.
        """
        ...

    def close(self) -> None:
        """Send nothing more."""
        ...


class InterleavedSender:
    """Sends in the connection of the player, on the channels that it chose."""

    def __init__(self, writer: asyncio.StreamWriter, tracks: Mapping[int, Interleaved]) -> None:
        self._writer = writer
        # A file of its own: that of the loop may be closed, and its number another's, at any time.
        self._sock: socket.socket = writer.get_extra_info("socket").dup()
        self._channels: dict[int, int] = {}
        for track, transport in tracks.items():
            self._channels[2 * track] = transport.rtp_channel
            self._channels[2 * track + 1] = transport.rtcp_channel
        self._is_as_made = self._channels == {0: 0, 1: 1, 2: 2, 3: 3}

    def choose(self, frames: bytes) -> bytes:
        if self._is_as_made:
            return frames
        return b"".join(
            encode_frame(self._channels[channel], packet)
            for channel, packet in split_frames(frames)
            if channel in self._channels
        )

    async def send(self, chosen: bytes) -> None:
        self._writer.write(chosen)
        await drain(self._writer)

    def send_now(self, chosen: bytes) -> bytes:
        try:
            return chosen[self._sock.send(chosen) :]
        except OSError:
            return chosen

    def close(self) -> None:
        self._sock.close()


async def drain(writer: asyncio.StreamWriter) -> None:
    """Wait until all has gone; TimeoutError when the player takes nothing for long.

    The writer's buffer must have no size.
    """
    while writer.transport.get_write_buffer_size():
        async with asyncio.timeout(STALLED_S):
            await writer.drain()


class DatagramSender:
    """Sends from the sockets of each track; a packet that finds no room is lost."""

    def __init__(self, tracks: Mapping[int, "PortPair"]) -> None:
        self._sockets: dict[int, socket.socket] = {}
        for track, pair in tracks.items():
            self._sockets[2 * track], self._sockets[2 * track + 1] = pair.sockets

    def choose(self, frames: bytes) -> bytes:
        return frames

    async def send(self, chosen: bytes) -> None:
        burst_bytes = 0
        for frame in split_frames(chosen):
            self._send_frame(frame)
            burst_bytes += len(frame.packet)
            if burst_bytes >= BURST_BYTES:
                burst_bytes = 0
                await asyncio.sleep(PACE_S)

    def send_now(self, chosen: bytes) -> bytes:
        if len(chosen) > BURST_BYTES:
            return chosen
        for frame in split_frames(chosen):
            self._send_frame(frame)
        return b""

    def close(self) -> None:
        self._sockets.clear()

    def _send_frame(self, frame: Frame) -> None:
        if frame.channel in self._sockets:
            with contextlib.suppress(OSError):
                self._sockets[frame.channel].send(frame.packet)


class PortPair:
    """A pair of UDP sockets for RTP and RTCP between us and one player."""

    def __init__(self, local: str, peer: str, wanted: Datagrams, heard: Callable[[], None]) -> None:
        """Open it in the running loop; `heard` is called when the player sends something.

        NetworkError if there are no ports.
        """
        self.sockets = _bind_pair(local)
        rtp, rtcp = self.sockets
        self.ports = rtp.getsockname()[1], rtcp.getsockname()[1]
        self._heard = heard
        try:
            for sock, port in zip(self.sockets, (wanted.rtp_port, wanted.rtcp_port), strict=True):
                sock.connect((peer, port))  # nobody else's datagrams come in
                asyncio.get_running_loop().add_reader(sock, self._read, sock)
        except OSError as error:
            self.close()
            raise NetworkError(f"no way to UDP ports of {peer}") from error

    def close(self) -> None:
        """Give the ports back."""
        for sock in self.sockets:
            asyncio.get_running_loop().remove_reader(sock)
            sock.close()

    def _read(self, sock: socket.socket) -> None:
        """What players send here says only that they are there."""
        with contextlib.suppress(OSError):
            sock.recv(DATAGRAM_BYTES)
            self._heard()


def _bind_pair(local: str) -> tuple[socket.socket, socket.socket]:
    """Sockets at an even port and the next one (RFC 3550, section 11)."""
    family = socket.AF_INET6 if ":" in local else socket.AF_INET
    for _ in range(PORT_TRIES):
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
            second = stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
            try:
                first.bind((local, 0))
                port = first.getsockname()[1]
                if port % 2:
                    continue
                second.bind((local, port + 1))
            except OSError:
                continue
            first.setblocking(False)
            second.setblocking(False)
            stack.pop_all()
            return first, second
    raise NetworkError("there are no two UDP ports in a row")
