"""A whole frame's records in one go: the usual case, three times as fast as one by one."""

import struct
from functools import lru_cache
from typing import Any, NamedTuple

from v380cli.wire.fragment_record import (
    FRAGMENT,
    MAX_FRAGMENT_BYTES,
    RECORD_HEADER,
    RECORD_HEADER_BYTES,
)

MAX_FRAGMENTS = 512  # a keyframe of 250 kB in fragments of 500 bytes
# Frames have as many sizes as there are numbers of fragments; a form is up to 100 kB.
REMEMBERED_FORMS = 128


class WholeFrame(NamedTuple):
    """A frame, in so many fragments of one type; its records end at `stop`."""

    kind: int
    total: int
    stop: int
    data: bytes


def read_whole_frame(data: bytes, pos: int) -> WholeFrame | None:
    """The frame whose records stand at `pos`, with the beginning of another frame behind them.

    All fragments but the last are of one size. None for everything else, be it odd or too little.
    """
    if pos + RECORD_HEADER_BYTES > len(data):
        return None
    magic, kind, total, index, length = RECORD_HEADER.unpack_from(data, pos)
    if magic != FRAGMENT or index or not total or total > MAX_FRAGMENTS:
        return None
    if not 0 < length <= MAX_FRAGMENT_BYTES:
        return None
    last = pos + (total - 1) * (RECORD_HEADER_BYTES + length)
    stop = _find_end(data, last, kind, total)
    if not stop:
        return None
    form = _make_form(total - 1, length)
    fields = form.struct.unpack_from(data, pos)
    if not form.fits(fields, kind):
        return None
    tail = data[last + RECORD_HEADER_BYTES : stop]
    return WholeFrame(kind, total, stop, b"".join((*fields[3::4], tail)))


def _find_end(data: bytes, last: int, kind: int, total: int) -> int:
    """The end of a frame whose last fragment is at `last`; 0 if no other frame begins there."""
    if last + RECORD_HEADER_BYTES > len(data):
        return 0
    *place, length = RECORD_HEADER.unpack_from(data, last)
    stop = last + RECORD_HEADER_BYTES + length
    if place != [FRAGMENT, kind, total, total - 1] or not 0 < length <= MAX_FRAGMENT_BYTES:
        return 0
    if stop + RECORD_HEADER_BYTES > len(data):
        return 0
    magic, _, next_total, index, next_length = RECORD_HEADER.unpack_from(data, stop)
    begins = magic == FRAGMENT and index == 0 < next_total
    return stop if begins and 0 < next_length <= MAX_FRAGMENT_BYTES else 0


class _Form:
    """So many fragments of one size in a row: a frame but for its last one."""

    def __init__(self, count: int, length: int) -> None:
        # Magic and type as one number, and total and index: there is less to compare.
        self.struct = struct.Struct("<" + f"HxIH3x{length}s" * count)
        self._count = count
        self._places = tuple((count + 1) | index << 16 for index in range(count))
        self._lengths = (length,) * count

    def fits(self, fields: tuple[Any, ...], kind: int) -> bool:
        """Whether these are the fields of such fragments, of that type."""
        return (
            fields[1::4] == self._places
            and fields[2::4] == self._lengths
            and fields[0::4].count(FRAGMENT | kind << 8) == self._count
        )


@lru_cache(REMEMBERED_FORMS)
def _make_form(count: int, length: int) -> _Form:
    return _Form(count, length)
