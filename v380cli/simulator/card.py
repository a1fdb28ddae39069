"""The SD card of a simulated camera: recordings of real footage, drawn when they are read.

The clock in the picture shows the camera's wall clock at the moment of each frame.
"""

import datetime as dt
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from v380cli.media.sink import Codec
from v380cli.simulator.footage import Footage, FootageSpec, load_footage
from v380cli.simulator.tone import AudioKind, Tone, load_tone
from v380cli.wire.card.words import ACK_BATCH, CardEntry, RecordingKind, to_wall_seconds
from v380cli.wire.commands import FrameType

KEY_TYPES = {Codec.H264: FrameType.H264_KEY, Codec.HEVC: FrameType.HEVC_KEY}
DELTA_TYPES = {Codec.H264: FrameType.H264_DELTA, Codec.HEVC: FrameType.HEVC_DELTA}
SECOND = dt.timedelta(seconds=1)

# A day as a camera leaves it: kind, time of day, seconds. The last one runs past midnight.
DAY_PLAN = (
    (RecordingKind.NORMAL, dt.time(0, 5), 60),
    (RecordingKind.NORMAL, dt.time(8, 0), 60),
    (RecordingKind.NORMAL, dt.time(8, 1), 60),
    (RecordingKind.MOTION, dt.time(8, 2, 30), 20),
    (RecordingKind.NORMAL, dt.time(12, 30), 120),
    (RecordingKind.ALARM, dt.time(17, 45, 10), 15),
    (RecordingKind.MOTION, dt.time(21, 0, 5), 30),
    (RecordingKind.NORMAL, dt.time(23, 59, 30), 60),
)
IN_PROGRESS_S = 90  # the recording in progress began so long ago


class CardState(StrEnum):
    """What the camera says of its card."""

    OK = "ok"
    MISSING = "missing"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSpec:
    """A card; times are the camera's wall clock.

    `in_progress_since` begins a recording that is still being written. The camera waits for an
    acknowledgement after each `batch` packets. One that does not echo notes marks every record with
    0, whatever the start was marked with. `is_real_time` plays no faster than it was recorded.
    `clears_video` says that recorded video is not encrypted on a camera that encrypts.
    """

    state: CardState = CardState.OK
    entries: tuple[CardEntry, ...] = ()
    in_progress_since: dt.datetime | None = None
    batch: int = ACK_BATCH
    echoes_notes: bool = True
    is_real_time: bool = False
    packet_bytes: int = 1000
    clears_video: bool = False
    codec: Codec = Codec.H264
    width: int = 320
    height: int = 180
    fps: int = 15
    gop_s: int = 2
    bitrate: int = 300_000
    audio: AudioKind | None = AudioKind.IMA


class PlayedFrame(NamedTuple):
    """A frame as it was recorded; `time_s` since the recording began."""

    frame_id: int
    frame_type: FrameType
    time_s: float
    payload: bytes


def plan_days(now: dt.datetime, days: int) -> tuple[CardEntry, ...]:
    """What was recorded up to `now` on that day and the `days` before it, in its order."""
    entries: list[CardEntry] = []
    for age in range(days, -1, -1):
        for kind, time, duration_s in DAY_PLAN:
            start = dt.datetime.combine(now.date() - age * dt.timedelta(days=1), time)
            if start + duration_s * SECOND <= now:
                entries.append(make_entry(len(entries) + 1, kind, start, duration_s))
    return tuple(entries)


def make_entry(
    number: int, kind: RecordingKind, start: dt.datetime, duration_s: float
) -> CardEntry:
    """A recording, under a file name like those of cameras (PROTOCOL.md, section 3d)."""
    return CardEntry(
        number=number,
        kind=kind,
        start=start,
        end=start + dt.timedelta(seconds=duration_s),
        name=f"Rec_{start:%Y%m%d%H%M%S}_{'?NMA'[kind]}.avi",
    )


