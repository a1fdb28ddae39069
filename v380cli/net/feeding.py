"""A feed on its way into an asyncio loop."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from v380cli.net.live_source import Wake

T = TypeVar("T")


async def open_feed(
    watch: Callable[[Wake], T], is_news: asyncio.Event, close: Callable[[T], None]
) -> T:
    """Call `watch` in a thread; of a viewer who goes meanwhile the feed is closed.

    `is_news` is set when there is something to take.
    """
    loop = asyncio.get_running_loop()

    def wake() -> None:
        loop.call_soon_threadsafe(is_news.set)

    opening = asyncio.ensure_future(asyncio.to_thread(watch, wake))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(lambda done: close(done.result()))
        raise
