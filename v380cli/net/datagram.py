"""UDP on several interfaces at once: one `selectors` loop, a sending socket for each interface.

A broadcast from an unbound socket leaves by one interface only, and not at all without a default
route; a socket bound to an interface's address reaches exactly that interface. What fails on one
interface is a warning and never stops the others.
"""

import contextlib
import errno
import os
import selectors
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from v380cli.net.interfaces import Interface

MAX_DATAGRAM_BYTES = 65_535  # the length field of UDP has 16 bits
MAX_BATCH = 256  # so that a flood cannot keep the caller from looking at its clock

# 50 cameras asked six times over answer with 300 datagrams at once; the usual buffer holds 250.
RECEIVE_BUFFER_BYTES = 1 << 20
MULTICAST_TTL = 1  # this network and no other
LOOPBACK = "lo"

_IP_PKTINFO = getattr(socket, "IP_PKTINFO", 8)  # linux/in.h; Python names it from 3.14 on
_PKTINFO = struct.Struct("=i4s4s")  # interface index, local address, destination address


@dataclass(frozen=True, slots=True)
class Packet:
    """What to send, and where to."""

    payload: bytes
    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Datagram:
    """What came, from which address, over which interface (empty where the system hides it)."""

    payload: bytes
    sender: str
    interface: str


class DatagramLoop:
    """Sends from many sockets and receives on all of them; close it, or use it in `with`.

    `warnings` tells in one sentence each what did not work.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._senders: dict[tuple[Interface | None, int], socket.socket] = {}
        self._warnings: dict[str, None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(self._warnings)

    def warn(self, sentence: str) -> None:
        """Add a warning; the same sentence counts once."""
        self._warnings[sentence] = None

    def open_listener(self, port: int, address: str = "") -> bool:
        """Receive on `port` of one address, else of all; False and a warning if that fails."""
        sock = _new_socket(shared=True)
        try:
            sock.bind((address, port))
        except OSError as error:
            sock.close()
            self.warn(_describe_taken_port(port, error))
            return False
        self._selector.register(sock, selectors.EVENT_READ)
        return True

    def open_sender(self, interface: Interface | None, port: int = 0) -> None:
        """Open a socket that sends over `interface` (None: wherever the route leads) from `port`.

        One that is open already stays; one that cannot be opened is a warning.
        """
        if (interface, port) in self._senders:
            return
        sock = _new_socket(shared=port != 0)
        try:
            if interface is not None:
                address = socket.inet_aton(interface.address)
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, address)
            if interface is not None or port:  # else the first datagram sent chooses both
                sock.bind((interface.address if interface else "", port))
        except OSError as error:
            sock.close()
            self.warn(f"{_name(interface)}: {_describe(error)}; it is left out")
            return
        self._senders[interface, port] = sock
        self._selector.register(sock, selectors.EVENT_READ)

    def close_sender(self, interface: Interface | None, port: int = 0) -> None:
        """Close a sender; nothing happens when there is none."""
        sock = self._senders.get((interface, port))
        if sock is not None:
            self._forget(sock)

    def send(self, interface: Interface | None, plan: Iterable[Packet], port: int = 0) -> None:
        """Send each packet from an open sender; the first that cannot leave is a warning."""
        sock = self._senders.get((interface, port))
        if sock is None:
            return
        failure = ""
        for packet in plan:
            try:
                sock.sendto(packet.payload, (packet.address, packet.port))
            except OSError as error:
                failure = failure or f"{packet.address}: {_describe(error)}"
        if failure:
            self.warn(f"{_name(interface)}: cannot send to {failure}")

    def receive(self, timeout_s: float) -> list[Datagram]:
        """Wait up to `timeout_s` for the first datagram; return all that have come by then.

        Never more than `MAX_BATCH` from one socket.
        """
        found: list[Datagram] = []
        for key, _ in self._selector.select(max(timeout_s, 0)):
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            try:
                found.extend(_read_batch(sock))
            except OSError as error:
                self.warn(f"a socket stopped receiving: {_describe(error)}")
                self._forget(sock)
        return found

    def close(self) -> None:
        """Close every socket."""
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            self._forget(key.fileobj)
        self._selector.close()

    def _forget(self, sock: socket.socket) -> None:
        self._senders = {
            place: open_ for place, open_ in self._senders.items() if open_ is not sock
        }
        self._selector.unregister(sock)
        sock.close()


def resolve_host(host: str) -> str:
    """Find the IPv4 address of a host; OSError when there is none."""
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_DGRAM)
    except UnicodeError:  # a name that DNS cannot have
        raise OSError(f"{host!r} is not a host name") from None
    return str(found[0][4][0])


def is_port_taken(port: int) -> bool:
    """Tell whether a program of this machine receives on a UDP port; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind(("", port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


def _new_socket(*, shared: bool) -> socket.socket:
    """A socket that may send anything; `shared` lets a second run of ours bind the same port."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, shared)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, MULTICAST_TTL)
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        sock.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
    return sock


def _read_batch(sock: socket.socket) -> list[Datagram]:
    found: list[Datagram] = []
    with contextlib.suppress(BlockingIOError):
        while len(found) < MAX_BATCH:
            payload, notes, _, sender = sock.recvmsg(MAX_DATAGRAM_BYTES, 64)
            found.append(Datagram(payload, sender[0], _find_interface_name(sender[0], notes)))
    return found


def _find_interface_name(sender: str, notes: list[tuple[int, int, bytes]]) -> str:
    if sender.startswith("127."):
        return LOOPBACK  # the kernel names the interface whose address it was sent to
    for level, kind, data in notes:
        if level == socket.IPPROTO_IP and kind == _IP_PKTINFO and len(data) >= _PKTINFO.size:
            with contextlib.suppress(OSError):
                return socket.if_indextoname(_PKTINFO.unpack_from(data)[0])
    return ""


def _name(interface: Interface | None) -> str:
    return f"{interface.name} ({interface.address})" if interface else "unicast"


def _describe(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)


def _describe_taken_port(port: int, error: OSError) -> str:
    if error.errno != errno.EADDRINUSE:
        return f"cannot listen on UDP {port}: {_describe(error)}"
    return f"UDP port {port} is in use by another program: only direct answers are heard"
