"""A source made of nothing, for tests of servers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from v380cli.errors import V380Error
from v380cli.net.live_source import Wake

TIMEOUT_S = 60.0
TS_TYPE = "video/mp2t"
MP4_TYPE = 'video/mp4; codecs="avc1.42c01f"'
SDP = "v=0\r\nm=video 0 RTP/AVP 96\r\na=control:trackID=0\r\n"


class FakeFeed:
    """Gives what it was given; `None` is the end."""

    def __init__(self, pieces: list[bytes | None], wake: Wake, forget: Callable[[], None]) -> None:
        self._pieces = pieces
        self._forget = forget
        self.wake = wake

    def take(self) -> bytes | None:
        if self._pieces[:1] == [None]:
            return None
        return self._pieces.pop(0) if self._pieces else b""

    def close(self) -> None:
        self._forget()

    def add(self, *pieces: bytes | None) -> None:
        self._pieces += pieces
        self.wake()


class FakeSource:
    """A camera that shows whatever a test puts into `pieces`."""

    def __init__(self) -> None:
        self.has_started = True
        self.pieces: list[bytes | None] = [b"first ", b"second", None]
        self.feeds: list[FakeFeed] = []
        self.fps = 0.0
        self.picture: bytes | Exception = b"a jpeg"
        self.failure: V380Error | None = None
        self.refusal: V380Error | None = None
        self.orders: list[tuple[str, int]] = []  # and how many held it then
        self.holders = 0
        self.change = threading.Condition()

    @contextmanager
    def hold(self) -> Iterator[None]:
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def is_ready(self) -> bool:
        if self.failure:
            raise self.failure
        return self.has_started

    def watch_ts(self, wake: Wake) -> tuple[FakeFeed, str]:
        return self._open(wake), TS_TYPE

    def watch_mp4(self, wake: Wake) -> tuple[FakeFeed, str]:
        return self._open(wake), MP4_TYPE

    def watch_pictures(self, fps: float, wake: Wake) -> FakeFeed:
        self.fps = fps
        return self._open(wake)

    def describe_rtp(self) -> str:
        return SDP

    def watch_rtp(self, wake: Wake) -> FakeFeed:
        return self._open(wake)

    def take_snapshot(self) -> bytes:
        if isinstance(self.picture, Exception):
            raise self.picture
        return self.picture

    def control(self, order: str) -> None:
        if self.refusal:
            raise self.refusal
        self.orders.append((order, self.holders))

    def describe(self) -> dict[str, Any]:
        return {"name": "porch"}

    def wait_for_viewers(self, count: int) -> None:
        with self.change:
            assert self.change.wait_for(lambda: len(self.feeds) == count, TIMEOUT_S)

    def wait_for_holders(self, count: int) -> None:
        with self.change:
            assert self.change.wait_for(lambda: self.holders == count, TIMEOUT_S)

    def _count(self, step: int) -> None:
        with self.change:
            self.holders += step
            self.change.notify_all()

    def _open(self, wake: Wake) -> FakeFeed:
        feed = FakeFeed(list(self.pieces), wake, lambda: self._change(self.feeds.remove, feed))
        self._change(self.feeds.append, feed)
        return feed

    def _change(self, change: Callable[[FakeFeed], None], feed: FakeFeed) -> None:
        with self.change:
            change(feed)
            self.change.notify_all()
