"""The media of one connection, summed up: what they are made of, not a picture, not a sample."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from v380cli.errors import RemoteProtocolError
from v380cli.explain.blanking import blank_payload
from v380cli.explain.card_frames import open_writer
from v380cli.media.nal import find_nal_units, guess_codec, nal_type
from v380cli.media.sink import Codec
from v380cli.wire import fragment_record
from v380cli.wire.card import stream as card_stream
from v380cli.wire.card.stream import CardStream, FileStream, SegmentStream
from v380cli.wire.card.words import PlaybackMagic
from v380cli.wire.commands import (
    AUDIO_TYPES,
    HEVC_TYPES,
    LIVE_VIDEO_TYPES,
    FrameType,
    RecordMagic,
)
from v380cli.wire.crypto import MediaCipher, media_key
from v380cli.wire.decryption import CLEAR_HEADS
from v380cli.wire.fragments import FragmentAssembler
from v380cli.wire.live import FRAME_HEADER

DAY_MS = 86_400_000
GAP_MS = 2000  # a camera sends several pictures a second
MAX_TOLD = 20  # gaps, and parts of pictures
NAL_HEADER_BYTES = 2
CHAIN = 3  # records in a row that make a stream
RECORD_MAGICS = frozenset(RecordMagic) | frozenset(PlaybackMagic)


class StreamKind(StrEnum):
    """Which records carry the media."""

    LIVE = "live"
    SEGMENT = "recording by segment"
    FILE = "recording by file"


def find_stream(data: bytes) -> tuple[StreamKind, int] | None:
    """Which records begin in bytes from the middle of a connection, and where."""
    start = data.find(0x7F)
    while start >= 0:
        for kind in StreamKind:
            if _follows(kind, data, start):
                return kind, start
        start = data.find(0x7F, start + 1)
    return None


def _follows(kind: StreamKind, data: bytes, start: int) -> bool:
    """Whether enough records follow one another from here."""
    for _ in range(CHAIN):
        if start >= len(data) or not (size := MEASURES[kind](data, start)):
            return False
        start += size
    return True


def _measure_live(data: bytes, at: int) -> int:
    if at + fragment_record.RECORD_HEADER_BYTES > len(data):
        return 0
    magic, _, total, index, length = fragment_record.RECORD_HEADER.unpack_from(data, at)
    is_one = magic == 0x7F and index < total and 0 < length <= fragment_record.MAX_FRAGMENT_BYTES
    return fragment_record.RECORD_HEADER_BYTES + length if is_one else 0


def _measure_segment(data: bytes, at: int) -> int:
    if at + card_stream.RECORD_HEADER.size > len(data):
        return 0
    magic, _, _, length = card_stream.RECORD_HEADER.unpack_from(data, at)
    is_one = magic == 0x7F and length > 0 and data[at + 6 : at + 8] == b"\0\0"
    return card_stream.RECORD_HEADER.size + length if is_one else 0


def _measure_file(data: bytes, at: int) -> int:
    if at + card_stream.FRAGMENT_HEADER.size > len(data):
        return 0
    magic, _, total, index, length = card_stream.FRAGMENT_HEADER.unpack_from(data, at)
    is_one = magic == 0x7F and index < total and 0 < length <= card_stream.MAX_FILE_FRAGMENT
    return card_stream.FRAGMENT_HEADER.size + length if is_one else 0


# Of a media record: its size at this place of the data, or 0 where there is none.
MEASURES: dict[StreamKind, Callable[[bytes, int], int]] = {
    StreamKind.LIVE: _measure_live,
    StreamKind.SEGMENT: _measure_segment,
    StreamKind.FILE: _measure_file,
}


@dataclass(slots=True)
class TypeSummary:
    """The frames of one type."""

    count: int = 0
    bytes: int = 0
    smallest: int = 0
    largest: int = 0

    def add(self, size: int) -> None:
        self.smallest = min(self.smallest, size) if self.count else size
        self.largest = max(self.largest, size)
        self.count += 1
        self.bytes += size


@dataclass(slots=True)
class FrameClock:
    """What the time stamps of the pictures say."""

    first_ms: int | None = None
    last_ms: int = 0
    pictures: int = 0
    gaps: list[dict[str, float]] = field(default_factory=list)
    steps_back: int = 0

    def add(self, stamp_ms: int) -> None:
        """Note the next picture's stamp."""
        self.pictures += 1
        if self.first_ms is None:
            self.first_ms = self.last_ms = stamp_ms
        step_ms = stamp_ms - self.last_ms
        self.steps_back += step_ms < 0
        if step_ms > GAP_MS and len(self.gaps) < MAX_TOLD:
            at_s = (self.last_ms - self.first_ms) / 1000
            self.gaps.append({"at_s": at_s, "duration_s": step_ms / 1000})
        self.last_ms = stamp_ms

    @property
    def duration_s(self) -> float:
        return max(0, self.last_ms - (self.first_ms or 0)) / 1000


