"""Who may connect to a server of ours at all: so many, so many from one address, and not for long.

Strangers connect before they are asked for a token or a password. Where there is no room, the
oldest of them is closed for who comes, so that files, memory and the link to the camera are out of
their reach.
"""

import asyncio
import ipaddress
import logging
import resource
import socket
from collections.abc import Callable
from typing import Any
from weakref import WeakSet, WeakValueDictionary

MAX_CONNECTIONS = 128  # four for each viewer
# Of the files that this process may open; the rest is for the camera and its recordings.
SHARE_OF_FILES = 4
SHARE_OF_ADDRESS = 2  # all viewers come from one address where a proxy stands before us
INTRODUCTION_S = 10.0  # time to show the token or the password
EXHAUSTED_PAUSE_S = 1.0

log = logging.getLogger(__name__)


class Gate:
    """Takes connections from a listening socket and hands them to a server, within bounds."""

    def __init__(
        self, sock: socket.socket, make_protocol: Callable[[], asyncio.BaseProtocol]
    ) -> None:
        self._sock = sock
        self._make_protocol = make_protocol
        self._max = min(MAX_CONNECTIONS, _read_file_limit() // SHARE_OF_FILES)
        self._open: dict[socket.socket, str] = {}  # the oldest first
        self._transports: WeakValueDictionary[socket.socket, asyncio.Transport] = (
            WeakValueDictionary()
        )
        self._trusted: WeakSet[asyncio.BaseTransport] = WeakSet()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        sock.setblocking(False)
        self._loop.add_reader(sock, self._accept)

    def trust(self, transport: asyncio.BaseTransport | None) -> None:
        """Let a connection stay: it has shown that it may."""
        if transport:
            self._trusted.add(transport)

    def close(self) -> None:
        """Take no more; those who are in stay."""
        self._loop.remove_reader(self._sock)
        self._sock.close()

    def _accept(self) -> None:
        try:
            connection, address = self._sock.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError as error:  # no file or no memory is left: others will free some
            log.debug("no connection can be taken: %s", error)
            self._loop.remove_reader(self._sock)
            self._loop.call_later(EXHAUSTED_PAUSE_S, self._resume)
            return
        origin = find_origin(address[0])
        if not self._make_room(origin):
            connection.close()
            return
        self._open[connection] = origin
        task = self._loop.create_task(self._hand_over(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _resume(self) -> None:
        if self._sock.fileno() >= 0:
            self._loop.add_reader(self._sock, self._accept)

    def _make_room(self, origin: str) -> bool:
        """Whether there is room, perhaps in place of a stranger."""
        self._open = {sock: whose for sock, whose in self._open.items() if sock.fileno() >= 0}
        from_there = [sock for sock, whose in self._open.items() if whose == origin]
        if len(from_there) >= self._max // SHARE_OF_ADDRESS:
            return self._close_stranger(from_there)
        return len(self._open) < self._max or self._close_stranger([*self._open])

    def _close_stranger(self, connections: list[socket.socket]) -> bool:
        for connection in connections:
            transport = self._transports.get(connection)
            if transport and transport not in self._trusted:
                del self._open[connection]
                transport.abort()
                return True
        return False

    async def _hand_over(self, connection: socket.socket) -> None:
        try:
            connection.setblocking(False)
            transport, _ = await self._loop.connect_accepted_socket(self._make_protocol, connection)
        except OSError as error:
            log.debug("a connection was lost at once: %s", error)
            connection.close()
            return
        self._transports[connection] = transport
        self._loop.call_later(INTRODUCTION_S, self._dismiss, transport)

    def _dismiss(self, transport: asyncio.Transport) -> None:
        """Close the connection of somebody who has not shown in time that it may."""
        if transport not in self._trusted:
            transport.abort()


def silence_asyncio(loop: asyncio.AbstractEventLoop) -> None:
    """Keep off stderr what strangers can cause as often as they like."""
    logging.getLogger("asyncio").disabled = True
    loop.set_exception_handler(_note_failure)


def find_origin(address: str) -> str:
    """What counts as one address: of IPv6 a home has 2^64 of them."""
    host = ipaddress.ip_address(address.partition("%")[0])
    return address if host.version == 4 else str(ipaddress.ip_network((int(host) >> 64 << 64, 64)))


def _note_failure(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    log.debug("%s: %s", context.get("message"), type(context.get("exception")).__name__)


def _read_file_limit() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft if soft != resource.RLIM_INFINITY else MAX_CONNECTIONS * SHARE_OF_FILES
