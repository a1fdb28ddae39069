"""Pairs of UDP ports for RTP and RTCP, one for each track of a session (RFC 3550, section 11)."""

import contextlib
import selectors
import socket
from typing import Self

from v380cli.errors import NetworkError
from v380cli.net.stream import TcpChannel
from v380cli.wire.rtp import Frame

ATTEMPTS = 16
MAX_DATAGRAM_BYTES = 1 << 16
RECEIVE_BUFFER_BYTES = 1 << 20  # a keyframe comes in one burst
MAX_BURST = 256


class RtpPorts:
    """What the server at `host` sends to our ports; track N is on the channels 2N and 2N + 1."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._selector = selectors.DefaultSelector()
        self._stack = contextlib.ExitStack()
        self._stack.callback(self._selector.close)
        self._tracks = 0

    def add_track(self, channel: TcpChannel) -> tuple[int, int]:
        """Open a pair on the address that `channel` is from; return its ports."""
        for _ in range(ATTEMPTS):
            if pair := _bind_pair(channel.local_address):
                break
        else:
            raise NetworkError("no two UDP ports next to each other are free")
        for offset, sock in enumerate(pair):
            self._stack.enter_context(sock)
            self._selector.register(sock, selectors.EVENT_READ, self._tracks * 2 + offset)
        self._tracks += 1
        port: int = pair[0].getsockname()[1]
        return port, port + 1

    def watch(self, channel: TcpChannel) -> None:
        """Let `receive` end, too, when the connection has something to say."""
        self._selector.register(channel, selectors.EVENT_READ)

    def receive(self, wait_s: float) -> tuple[list[Frame], bool]:
        """What came, after a wait of up to `wait_s`; and whether the connection is to be read."""
        frames: list[Frame] = []
        must_read = False
        for key, _ in self._selector.select(wait_s):
            if isinstance(key.fileobj, socket.socket):
                frames += self._read(key.fileobj, key.data)
            else:
                must_read = True
        return frames, must_read

    def close(self) -> None:
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, sock: socket.socket, channel: int) -> list[Frame]:
        """The datagrams that wait, of the server alone."""
        frames = []
        for _ in range(MAX_BURST):
            try:
                packet, (host, *_) = sock.recvfrom(MAX_DATAGRAM_BYTES)
            except BlockingIOError:
                break
            except OSError:  # what an ICMP message left behind
                continue
            if host == self._host:
                frames.append(Frame(channel, packet))
        return frames


def _bind_pair(host: str) -> tuple[socket.socket, socket.socket] | None:
    """Two sockets on an even port and the next one, None if the next one is taken."""
    first = _open(host, 0)
    port = first.getsockname()[1]
    with contextlib.suppress(OSError):
        if port % 2 == 0 and port < 0xFFFF:
            return first, _open(host, port + 1)
    first.close()
    return None


def _open(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock
