"""Pieces of a live stream that are sent whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from v380cli.media.sink import Packet

# The longest keyframe interval that cameras offer is 10 s; a group beyond this begins nothing.
MAX_GROUP_BYTES = 4 << 20
MAX_GROUP_ITEMS = 768

T = TypeVar("T")


class LiveFormat(StrEnum):
    """How a live stream is told to its viewers; RAW is for those inside this process."""

    TS = "ts"
    MP4 = "mp4"
    RTP = "rtp"
    RAW = "raw"

    @property
    def outlives_change(self) -> bool:
        """Whether a stream can go on after a change of codec or size."""
        return self is LiveFormat.TS


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes that belong together, and how many pictures begin in them.

    A viewer can begin with one that `is_start`, and gets its `head` before it.
    """

    data: bytes
    is_start: bool = False
    pictures: int = 0
    head: bytes = b""


class ChunkMuxer(Protocol):
    """Makes chunks of packets; each may raise MediaError."""

    def write(self, packet: Packet) -> list[Chunk]:
        """Return what is ready now."""
        ...

    def finish(self) -> list[Chunk]:
        """Return what was held back; nothing can be written any more."""
        ...


class Collector:
    """What FFmpeg writes to, and where it is taken from."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """What came since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


class KeyframeGroup(Generic[T]):
    """What came since the last point where a viewer can begin; nothing if that is too much."""

    def __init__(self) -> None:
        self._items: list[T] = []
        self._size_bytes = 0

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def add(self, item: T, size_bytes: int, *, is_start: bool) -> None:
        if is_start:
            self.clear()
        if is_start or self._items:
            self._items.append(item)
            self._size_bytes += size_bytes
        if self._size_bytes > MAX_GROUP_BYTES or len(self._items) > MAX_GROUP_ITEMS:
            self.clear()

    def clear(self) -> None:
        self._items, self._size_bytes = [], 0
