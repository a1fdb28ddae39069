"""Packets as they pass this machine's interfaces: the only owner of scapy."""

import contextlib
import logging
import select
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Self

from v380cli.errors import NetworkError

WAIT_S = 0.2

log = logging.getLogger(__name__)


class Heard(NamedTuple):
    """A packet with Ethernet's header, and when it passed."""

    time_s: float
    data: bytes


class Sniffer:
    """Hears what passes on interfaces; `host` filters are the kernel's where it takes them.

    Raises NetworkError without the right, which is root's, and for an interface that is not there.
    """

    def __init__(self, interfaces: Iterable[str], hosts: Iterable[str]) -> None:
        wanted = " or ".join(f"host {host}" for host in sorted(hosts))
        self._sockets: list[Any] = []
        try:
            for name in interfaces:
                self._sockets.append(_listen(name, wanted))
        except PermissionError:
            self.close()
            raise NetworkError(
                "the right to hear all packets is missing",
                hint="run the same under `sudo`; or add --tap, which needs no right",
            ) from None
        except OSError as error:
            self.close()
            raise NetworkError(f"cannot listen: {error.strerror or error}") from error

    def hear(self, seconds: float) -> Iterator[Heard]:
        """What passes within so many seconds; gives in to its user at least five times a second.

        Nothing passed where an element is empty. An interface that goes down ends nothing.
        """
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            ready, _, _ = select.select(self._sockets, [], [], min(left_s, WAIT_S))
            if not ready:
                yield Heard(0.0, b"")
            for sock in ready:
                yield _receive(sock)

    def close(self) -> None:
        for sock in self._sockets:
            sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _receive(sock: Any) -> Heard:
    try:
        _, data, time_s = sock.recv_raw()
    except OSError as error:  # it is told once; when the interface is up again it is heard again
        log.warning("an interface is not heard: %s", error.strerror)
        return Heard(0.0, b"")
    return Heard(float(time_s or time.time()), bytes(data or b""))


def _listen(name: str, wanted: str) -> Any:
    # it warns of every interface that is not Ethernet
    logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
    from scapy.arch.linux import L2ListenSocket
    from scapy.error import Scapy_Exception

    # the kernel's filter needs libpcap, which is not everywhere; without it more is heard
    with contextlib.suppress(Scapy_Exception, ImportError, OSError):
        return L2ListenSocket(iface=name, filter=wanted)
    return L2ListenSocket(iface=name)
