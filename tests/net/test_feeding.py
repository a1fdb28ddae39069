"""News for an asyncio loop: from threads that may outlive it."""

import asyncio

from v380cli.net.feeding import Waker


def test_who_gives_does_not_notice_that_the_loop_is_over() -> None:
    async def make() -> tuple[Waker, asyncio.Event]:
        return Waker(), asyncio.Event()

    waker, news = asyncio.run(make())
    waker.announce(news)
