"""Sends SmartLink rounds on several interfaces, from a thread of its own (section 1b)."""

import contextlib
import socket
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from v380cli.errors import NetworkError
from v380cli.net.interfaces import Interface
from v380cli.wire.smartlink import PAYLOAD, PORT, REPEATS, Symbol

MULTICAST_TTL = 1  # this network and no other


class SmartLinkSender:
    """Sends from `__enter__` to `__exit__`, for `timeout_s` at most; a bad interface is left out.

    Raises NetworkError when no interface is left. `warnings` says in a sentence each what failed.
    """

    def __init__(
        self, symbols: Sequence[Symbol], interfaces: Sequence[Interface], *, timeout_s: float
    ) -> None:
        self._symbols = symbols
        self._interfaces = interfaces
        self._timeout_s = timeout_s
        self._sockets: dict[socket.socket, Interface] = {}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="v380-smartlink")
        self._failure: BaseException | None = None
        self.warnings: list[str] = []

    def __enter__(self) -> Self:
        for interface in self._interfaces:
            try:
                self._sockets[_open_socket(interface)] = interface
            except OSError as error:
                self.warnings.append(f"{interface.name}: {error.strerror}; it is left out")
        if not self._sockets:
            raise NetworkError("no interface can send SmartLink", hint="; ".join(self.warnings))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        self._thread.join()
        for sock in self._sockets:
            sock.close()
        if self._failure and error is None:
            raise self._failure

    def _run(self) -> None:
        deadline = time.monotonic() + self._timeout_s
        try:
            while self._sockets and not self._ending.is_set() and time.monotonic() < deadline:
                self._send_round()
        except BaseException as error:  # a bug: the owner raises it where it is seen
            self._failure = error

    def _send_round(self) -> None:
        for symbol in self._symbols:
            for sock in list(self._sockets):
                self._send(sock, symbol.address)
            if self._ending.wait(symbol.pause_s):
                return

    def _send(self, sock: socket.socket, address: str) -> None:
        try:
            for _ in range(REPEATS):
                sock.sendto(PAYLOAD, (address, PORT))
        except OSError as error:
            interface = self._sockets.pop(sock)
            sock.close()
            self.warnings.append(f"{interface.name}: {error.strerror}; it is left out from now on")


def _open_socket(interface: Interface) -> socket.socket:
    with contextlib.ExitStack() as stack:
        sock = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, MULTICAST_TTL)
        address = socket.inet_aton(interface.address)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, address)
        sock.bind((interface.address, 0))
        stack.pop_all()
    return sock
