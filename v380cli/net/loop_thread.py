"""An asyncio loop in a thread of its own, for a server among plain threads."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from v380cli.net.gate import MAX_CONNECTIONS, silence_asyncio


class LoopThread:
    """Runs `serve` inside a `with`; the event that it is given says when to end."""

    def __init__(self, serve: Callable[[asyncio.Event], Awaitable[None]], name: str) -> None:
        self._serve = serve
        self._is_stopping = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for the end, which `serve` is to come to soon."""
        self._loop.call_soon_threadsafe(self._is_stopping.set)
        self._thread.join()

    def _run(self) -> None:
        silence_asyncio(self._loop)
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._run_serve())

    async def _run_serve(self) -> None:
        # One for each connection: whoever waits for a camera that is away keeps none from another.
        self._loop.set_default_executor(ThreadPoolExecutor(MAX_CONNECTIONS))
        await self._serve(self._is_stopping)
