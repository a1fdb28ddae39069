"""A feed of RTP on its way to one player, without an awakening between the two."""

import asyncio
import threading
from collections.abc import Callable

from v380cli.net.feeding import Waker, open_feed
from v380cli.net.live_source import Feed, Wake
from v380cli.net.rtp_sender import RtpSender

TAKEN_BYTES = 64 << 10


class RtpPump:
    """Sends what a feed gives: the giver's thread does, while everything goes out at once.

    The giver never waits: what finds no room it leaves to the loop, which sends until nothing is
    left. One of the two sends at a time.
    """

    def __init__(self, sender: RtpSender, waker: Waker) -> None:
        self._sender = sender
        self._waker = waker
        self._feed: Feed | None = None
        self._news = asyncio.Event()
        self._lock = threading.Lock()
        self._giver_sends = False
        self._rest = b""  # of what the giver sent

    async def open(self, watch: Callable[[Wake], Feed]) -> bytes | None:
        """Open the feed and return its beginning, to be given to `run`."""
        self._feed = await open_feed(watch, self._wake, _close_feed)
        return take_some(self._feed)

    async def run(self, first: bytes | None) -> None:
        """Send to the feed's end; OSError or TimeoutError when the player takes nothing more."""
        data = first and self._sender.choose(first)
        while data is not None:
            if self._giver_sends:
                await self._news.wait()
                self._news.clear()
            await self._sender.send(data)
            data = self._take()  # at once, while nothing is on its way

    def take_over(self) -> bytes:
        """Have the loop send from now on; return what must go first on the player's connection."""
        with self._lock:
            self._giver_sends = False
            rest, self._rest = self._rest, b""
        self._news.set()
        return rest

    def close(self) -> None:
        """Send nothing more; `run` has ended."""
        with self._lock:
            self._giver_sends = False
        if self._feed:
            self._feed.close()
        self._sender.close()

    def _take(self) -> bytes | None:
        """What the loop is to send next; if that is nothing, the giver's turn begins."""
        assert self._feed
        with self._lock:
            if rest := self._rest:
                self._rest = b""
                return rest
            frames = take_some(self._feed)
            self._giver_sends = frames == b""
            return frames and self._sender.choose(frames)

    def _wake(self) -> None:
        """The feed has something; called by the thread that gives."""
        with self._lock:
            if self._giver_sends:
                self._giver_sends = self._send_now()
            if self._giver_sends:
                return
        self._waker.announce(self._news)

    def _send_now(self) -> bool:
        """Send everything there is; false if something is left to do."""
        assert self._feed
        while data := self._feed.take():
            self._rest = self._sender.send_now(self._sender.choose(data))
            if self._rest:
                return False
        return data is not None


def take_some(feed: Feed) -> bytes | None:
    """What there is, up to a bound; none if nothing is there yet, None after the last."""
    pieces: list[bytes] = []
    size = 0
    while size < TAKEN_BYTES and (piece := feed.take()):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces) if pieces else piece


def _close_feed(feed: Feed) -> None:
    feed.close()
