"""Cameras that answer probes and do nothing else, on plain sockets."""

import select
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

from v380cli.camera.discover import Ports

Address = tuple[str, int]
To = Literal["reply port", "sender", "broadcast"]


@dataclass
class FakeCamera:
    """Answers each probe with all of `answers`, from `address`."""

    answers: Sequence[bytes]
    address: str = ""
    to: To = "reply port"
    is_silent: bool = False


@dataclass
class Responder:
    """Receives probes on `listen` addresses and lets every camera answer; counts them."""

    cameras: Sequence[FakeCamera]
    ports: Ports
    listen: Sequence[str] = ("",)
    groups: Sequence[tuple[str, int, str]] = ()  # group, port, address of the interface
    accepts: bytes = b"SEARCH^100"
    probes: list[bytes] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._ears = [_open_socket((address, self.ports.probe)) for address in self.listen]
        self._ears += [_open_group(*group) for group in self.groups]
        self._mouths = [_open_socket((camera.address, 0)) for camera in self.cameras]
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        for sock in [*self._ears, *self._mouths]:
            sock.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            for ear in select.select(self._ears, [], [], 0.02)[0]:
                probe, sender = ear.recvfrom(65535)
                self.probes.append(probe)
                if self.accepts in probe:
                    self._answer(sender)

    def _answer(self, sender: Address) -> None:
        for camera, mouth in zip(self.cameras, self._mouths, strict=True):
            places: dict[To, Address] = {
                "reply port": (sender[0], self.ports.reply),
                "sender": sender,
                "broadcast": ("255.255.255.255", self.ports.reply),
            }
            for answer in () if camera.is_silent else camera.answers:
                mouth.sendto(answer, places[camera.to])


def _open_socket(address: Address) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    sock.bind(address)
    return sock


def _open_group(group: str, port: int, interface: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((group, port))
    membership = socket.inet_aton(group) + socket.inet_aton(interface)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    return sock
