"""Takes what strangers post over HTTP, one request a connection: as tolerant as bounds allow.

Cameras are not browsers. Theirs may lack a length, and must not be refused for it.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from v380cli.net.gate import Gate
from v380cli.net.listener import open_listener
from v380cli.net.loop_thread import LoopThread

HEAD_MAX_BYTES = 16 << 10
BODY_MAX_BYTES = 2 << 20  # a large picture, as text
MAX_HELD_BYTES = 4 * BODY_MAX_BYTES  # of all bodies on their way; the largest makes room
PIECE_BYTES = 1 << 14
SILENCE_S = 1.0  # what comes without a length is over after so much of it

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A request; the names of headers are in lower case. `host` and `port` are where it came to."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    host: str
    port: int


Answer = Callable[[Post], bytes]  # JSON; empty for a path that is not known


class TooLarge(ValueError):
    """More than anybody has to say."""


class PostReceiver:
    """Listens inside a `with`; `answer` is called by its thread, and must be quick."""

    def __init__(self, places: Sequence[tuple[str, int]], answer: Answer) -> None:
        """Open the ports; NetworkError if that is not possible."""
        self._answer = answer
        with contextlib.ExitStack() as opened:
            self._sockets = [
                opened.enter_context(contextlib.closing(open_listener(*place))) for place in places
            ]
            opened.pop_all()
        self.ports: list[int] = [sock.getsockname()[1] for sock in self._sockets]
        self._bodies: dict[asyncio.Task[Any] | None, bytearray] = {}  # by who reads them
        self._thread = LoopThread(self._serve, "v380-posts")

    def __enter__(self) -> Self:
        self._thread.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.__exit__()

    async def _serve(self, is_stopping: asyncio.Event) -> None:
        with contextlib.ExitStack() as stack:
            for sock in self._sockets:
                stack.enter_context(contextlib.closing(Gate(sock, self._make_protocol)))
            await is_stopping.wait()

    def _make_protocol(self) -> asyncio.StreamReaderProtocol:
        reader = asyncio.StreamReader(limit=HEAD_MAX_BYTES)
        return asyncio.StreamReaderProtocol(reader, self._converse)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(self._make_reply(await self._read_post(reader, writer)))
            await writer.drain()
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            log.debug("a request that cannot be read: %s", type(error).__name__)
        finally:
            writer.close()

    async def _read_post(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Post:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request, *lines = head.split("\r\n")
        path = request.partition(" ")[2].partition(" ")[0].partition("?")[0]
        pairs = (line.partition(":") for line in lines if ":" in line)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        if headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await self._read_body(reader, headers)
        host, port = writer.get_extra_info("sockname")[:2]
        return Post(path=path, headers=headers, body=body, host=host, port=port)

    async def _read_body(self, reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
        body, task = bytearray(), asyncio.current_task()
        self._bodies[task] = body
        try:
            async for piece in _read_pieces(reader, headers):
                _check_size(len(body) + len(piece))
                body += piece
                self._make_room()
        finally:
            self._bodies.pop(task, None)
        return bytes(body)

    def _make_room(self) -> None:
        while sum(map(len, self._bodies.values())) > MAX_HELD_BYTES:
            task = max(self._bodies, key=lambda task: len(self._bodies[task]))
            del self._bodies[task]
            assert task
            task.cancel()

    def _make_reply(self, post: Post) -> bytes:
        try:
            body = self._answer(post)
        except Exception as error:
            log.error("%s", type(error).__name__, exc_info=error)
            body = b""
        status = "200 OK" if body else "404 Not Found"
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + body


async def _read_pieces(
    reader: asyncio.StreamReader, headers: Mapping[str, str]
) -> AsyncIterator[bytes]:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        while size := _check_size(int((await reader.readline()).split(b";")[0], 16)):
            async for piece in _read_exactly(reader, size):
                yield piece
            await reader.readline()
    elif length := headers.get("content-length"):
        async for piece in _read_exactly(reader, _check_size(int(length))):
            yield piece
    else:
        with contextlib.suppress(TimeoutError):
            while piece := await asyncio.wait_for(reader.read(PIECE_BYTES), SILENCE_S):
                yield piece


async def _read_exactly(reader: asyncio.StreamReader, size: int) -> AsyncIterator[bytes]:
    while size:
        piece = await reader.read(min(size, PIECE_BYTES))
        if not piece:
            raise EOFError
        size -= len(piece)
        yield piece


def _check_size(size: int) -> int:
    if not 0 <= size <= BODY_MAX_BYTES:
        raise TooLarge
    return size