class StreamSummary:
    """Takes the bytes of one stream; `describe` says what they were.

    `keep` is given each frame, blanked, with the time of day taken out: of a live stream with its
    header, of a recording as records.
    """

    def __init__(
        self, kind: StreamKind, ticket: int | None, keep: Callable[[bytes], None] | None = None
    ) -> None:
        self.kind = kind
        self._keep = keep
        self.problems: list[str] = []
        self._bytes = 0
        self._start_ms: int | None = None  # of the first day, which times are told without
        self._types: dict[int, TypeSummary] = {}
        self._clock = FrameClock()
        self._rates: Counter[int] = Counter()
        self._nal_types: Counter[int] = Counter()
        self._codec = ""
        self._encryption = "unknown"
        self._cipher = None if ticket is None else MediaCipher(media_key(ticket))
        self._live = FragmentAssembler() if kind is StreamKind.LIVE else None
        self._card = _make_card_stream(kind)
        self._writer = open_writer(self._card) if self._card else None

    def receive(self, data: bytes) -> None:
        """Take the next bytes."""
        self._bytes += len(data)
        if self._live:
            self._live.receive_data(data)
            self._take_live(self._live)
        elif self._card:
            try:
                self._card.receive_data(data)
            except RemoteProtocolError as error:
                self._lose_step(error.message)
            else:
                self._take_recorded(self._card)

    def lose(self, size: int) -> None:
        """So many bytes are missing here; records of recordings cannot be found again."""
        if self._card:
            self._lose_step(f"{size} bytes are missing")

    def finish(self) -> None:
        """Nothing more will come."""
        if self._live:
            self._live.flush()
            self._take_live(self._live)
        elif self._card and self._card.is_finished and self._keep and self._writer:
            self._keep(self._writer.encode_end())

    def describe(self) -> dict[str, Any]:
        """Frames by type, codec, rates, gaps, and what was lost."""
        clock = self._clock
        told: dict[str, Any] = {
            "stream": self.kind.value,
            "frames": {_name_type(number): _tell(each) for number, each in self._types.items()},
            "codec": self._codec,
            "nal_types": {str(kind): n for kind, n in self._nal_types.most_common(MAX_TOLD)},
            "encryption": self._encryption,
            "duration_s": round(clock.duration_s, 3),
            "fps": round((clock.pictures - 1) / clock.duration_s, 2) if clock.duration_s else 0,
            "gaps": clock.gaps,
            "clock_steps_back": clock.steps_back,
        }
        if self._live:
            counters = self._live.counters
            told |= {
                "fps_told": [rate for rate, _ in self._rates.most_common(MAX_TOLD)],
                "fragments": counters.fragments,
                "dropped_frames": counters.dropped_frames,
                "repeated_frames": counters.repeated_frames,
                "skipped_bytes": counters.skipped_bytes,
                "records": {f"{m:#04x}": n for m, n in counters.records_by_magic.items()},
                "messages": {str(n): count for n, count in counters.messages_by_number.items()},
            }
        return told

    @property
    def size(self) -> int:
        """How many bytes came."""
        return self._bytes

    def _take_live(self, assembler: FragmentAssembler) -> None:
        while (frame := assembler.next_frame()) is not None:
            frame_id, frame_type, fps, stamp_ms, payload = frame
            self._rates[fps] += 1
            clear = self._add(frame_type, stamp_ms, payload)
            if self._keep:
                head = FRAME_HEADER.pack(frame_id, frame_type, fps, self._cut_time(stamp_ms))
                self._keep(head + blank_payload(frame_type, clear, len(payload)))

    def _take_recorded(self, stream: CardStream) -> None:
        while (frame := stream.next_frame()) is not None:
            clear = self._add(frame.frame_type, frame.timestamp_ms, frame.payload)
            if self._keep and self._writer:
                blanked = frame._replace(
                    timestamp_ms=self._cut_time(frame.timestamp_ms or 0),
                    payload=blank_payload(frame.frame_type, clear, len(frame.payload)),
                )
                self._keep(self._writer.encode(blanked))

    def _cut_time(self, stamp_ms: int) -> int:
        if self._start_ms is None:
            self._start_ms = stamp_ms % DAY_MS
        return max(0, stamp_ms - self._start_ms)

    def _add(self, frame_type: int, stamp_ms: int | None, payload: bytes) -> bytes:
        """Count a frame; returns its payload in clear, if it is video with parts."""
        self._types.setdefault(frame_type, TypeSummary()).add(len(payload))
        if frame_type not in LIVE_VIDEO_TYPES:
            return b""
        if stamp_ms is not None:
            self._clock.add(stamp_ms)
        if frame_type == FrameType.JPEG:
            self._codec = "mjpeg"
            return b""
        clear = self._make_clear(payload)
        self._count_nal_units(frame_type, clear)
        return clear

    def _make_clear(self, payload: bytes) -> bytes:
        """The picture's parts can be told of a clear one only."""
        if payload.startswith(CLEAR_HEADS):
            self._encryption = "clear"
            return payload
        if self._cipher and (clear := self._cipher.decrypt_video(payload)).startswith(CLEAR_HEADS):
            self._encryption = "64-of-80"
            return clear
        return b""

    def _count_nal_units(self, frame_type: int, clear: bytes) -> None:
        codec = Codec.HEVC if frame_type in HEVC_TYPES else Codec.H264
        for start in find_nal_units(clear):
            head = clear[start : start + NAL_HEADER_BYTES]
            codec = (guess_codec(head[0], head[-1]) if len(head) > 1 else None) or codec
            self._nal_types[nal_type(codec, head[0])] += 1
            self._codec = codec.value

    def _lose_step(self, reason: str) -> None:
        """A recording's records are not in step any more: what follows is counted only."""
        if len(self.problems) < MAX_TOLD:
            self.problems.append(reason)
        self._card = None


def _make_card_stream(kind: StreamKind) -> CardStream | None:
    match kind:
        case StreamKind.SEGMENT:
            return SegmentStream()
        case StreamKind.FILE:
            return FileStream()
    return None


def _tell(summary: TypeSummary) -> dict[str, int]:
    return {
        "count": summary.count,
        "bytes": summary.bytes,
        "smallest": summary.smallest,
        "largest": summary.largest,
    }


def _name_type(number: int) -> str:
    try:
        return f"{number} {FrameType(number).name.lower()}"
    except ValueError:
        kind = "sound" if number in AUDIO_TYPES else "unknown"
        return f"{number} {kind}"
