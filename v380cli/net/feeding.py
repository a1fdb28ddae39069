"""Feeds on their way into an asyncio loop."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

from v380cli.net.live_source import Wake

# News of one moment, a packet for several viewers or a picture and its sound, cost one awakening.
GATHER_S = 0.005

T = TypeVar("T")


class Waker:
    """Brings news from plain threads into the running loop, those of one moment together."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._news: set[asyncio.Event] = set()

    def announce(self, event: asyncio.Event) -> None:
        """Have an event of the loop set soon; from any thread."""
        with self._lock:
            is_first = not self._news
            self._news.add(event)
        if is_first:
            with contextlib.suppress(RuntimeError):  # the server has ended, and its loop with it
                self._loop.call_soon_threadsafe(self._loop.call_later, GATHER_S, self._set_all)

    def _set_all(self) -> None:
        with self._lock:
            news, self._news = self._news, set()
        for event in news:
            event.set()


async def open_feed(watch: Callable[[Wake], T], wake: Wake, close: Callable[[T], None]) -> T:
    """Call `watch` in a thread; of a viewer who goes meanwhile the feed is closed."""
    opening = asyncio.ensure_future(asyncio.to_thread(watch, wake))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(lambda done: close(done.result()))
        raise
