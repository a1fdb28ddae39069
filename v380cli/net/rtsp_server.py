"""An RTSP server for players, recorders and home automation."""

import asyncio
import logging
import secrets
from contextlib import closing
from functools import partial
from typing import Self

from v380cli.net.feeding import Waker
from v380cli.net.gate import Gate
from v380cli.net.listener import open_listener
from v380cli.net.loop_thread import LoopThread
from v380cli.net.rtsp_player import READ_BYTES, FindSource, RtspPlayer
from v380cli.wire.rtsp.connection import ServerConnection
from v380cli.wire.rtsp.digest import Credentials, Guard

NONCE_BYTES = SESSION_BYTES = 16

log = logging.getLogger(__name__)


class RtspServer:
    """Serves the streams that `find_source` knows, from a thread of its own, inside a `with`.

    Without credentials everybody is let in.
    """

    def __init__(
        self, find_source: FindSource, host: str, port: int, credentials: Credentials | None = None
    ) -> None:
        """Open the port; NetworkError if that is not possible."""
        self._find_source = find_source
        self._credentials = credentials
        self._sock = open_listener(host, port)
        self.port: int = self._sock.getsockname()[1]
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = LoopThread(self._serve, "v380-rtsp")

    def __enter__(self) -> Self:
        self._thread.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections of those who are still there."""
        self._thread.__exit__()

    async def _serve(self, is_stopping: asyncio.Event) -> None:
        self._waker = Waker()
        with closing(Gate(self._sock, self._make_protocol)) as self._gate:
            await is_stopping.wait()
        players = [*self._tasks]
        for player in players:
            player.cancel()
        await asyncio.gather(*players, return_exceptions=True)
        await asyncio.sleep(0)  # so that their sockets are closed

    def _make_protocol(self) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(READ_BYTES), self._accept)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve_player(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve_player(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            await self._make_player(reader, writer).run()
        except Exception as error:  # its traceback could hold an address
            log.error("RTSP: %s", type(error).__name__)

    def _make_player(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> RtspPlayer:
        peer = writer.get_extra_info("peername", ("", 0))[0]
        guard = None
        if self._credentials:
            guard = Guard(self._credentials, partial(secrets.token_hex, NONCE_BYTES))
        connection = ServerConnection(peer, secrets.token_hex(SESSION_BYTES), guard)
        return RtspPlayer(
            reader, writer, connection, self._find_source, self._waker, self._gate.trust
        )
