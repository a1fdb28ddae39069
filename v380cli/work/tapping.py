"""Our own connections listened to: what a client says and hears, as packets, without any right."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Self

from v380cli.explain.capture_file import RawPacket
from v380cli.explain.packets import LINK_ETHERNET, Endpoint, encode_segment
from v380cli.explain.redacted_capture import Line
from v380cli.net.stream import TcpChannel

Take = Callable[[RawPacket], None]
NO_IPV4 = "192.0.2.1"  # for an end that has an address of another kind


class Tap:
    """Gives each packet to `take`, with the time; `open_channel` opens what is listened to.

    The packets are made up around the bytes, as Ethernet, IP and TCP would carry them.
    """

    def __init__(self, take: Take) -> None:
        self._take = take
        self._lock = threading.Lock()
        self._count = 0

    def open_channel(self, host: str, port: int) -> TcpChannel:
        """As `TcpChannel.open`."""
        return TappedChannel.open(host, port).listen(self)

    def open_line(self, client: Endpoint, camera: Endpoint) -> Line:
        """A connection begins."""
        line = Line(client, camera)
        with self._lock:
            for segment in line.open():
                self._emit(encode_segment(segment, self._count))
        return line

    def say(self, line: Line, from_camera: bool, data: bytes | memoryview) -> None:
        """One end of it says something."""
        with self._lock:
            for segment in line.say(from_camera, bytes(data)):
                self._emit(encode_segment(segment, self._count))

    def hang_up(self, line: Line) -> None:
        """The connection ends."""
        with self._lock:
            for segment in line.close():
                self._emit(encode_segment(segment, self._count))

    def _emit(self, frame: bytes) -> None:
        self._count += 1
        self._take(RawPacket(time.time(), LINK_ETHERNET, frame))


class TappedChannel(TcpChannel):
    """A channel that a tap listens to."""

    _tap: Tap
    _line: Line
    _is_closed = False

    def listen(self, tap: Tap) -> Self:
        """Have what passes from now on told to `tap`."""
        self._tap = tap
        ends = self._socket.getsockname(), self._socket.getpeername()
        self._line = tap.open_line(*(_make_end(end) for end in ends))
        return self

    def send(self, data: bytes) -> None:
        super().send(data)
        self._tap.say(self._line, False, data)

    def close(self) -> None:
        super().close()
        if not self._is_closed:
            self._is_closed = True
            self._tap.hang_up(self._line)

    def receive_into(self, buffer: bytearray | memoryview, timeout_s: float) -> int:
        count = super().receive_into(buffer, timeout_s)
        self._tap.say(self._line, True, memoryview(buffer)[:count])
        return count

    def receive_gathered(self, buffer: bytearray | memoryview) -> int | None:
        count = super().receive_gathered(buffer)
        self._tap.say(self._line, True, memoryview(buffer)[: count or 0])
        return count


def _make_end(address: tuple[str, int]) -> Endpoint:
    host, port = address[:2]
    try:
        socket.inet_pton(socket.AF_INET, host)
    except OSError:
        return Endpoint(NO_IPV4, port)
    return Endpoint(host, port)
