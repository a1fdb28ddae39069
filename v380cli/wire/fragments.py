"""Records of the live stream, and the frames that they carry (PROTOCOL.md, sections 2c and 11).

The stream has no checksums, and a record says no more than where it ends. So a record is believed
when another one stands there: bytes that got lost or came in between do not end up in a frame.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from v380cli.wire.commands import RecordMagic
from v380cli.wire.fragment_record import (
    FRAGMENT,
    MAX_FRAGMENT_BYTES,
    MAX_FRAME_BYTES,
    RECORD_HEADER,
    RECORD_HEADER_BYTES,
)
from v380cli.wire.frame_ledger import FrameLedger
from v380cli.wire.frame_queue import FrameQueue
from v380cli.wire.live import FRAME_HEADER, MediaFrame
from v380cli.wire.stream_counters import StreamCounters
from v380cli.wire.whole_frames import Outline, WholeFrame, find_outline

NUMBER_BYTES = 4  # of a message

_KNOWN_MAGICS = frozenset(RecordMagic)
_BARE_MAGICS = frozenset({RecordMagic.KEEP_ALIVE, RecordMagic.PARAMETERS})  # nothing to check
# A message that comes between records has a number like any other and says nothing of its size:
# 32 bytes is that of the one which was seen, 16 that of what is sent the other way (section 5a).
MESSAGE_NUMBERS = range(100, 10_000)
MESSAGE_SIZES = (32, 16)
_MORE = -1  # where a size is asked for: too little has come to tell


@dataclass(slots=True)
class _Partial:
    """A frame in the making; `index` is that of the next fragment."""

    total: int
    index: int = 0
    wire_bytes: int = 0
    parts: list[bytearray] = field(default_factory=list)


class FragmentAssembler:
    """Makes frames from the bytes of a live stream; a frame is whole or it is not handed out.

    Fragments of different types may interleave, and messages may stand between records. A frame
    waits for the record or message that follows it, for `believe_end` or for `flush`. The first
    `lead_in_bytes` may be no records without counting as skipped. Memory: `MAX_FRAME_BYTES`, two
    records, and the frames that `next_frame` has not taken.
    """

    def __init__(self, *, lead_in_bytes: int = 0) -> None:
        self.counters = StreamCounters()
        self._lead_in_bytes = lead_in_bytes
        self._data = bytearray()
        self._pos = 0  # of the first record that is not believed yet
        self._is_in_step = True  # whether a record may be expected at `_pos`
        self._is_at_end = False
        self._partials: dict[int, _Partial] = {}  # by type
        self._lost: dict[int, tuple[int, int]] = {}  # by type: total and last index seen of a loss
        self._ledger = FrameLedger()
        self._queue = FrameQueue(self.counters, self._ledger)

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes, which are copied."""
        self.counters.bytes_received += len(data)
        del self._data[: self._pos]
        self._data += data
        self._pos = 0
        self._read_records()

    def flush(self) -> None:
        """Nothing more will come: believe a last record that ends where the stream does."""
        self._is_at_end = True
        self._read_records()
        self._lose_record()
        self.settle()

    def settle(self) -> None:
        """Count what ids tell, although nothing will bear out the last one."""
        self._ledger.settle()
        self.counters.dropped_frames = self._ledger.dropped_frames

    def believe_end(self) -> None:
        """Believe a last record that makes a frame whole and ends where the bytes so far do."""
        if not self._is_in_step or self._pos + RECORD_HEADER_BYTES > len(self._data):
            return
        if (outline := self._find_outline()) and self._read_last_frame(outline):
            return
        magic, kind, total, index, length = RECORD_HEADER.unpack_from(self._data, self._pos)
        stop = self._pos + RECORD_HEADER_BYTES + length
        if magic != FRAGMENT or index + 1 != total or not length or stop != len(self._data):
            return
        partial = self._partials.get(kind)
        if (partial.total, partial.index) == (total, index) if partial else index == 0:
            self._believe(stop)
            self.counters.dropped_frames = self._ledger.dropped_frames

    def next_frame(self) -> MediaFrame | None:
        """The next frame; None until more bytes come."""
        return self._queue.pop()

    def take_frames(self) -> Iterable[MediaFrame]:
        """All frames that `next_frame` would give."""
        return self._queue.pop_all()

    def _read_records(self) -> None:
        while not self._read_frames() and self._read_record():
            pass
        self.counters.dropped_frames = self._ledger.dropped_frames

    def _read_frames(self) -> bool:
        """Take the whole frames at `_pos` that can be read in one go, as their records would be.

        True if behind them is the beginning of another one, which waits for the rest of it.
        """
        outline = self._find_outline()
        while outline and not outline.is_coming(self._data):
            frame = outline.read(self._data)
            follower = find_outline(self._data, frame.stop) if frame else None
            if not frame or not follower:
                return False
            self._take(outline, frame)
            outline = follower
        return outline is not None and not self._is_at_end

    def _read_last_frame(self, outline: Outline) -> bool:
        frame = outline.read(self._data)
        if not frame or frame.stop != len(self._data):
            return False
        self._take(outline, frame)
        self.counters.dropped_frames = self._ledger.dropped_frames
        return True

    def _find_outline(self) -> Outline | None:
        """That of a frame at `_pos`, where no other one is in the making."""
        if not self._is_in_step or self._partials:
            return None
        return find_outline(self._data, self._pos)

    def _take(self, outline: Outline, frame: WholeFrame) -> None:
        self._pos, self._lead_in_bytes = frame.stop, 0
        self._lost.pop(outline.kind, None)
        self.counters.fragments += outline.total
        self._queue.add(outline.kind, frame.header, frame.payload)

    def _read_record(self) -> bool:
        """Believe or skip what stands at `_pos`; False when that takes more bytes."""
        if self._pos + RECORD_HEADER_BYTES > len(self._data):
            return False
        size = self._measure(self._pos)
        stop = self._pos + size
        next_size = self._measure(stop) if size > 0 else size
        if next_size == _MORE and not self._is_at_end:
            return False
        if next_size > 0:
            self._believe(stop)
            return True
        return self._skip()

    # What stands where ----------------------------------------------------------------------

    def _measure(self, pos: int) -> int:
        """The size of the record at `pos`: 0 when there is none, `_MORE` when it cannot be told."""
        if pos + RECORD_HEADER_BYTES > len(self._data):
            return RECORD_HEADER_BYTES if self._is_end(pos) else _MORE
        magic, _, total, index, length = RECORD_HEADER.unpack_from(self._data, pos)
        is_plausible = index < total and length <= MAX_FRAGMENT_BYTES
        if magic == FRAGMENT:
            return RECORD_HEADER_BYTES + length if is_plausible and length else 0
        if pos == self._pos and not self._is_in_step:
            return 0  # the others say too little of themselves to find the step again
        match magic:
            case RecordMagic.IGNORED_FRAGMENT:
                return RECORD_HEADER_BYTES + length if is_plausible and length else 0
            case RecordMagic.KEEP_ALIVE:
                return self._choose_size(pos, (RECORD_HEADER_BYTES,), _KNOWN_MAGICS)
            case RecordMagic.PARAMETERS:  # some firmware may send them behind the header
                data_sizes = (0, length) if length <= MAX_FRAGMENT_BYTES else (0,)
                with_data = [RECORD_HEADER_BYTES + size for size in data_sizes]
                return self._choose_size(pos, with_data, {FRAGMENT})
        if self._is_message(pos):
            return self._choose_size(pos, MESSAGE_SIZES, _KNOWN_MAGICS, or_message=True)
        sizes = (RECORD_HEADER_BYTES + length,) if is_plausible else ()
        return self._choose_size(pos, sizes, {FRAGMENT})

    def _choose_size(
        self, pos: int, sizes: Iterable[int], followers: Set[int], *, or_message: bool = False
    ) -> int:
        """The first size after which one of the followers may begin."""
        for size in sizes:
            stop = pos + size
            if self._is_end(stop):
                return size
            if stop + RECORD_HEADER_BYTES > len(self._data):
                if self._is_at_end:
                    continue
                return _MORE
            magic, _, total, index, length = RECORD_HEADER.unpack_from(self._data, stop)
            is_plausible = index < total and 0 < length <= MAX_FRAGMENT_BYTES
            if magic in followers and (is_plausible or magic in _BARE_MAGICS):
                return size
            if or_message and self._is_message(stop):
                return size
        return 0

    def _is_message(self, pos: int) -> bool:
        """Whether a message may stand here; a first byte that is a record's makes it none."""
        number = int.from_bytes(self._data[pos : pos + NUMBER_BYTES], "little")
        return number in MESSAGE_NUMBERS and self._data[pos] not in _KNOWN_MAGICS

    def _is_end(self, pos: int) -> bool:
        """Whether the stream ended at `pos`, or inside a header that begins there."""
        if not self._is_at_end or pos > len(self._data):
            return False
        rest = self._data[pos:]
        return not rest or (len(rest) < RECORD_HEADER_BYTES and rest[0] in _KNOWN_MAGICS)

    def _is_torn(self, kind: int, total: int, index: int, stop: int) -> bool:
        """Whether what follows a fragment is one from the middle of nowhere.

        Then bytes are missing, perhaps in this very fragment, filled up by those of another.
        """
        if stop + RECORD_HEADER_BYTES > len(self._data):
            return False
        magic, next_kind, next_total, next_index, _ = RECORD_HEADER.unpack_from(self._data, stop)
        if magic != FRAGMENT or not next_index:
            return False
        if next_kind == kind:
            return (next_total, next_index) != (total, index + 1)
        partial = self._partials.get(next_kind)
        expected = (partial.total, partial.index) if partial else None
        was_lost = self._lost.get(next_kind) == (next_total, next_index - 1)
        return not was_lost and expected != (next_total, next_index)

    # What becomes of it ---------------------------------------------------------------------

    def _skip(self) -> bool:
        """Go to where the next fragment may begin; what the skipped record belongs to is lost."""
        if self._is_in_step:
            self._lose_record()
            self._is_in_step = False
        start = self._pos
        found = self._data.find(FRAGMENT, start + 1)
        self._pos = found if found >= 0 else len(self._data)
        lead_in = min(self._lead_in_bytes, self._pos - start)
        self._lead_in_bytes -= lead_in
        self.counters.skipped_bytes += self._pos - start - lead_in
        return found >= 0

    def _believe(self, stop: int) -> None:
        """Take the record at `_pos`, which ends at `stop`."""
        self._is_in_step = True
        self._lead_in_bytes = 0
        magic, kind, total, index, _ = RECORD_HEADER.unpack_from(self._data, self._pos)
        start, self._pos = self._pos, stop
        if magic != FRAGMENT:
            self._count_other(start)
            return
        self.counters.fragments += 1
        partial = self._find_partial(kind, total, index)
        if partial and self._is_torn(kind, total, index, stop):
            self._drop_partial(kind)
        elif partial:
            partial.parts.append(self._data[start + RECORD_HEADER_BYTES : stop])
            partial.index = index + 1
            self._read_run(kind, partial)
            self._weigh(kind, partial, self._pos - start)

    def _count_other(self, pos: int) -> None:
        """Note the message, or the record that is not a fragment, at `pos`."""
        if self._is_message(pos):
            number = int.from_bytes(self._data[pos : pos + NUMBER_BYTES], "little")
            self.counters.messages_by_number[number] += 1
        else:
            self.counters.records_by_magic[self._data[pos]] += 1

    def _find_partial(self, kind: int, total: int, index: int) -> _Partial | None:
        """The frame that a fragment begins or continues; None when it does neither."""
        partial = self._partials.get(kind)
        if partial and (partial.total, partial.index) == (total, index):
            return partial
        if partial:
            self._drop_partial(kind)
        if index:
            self._lose_fragment(kind, total, index)
            return None
        self._lost.pop(kind, None)
        self._partials[kind] = _Partial(total)
        return self._partials[kind]

    def _read_run(self, kind: int, partial: _Partial) -> None:
        """Believe each fragment after which the next of the same frame comes: the hot loop."""
        data, pos, total, index = self._data, self._pos, partial.total, partial.index
        unpack, append = RECORD_HEADER.unpack_from, partial.parts.append
        limit, last = len(data) - RECORD_HEADER_BYTES, total - 1
        if pos > limit or unpack(data, pos)[:-1] != (FRAGMENT, kind, total, index):
            return
        length = unpack(data, pos)[-1]
        while index < last and (stop := pos + RECORD_HEADER_BYTES + length) <= limit:
            magic, next_kind, next_total, next_index, next_length = unpack(data, stop)
            if (
                next_index != index + 1
                or next_kind != kind
                or next_total != total
                or magic != FRAGMENT
                or not 0 < next_length <= MAX_FRAGMENT_BYTES
            ):
                break
            append(data[pos + RECORD_HEADER_BYTES : stop])
            pos, index, length = stop, next_index, next_length
        self.counters.fragments += index - partial.index
        self._pos, partial.index = pos, index

    def _weigh(self, kind: int, partial: _Partial, wire_bytes: int) -> None:
        """Hand out a frame that is whole; drop one that grows without measure."""
        partial.wire_bytes += wire_bytes
        if sum(each.wire_bytes for each in self._partials.values()) > MAX_FRAME_BYTES:
            self._drop_partial(kind)
        elif partial.index == partial.total:
            del self._partials[kind]
            frame = b"".join(partial.parts)
            self._queue.add(kind, frame[: FRAME_HEADER.size], frame[FRAME_HEADER.size :])

    # What is lost ---------------------------------------------------------------------------

    def _lose_record(self) -> None:
        """The stream breaks at `_pos`: no frame that has begun can be trusted to go on."""
        if self._is_in_step and self._pos + RECORD_HEADER_BYTES <= len(self._data):
            magic, kind, total, index, _ = RECORD_HEADER.unpack_from(self._data, self._pos)
            if magic == FRAGMENT and index < total and kind not in self._partials:
                self._lose_fragment(kind, total, index)
        for kind in list(self._partials):
            self._drop_partial(kind)

    def _drop_partial(self, kind: int) -> None:
        partial = self._partials.pop(kind)
        self._lost[kind] = (partial.total, partial.index - 1)
        self._ledger.note_broken(kind)

    def _lose_fragment(self, kind: int, total: int, index: int) -> None:
        """Count the frame of a fragment as broken, but once for all its fragments."""
        lost_total, lost_index = self._lost.get(kind, (0, 0))
        if not index or lost_total != total or lost_index >= index:
            self._ledger.note_broken(kind)
        self._lost[kind] = (total, index)
