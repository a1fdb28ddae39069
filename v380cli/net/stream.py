"""One TCP connection with deadlines, which another thread can interrupt."""

import contextlib
import errno
import socket
import struct
from typing import Self

from v380cli.errors import NetworkError, NetworkTimeout, PortShut
from v380cli.models import DEFAULT_PORT

CONNECT_TIMEOUT_S = 4.0  # a camera on the LAN answers a SYN in milliseconds, waking Wi-Fi in two
SEND_TIMEOUT_S = 5.0
# A 1.5 Mbit/s camera needs 24 KiB between two reads of its thread at worst; a keyframe is ~100 KiB.
RECEIVE_BUFFER_BYTES = 1 << 18


class TcpChannel:
    """A connected stream socket. All methods raise NetworkError (NetworkTimeout) on failure."""

    def __init__(self, sock: socket.socket, peer: str) -> None:
        self._socket = sock
        self._peer = peer
        self._interrupted = False
        self._gathers = False

    @classmethod
    def open(cls, host: str, port: int, *, timeout_s: float = CONNECT_TIMEOUT_S) -> Self:
        """Connect; the hint says what usually stands in the way."""
        peer = f"{host}:{port}"
        try:
            sock = socket.create_connection((host, port), timeout=timeout_s)
        except TimeoutError:
            raise NetworkTimeout(
                f"{peer} did not answer within {timeout_s:g} s",
                hint="is the camera on, and on the same network? `v380 discover` shows who answers",
            ) from None
        except OSError as error:
            kind = PortShut if isinstance(error, ConnectionRefusedError) else NetworkError
            raise kind(
                f"cannot connect to {peer}: {_describe(error)}", hint=_hint(error, port)
            ) from None
        except UnicodeError:  # a name that DNS cannot have
            raise NetworkError(f"cannot connect: {host!r} is not a host name") from None
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        return cls(sock, peer)

    def send(self, data: bytes) -> None:
        """Send all of `data`; from any thread once `receive_gathered` is what another one does."""
        try:
            if not self._gathers:  # then the socket has the same limit, and the reader's stays
                self._socket.settimeout(SEND_TIMEOUT_S)
            self._socket.sendall(data)
        except (TimeoutError, BlockingIOError):
            raise NetworkTimeout(f"{self._peer} takes no more data") from None
        except OSError as error:
            raise self._lost(error) from None

    def receive_into(self, buffer: bytearray | memoryview, timeout_s: float) -> int:
        """Wait for bytes and put them into `buffer`; 0 means that the other side has ended."""
        try:
            self._socket.settimeout(max(timeout_s, 0.001))
            count = self._socket.recv_into(buffer)
        except TimeoutError:
            raise NetworkTimeout(f"{self._peer} said nothing for {timeout_s:.1f} s") from None
        except OSError as error:
            raise self._lost(error) from None
        if self._interrupted:
            raise NetworkError("interrupted")
        return count

    def gather(self, low_water_bytes: int, wait_s: float) -> None:
        """Let `receive_gathered` wait for so many bytes, or so long, whichever comes first."""
        self._gathers = True
        self._socket.setblocking(True)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, low_water_bytes)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, self._make_timeval(wait_s))
        limit = self._make_timeval(SEND_TIMEOUT_S)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)

    def receive_gathered(self, buffer: bytearray | memoryview) -> int | None:
        """Put what has come into `buffer`; None if that is nothing yet, 0 if it is the end.

        What had come before an interrupt is still handed out.
        """
        try:
            count = self._socket.recv_into(buffer)
        except BlockingIOError:
            return None
        except OSError as error:
            raise self._lost(error) from None
        if self._interrupted and not count:
            raise NetworkError("interrupted")
        return count

    @property
    def local_address(self) -> str:
        """Our own address on the way to the other side."""
        host: str = self._socket.getsockname()[0]
        return host

    @property
    def peer_address(self) -> str:
        """The address of the other side, where `open` was given a name."""
        try:
            host: str = self._socket.getpeername()[0]
        except OSError as error:
            raise self._lost(error) from None
        return host

    def fileno(self) -> int:
        """For selectors: it is readable when bytes came, when it ended, and once interrupted."""
        return self._socket.fileno()

    def interrupt(self) -> None:
        """Make pending and later calls fail at once; safe from any thread."""
        self._interrupted = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _make_timeval(self, seconds: float) -> bytes:
        """The kernel's struct timeval: of longs, or of 64 bits each where time_t outgrew them."""
        size = len(self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16))
        form = "@ll" if size == struct.calcsize("@ll") else "=qq"
        whole_s, part_s = divmod(seconds, 1)
        return struct.pack(form, int(whole_s), int(part_s * 1e6))

    def _lost(self, error: OSError) -> NetworkError:
        if self._interrupted:
            return NetworkError("interrupted")
        return NetworkError(f"the connection to {self._peer} broke: {_describe(error)}")


def _describe(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _hint(error: OSError, port: int) -> str:
    if isinstance(error, socket.gaierror):
        return "is the name spelt right? an address or a device id works too"
    if error.errno == errno.ECONNREFUSED:
        if port == DEFAULT_PORT:
            return "a device is there, but the port is shut: not the camera, or still starting"
        return f"a device is there, but the port is shut; V380 cameras listen on {DEFAULT_PORT}"
    if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return "is this machine on the camera's network? `v380 discover` shows who answers"
    return ""
