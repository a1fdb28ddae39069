"""Records of a live stream and the media frames they carry (PROTOCOL.md, sections 2c and 11).

A record is a 12-byte header and its data. Nothing guards either, and bytes do get lost inside
cameras, so a record is believed only when what follows it is a plausible record again. One that is
not believed drops its frame whole, and the search for the next record begins a byte further on.
"""

import struct
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from v380cli.wire.commands import RecordMagic
from v380cli.wire.frame_ledger import FrameLedger

HEADER_BYTES = 12
MAX_FRAGMENT_BYTES = 20_000  # old cameras send 500; newer clients accept this much (section 11)
# A keyframe of an 8-megapixel camera at its best quality stays under 2 MB.
MAX_FRAME_BYTES = 4 << 20
MAX_UNFINISHED_BYTES = 2 * MAX_FRAME_BYTES  # over all types that are interleaved
MIN_FRAME_BYTES = 16  # the frame header
# How many records in a row must be plausible where the first of them is not an expected one.
LOOK_AHEAD = 3
# A record of unknown kind is believed before an expected one only: its first byte proves nothing.
STRICTLY = -1

FRAGMENT = int(RecordMagic.FRAGMENT)
KNOWN_MAGICS = frozenset(RecordMagic)
_HEADER = struct.Struct("<BBxHHH3x")
_FRAME_ID = struct.Struct("<i")
_NEED_DATA, _BROKEN = -1, -2


class Header(NamedTuple):
    """A record's header; the bytes at 2 and from 9 on are not understood (0 seen)."""

    magic: int
    frame_type: int
    total: int
    position: int  # of the fragment in its frame
    length: int

    @property
    def is_sized(self) -> bool:
        """Whether it can be a fragment's, by its numbers."""
        return self.position < self.total and 0 < self.length <= MAX_FRAGMENT_BYTES

    @property
    def is_bare(self) -> bool:
        return self.length == self.position == 0 and self.total <= 1


@dataclass(slots=True)
class StreamCounters:
    """What came and what was lost; `records` counts all but fragments, by their first byte."""

    bytes_received: int = 0
    fragments: int = 0
    frames: int = 0
    dropped_frames: int = 0
    skipped_bytes: int = 0
    records: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Unfinished:
    """A frame of which fragments are still to come."""

    total: int
    next_position: int = 0
    size: int = 0
    chunks: list[bytes] = field(default_factory=list)

    def expects(self, header: Header) -> bool:
        return header.total == self.total and header.position == self.next_position


