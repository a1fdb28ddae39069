"""A whole frame's records in one go: the usual case, three times as fast as one by one."""

import struct
from functools import lru_cache
from typing import NamedTuple

from v380cli.wire.fragment_record import (
    FRAGMENT,
    MAX_FRAGMENT_BYTES,
    MAX_FRAME_BYTES,
    RECORD_HEADER,
    RECORD_HEADER_BYTES,
)
from v380cli.wire.live import FRAME_HEADER

MAX_FRAGMENTS = 512  # a keyframe of 250 kB in fragments of 500 bytes
# Frames have as many sizes as there are numbers of fragments; a form is up to 100 kB.
REMEMBERED_FORMS = 256
_PLACE = struct.Struct("<BBHHH")  # of RECORD_HEADER: magic, type, total, index, length
LENGTH_BYTES = 2


class WholeFrame(NamedTuple):
    """A frame's header and payload; its records end at `stop`."""

    stop: int
    header: bytes
    payload: bytes


class Outline(NamedTuple):
    """A frame as its first record at `pos` tells it: all fragments but the last are of one size.

    Its records end at `limit` or before.
    """

    pos: int
    kind: int
    total: int
    length: int
    limit: int

    def is_coming(self, data: bytearray) -> bool:
        """Whether the beginning of another frame behind it is not here yet, and all fits so far.

        The last header that is here stands where it must only if the bytes between are its own.
        """
        pos, kind, total, length, limit = self
        if len(data) >= limit + RECORD_HEADER_BYTES:
            return False
        size = RECORD_HEADER_BYTES + length
        index = min(total - 1, (len(data) - pos - RECORD_HEADER_BYTES) // size)
        pos += index * size
        *place, length = RECORD_HEADER.unpack_from(data, pos)
        if place != [FRAGMENT, kind, total, index] or not 0 < length <= MAX_FRAGMENT_BYTES:
            return False
        return index < total - 1 or pos + length + 2 * RECORD_HEADER_BYTES > len(data)

    def read(self, data: bytearray) -> WholeFrame | None:
        """The frame, whose records stand in `data`; None if they are odd or not all here."""
        pos, kind, total, length, _ = self
        form = _make_form(kind, total, length)
        if pos + form.places.size > len(data):
            return None
        places = b"".join(form.places.unpack_from(data, pos))
        last_length = int.from_bytes(places[-LENGTH_BYTES:], "little")
        stop = pos + form.last + RECORD_HEADER_BYTES + last_length
        if not places.startswith(form.expected) or stop > len(data):
            return None
        if not 0 < last_length <= MAX_FRAGMENT_BYTES:
            return None
        header, *parts = form.parts.unpack_from(data, pos)
        parts.append(data[pos + form.parts.size : stop])
        return WholeFrame(stop, header, b"".join(parts))


def find_outline(data: bytearray, pos: int) -> Outline | None:
    """The frame that begins at `pos`; None for everything else, and for one of unusual size."""
    if pos + RECORD_HEADER_BYTES > len(data):
        return None
    magic, kind, total, index, length = RECORD_HEADER.unpack_from(data, pos)
    if magic != FRAGMENT or index or not 0 < total <= MAX_FRAGMENTS:
        return None
    if not FRAME_HEADER.size <= length <= MAX_FRAGMENT_BYTES:
        return None
    size = total * (RECORD_HEADER_BYTES + length)
    return Outline(pos, kind, total, length, pos + size) if size <= MAX_FRAME_BYTES else None


class _Form:
    """So many fragments of one size in a row, and the header of a last one."""

    def __init__(self, kind: int, total: int, length: int) -> None:
        self.last = (total - 1) * (RECORD_HEADER_BYTES + length)
        # The known bytes of each header, compared as one string: numbers take twice as long.
        self.places = struct.Struct("<" + f"2sx6s3x{length}x" * (total - 1) + "2sx6s")
        places = [_PLACE.pack(FRAGMENT, kind, total, index, length) for index in range(total)]
        self.expected = b"".join(places)[:-LENGTH_BYTES]  # the last one may be shorter
        head, pad = f"{FRAME_HEADER.size}s", f"{RECORD_HEADER_BYTES}x"
        first = f"{length - FRAME_HEADER.size}s{pad}" if total > 1 else ""
        self.parts = struct.Struct(f"<{pad}{head}{first}" + f"{length}s{pad}" * (total - 2))


@lru_cache(REMEMBERED_FORMS)
def _make_form(kind: int, total: int, length: int) -> _Form:
    return _Form(kind, total, length)