class Card:
    """Reads a card; `clock` is the camera's wall clock."""

    def __init__(
        self,
        spec: CardSpec,
        *,
        device_id: int,
        clock: Callable[[], dt.datetime] = dt.datetime.now,
    ) -> None:
        self.spec = spec
        self._device_id = device_id
        self._clock = clock
        self._tone = load_tone(spec.audio) if spec.audio else None

    def list_entries(self) -> list[CardEntry]:
        """Everything on the card, the recording in progress up to now; nothing without one."""
        if self.spec.state is not CardState.OK:
            return []
        entries = list(self.spec.entries)
        since = self.spec.in_progress_since
        if since and (elapsed_s := (self._clock() - since) // SECOND) > 0:
            number = len(entries) + 1
            entries.append(make_entry(number, RecordingKind.NORMAL, since, elapsed_s))
        return entries

    def search(self, start: dt.datetime, end: dt.datetime, kind: int) -> list[CardEntry]:
        """What was recorded within a range, of one kind or of all (0)."""
        return [
            entry
            for entry in self.list_entries()
            if entry.start <= end and entry.end >= start and kind in (0, entry.kind)
        ]

    def find(self, number: int) -> CardEntry | None:
        """The recording of this number."""
        return next((e for e in self.list_entries() if e.number == number), None)

    def list_frames(self, entry: CardEntry, position_s: float = 0.0) -> Iterator[PlayedFrame]:
        """Its frames in order, from the keyframe at or before `position_s` on."""
        spec = self.spec
        duration_s = (entry.end - entry.start).total_seconds()
        gop = max(0, math.floor(min(position_s, duration_s - 0.001) / spec.gop_s))
        sounds = list_sounds(self._tone, gop * spec.gop_s)
        sound = next(sounds, None)
        frame_id = gop * spec.gop_s * spec.fps + count_sounds(self._tone, gop * spec.gop_s)
        for index in range(gop * spec.gop_s * spec.fps, round(duration_s * spec.fps)):
            time_s = index / spec.fps
            while sound and sound.time_s < time_s:
                yield sound._replace(frame_id=frame_id)
                frame_id += 1
                sound = next(sounds, None)
            yield self._draw(entry, index)._replace(frame_id=frame_id)
            frame_id += 1

    def count_frames(self, entry: CardEntry) -> int:
        """How many frames it has, sound included."""
        video = round((entry.end - entry.start).total_seconds() * self.spec.fps)
        return video + count_sounds(self._tone, (video - 1) / self.spec.fps)

    def _draw(self, entry: CardEntry, index: int) -> PlayedFrame:
        spec = self.spec
        gop_frames = spec.gop_s * spec.fps
        gop_start = entry.start + (index // gop_frames) * spec.gop_s * SECOND
        unit = self._load_gop(gop_start.time()).access_units[index % gop_frames]
        types = KEY_TYPES if unit.is_keyframe else DELTA_TYPES
        return PlayedFrame(0, types[spec.codec], index / spec.fps, unit.data)

    def _load_gop(self, clock: dt.time) -> Footage:
        spec = self.spec
        return load_footage(
            FootageSpec(
                codec=spec.codec,
                width=spec.width,
                height=spec.height,
                fps=spec.fps,
                bitrate=spec.bitrate,
                gop_s=spec.gop_s,
                loop_s=spec.gop_s,
                device_id=self._device_id,
                clock=clock,
            )
        )


def list_sounds(tone: Tone | None, start_s: float) -> Iterator[PlayedFrame]:
    """The sound from `start_s` on, without frame ids, for ever."""
    if tone is None:
        return
    index = count_sounds(tone, start_s)
    while True:
        block = tone.blocks[index % len(tone.blocks)]
        yield PlayedFrame(0, tone.frame_type, index * tone.block_s, block)
        index += 1


def count_sounds(tone: Tone | None, end_s: float) -> int:
    """How many blocks begin before `end_s`."""
    if tone is None:
        return 0
    count = math.ceil(end_s / tone.block_s)
    return count if count == 0 or (count - 1) * tone.block_s < end_s else count - 1


def to_milliseconds(entry: CardEntry, frame: PlayedFrame) -> int:
    """The wall clock of a frame, stored as if it were UTC."""
    return to_wall_seconds(entry.start) * 1000 + int(frame.time_s * 1000)