class FragmentAssembler:
    """Bytes in, whole frames out, however the bytes are cut.

    Frames of different types interleave. Up to `lead_in_bytes` before the first record (the rest
    of a long 401 reply) are passed over without being counted as skipped.
    """

    def __init__(self, *, lead_in_bytes: int = 0) -> None:
        self.counters = StreamCounters()
        self._lead_in_bytes = lead_in_bytes
        self._rest = b""
        self._in_step = True
        self._at_end = False
        self._unfinished: dict[int, _Unfinished] = {}
        self._unfinished_bytes = 0
        self._given_up: dict[int, int] = {}  # by type: the last position seen of a lost frame
        self._frames: deque[bytes] = deque()
        self._ledger = FrameLedger()

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take bytes as they come; whole frames are then to be had from `next_frame`."""
        self.counters.bytes_received += len(data)
        self._take(self._rest + data)

    def receive_eof(self) -> None:
        """No more bytes will come: a last whole record is believed without a follower."""
        self._at_end = True
        self._take(self._rest)
        for frame_type in list(self._unfinished):
            self._give_up(frame_type, 0)
        self.counters.dropped_frames = self._ledger.dropped_frames

    def next_frame(self) -> bytes | None:
        """The next whole frame: a 16-byte frame header and its payload."""
        return self._frames.popleft() if self._frames else None

    def _take(self, data: bytes) -> None:
        """Accept records from the front; keep what cannot be decided yet."""
        start = 0
        while True:
            start = self._take_run(data, start)
            end = self._find_end(data, start)
            if end == _NEED_DATA:
                break
            if end == _BROKEN:
                start = self._search(data, start)
            else:
                self._in_step = True
                self._accept(data, start, end)
                start = end
        self._rest = data[start:]
        self.counters.dropped_frames = self._ledger.dropped_frames

    def _take_run(self, data: bytes, start: int) -> int:
        """The hot loop: take fragments while the next fragment of the same frame follows."""
        last_start = len(data) - HEADER_BYTES
        if start > last_start:
            return start
        unpack_from = _HEADER.unpack_from
        magic, frame_type, total, position, length = unpack_from(data, start)
        frame = self._unfinished.get(frame_type)
        if magic != FRAGMENT or frame is None or frame.total != total:
            return start
        if frame.next_position != position or not 0 < length <= MAX_FRAGMENT_BYTES:
            return start
        append, first_start, first_position = frame.chunks.append, start, position
        while (end := start + HEADER_BYTES + length) <= last_start:
            magic, next_type, next_total, next_position, length = unpack_from(data, end)
            if (
                next_position != position + 1
                or magic != FRAGMENT
                or next_type != frame_type
                or next_total != total
                or not 0 < length <= MAX_FRAGMENT_BYTES
                or next_position >= total
            ):
                break
            append(data[start + HEADER_BYTES : end])
            position, start = next_position, end
        count = position - first_position
        self.counters.fragments += count
        frame.next_position = position
        self._grow(frame, start - first_start - count * HEADER_BYTES)
        return start

    def _grow(self, frame: _Unfinished, size: int) -> None:
        frame.size += size
        self._unfinished_bytes += size

    # -- what to believe -----------------------------------------------------------------------

    def _find_end(self, data: bytes, start: int) -> int:
        """Where the record at `start` ends, if it may be believed; or _NEED_DATA or _BROKEN."""
        if len(data) - start < HEADER_BYTES:
            return _NEED_DATA
        header = _read_header(data, start)
        if not self._in_step and header.magic != FRAGMENT:
            return _BROKEN
        for size in _list_sizes(header):
            verdict = self._believe(data, start + size, header, _look_further(header, LOOK_AHEAD))
            if verdict is None:
                return _NEED_DATA
            if verdict:
                return start + size
        return _BROKEN

    def _believe(self, data: bytes, start: int, before: Header, depth: int) -> bool | None:
        """Whether a record may begin at `start`; None if that takes more data to tell."""
        if len(data) - start < HEADER_BYTES:
            return start <= len(data) if self._at_end else None
        header = _read_header(data, start)
        sizes = _list_sizes(header)
        if not sizes:
            return False
        if self._is_expected(header, before):
            return True
        if depth in (0, STRICTLY):
            return depth == 0 and header.magic in KNOWN_MAGICS
        verdict: bool | None = False
        for size in sizes:
            verdict = self._believe(data, start + size, header, _look_further(header, depth - 1))
            if verdict is not False:
                break
        return verdict

    def _is_expected(self, header: Header, before: Header) -> bool:
        """Whether a fragment begins a frame or goes on with one: chance hardly ever does either."""
        if header.magic != FRAGMENT:
            return False
        if header.position == 0:
            return True
        if before.magic == FRAGMENT and before.frame_type == header.frame_type:
            return (before.total, before.position + 1) == (header.total, header.position)
        frame = self._unfinished.get(header.frame_type)
        return frame is not None and frame.expects(header)

    def _is_torn(self, data: bytes, end: int, before: Header) -> bool:
        """Whether a fragment from the middle of nowhere follows: then bytes are missing here.

        They may be missing from this very record, whose length was filled up by another's bytes.
        """
        if len(data) - end < HEADER_BYTES:
            return False
        after = _read_header(data, end)
        return after.magic == FRAGMENT and not self._is_expected(after, before)

    def _search(self, data: bytes, start: int) -> int:
        """Step out of a record that is not believed, to the next byte that may begin one."""
        if self._in_step and data[start] == FRAGMENT:
            header = _read_header(data, start)
            self._give_up(header.frame_type, header.position)
        self._in_step = False
        found = data.find(FRAGMENT, start + 1)
        found = len(data) if found < 0 else found
        forgiven = min(found - start, self._lead_in_bytes)
        self._lead_in_bytes -= forgiven
        self.counters.skipped_bytes += found - start - forgiven
        return found

    # -- what to do with it --------------------------------------------------------------------

    def _accept(self, data: bytes, start: int, end: int) -> None:
        self._lead_in_bytes = 0
        header = _read_header(data, start)
        if header.magic != FRAGMENT:
            records = self.counters.records
            records[header.magic] = records.get(header.magic, 0) + 1
            return
        self.counters.fragments += 1
        if self._is_torn(data, end, header):
            self._give_up(header.frame_type, header.position)
        else:
            self._accept_fragment(header, data[start + HEADER_BYTES : end])

    def _accept_fragment(self, header: Header, chunk: bytes) -> None:
        frame_type = header.frame_type
        if header.position == 0:
            self._begin(header)
        frame = self._unfinished.get(frame_type)
        if frame is None or not frame.expects(header):
            self._give_up(frame_type, header.position)
            return
        frame.chunks.append(chunk)
        frame.next_position += 1
        self._grow(frame, len(chunk))
        if frame.size > MAX_FRAME_BYTES or self._unfinished_bytes > MAX_UNFINISHED_BYTES:
            self._give_up(frame_type, header.position)
        elif frame.next_position == frame.total:
            self._finish(frame_type)

    def _begin(self, header: Header) -> None:
        if header.frame_type in self._unfinished:
            self._give_up(header.frame_type, 0)
        self._given_up.pop(header.frame_type, None)
        self._unfinished[header.frame_type] = _Unfinished(header.total)

    def _finish(self, frame_type: int) -> None:
        frame = self._unfinished.pop(frame_type)
        self._unfinished_bytes -= frame.size
        if frame.size < MIN_FRAME_BYTES:
            self._ledger.note_broken(frame_type)
            return
        whole = b"".join(frame.chunks)
        self.counters.frames += 1
        self._ledger.note_whole(_FRAME_ID.unpack_from(whole)[0], frame_type)
        self._frames.append(whole)

    def _give_up(self, frame_type: int, position: int) -> None:
        """Drop the frame that this fragment belongs to, and count it once."""
        frame = self._unfinished.pop(frame_type, None)
        if frame is not None:
            self._unfinished_bytes -= frame.size
        already_counted = position > self._given_up.get(frame_type, position)
        if frame is not None or not already_counted:
            self._ledger.note_broken(frame_type)
        self._given_up[frame_type] = position


def encode_fragments(frame: bytes, frame_type: int, max_payload: int) -> bytes:
    """Cut a frame (16-byte header and payload) into records of at most `max_payload` bytes."""
    pieces = [frame[start : start + max_payload] for start in range(0, len(frame), max_payload)]
    return b"".join(
        _HEADER.pack(FRAGMENT, frame_type, len(pieces), position, len(piece)) + piece
        for position, piece in enumerate(pieces)
    )


def _read_header(data: bytes, start: int) -> Header:
    return Header._make(_HEADER.unpack_from(data, start))


def _look_further(header: Header, depth: int) -> int:
    return depth if header.magic in KNOWN_MAGICS else STRICTLY


def _list_sizes(header: Header) -> tuple[int, ...]:
    """How long the record may be, the likelier first; empty if this is no record's header."""
    sized = (HEADER_BYTES + header.length,) if header.is_sized else ()
    match header.magic:
        case RecordMagic.FRAGMENT | RecordMagic.IGNORED_FRAGMENT:
            return sized
        case RecordMagic.KEEP_ALIVE:
            return (HEADER_BYTES,)
        case RecordMagic.PARAMETERS:  # there may be more behind them, as on playback
            return (HEADER_BYTES, *sized)
    # what nobody has named yet: with data behind it, or all zero where a fragment has its numbers
    return sized or ((HEADER_BYTES,) if header.is_bare else ())
