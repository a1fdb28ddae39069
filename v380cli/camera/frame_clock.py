"""When a frame of a recording was taken, in milliseconds since the recording began."""

from typing import Protocol

from v380cli.wire.card.words import CardEntry, to_wall_seconds
from v380cli.wire.commands import AUDIO_TYPES, FrameType

DEFAULT_FPS = 15
MAX_FPS = 120
DAY_MS = 86_400_000
# Counted sound and counted pictures are this far apart only when some of one were never recorded.
MAX_DRIFT_MS = 500
TELEPHONE_SAMPLES_PER_MS = 8
AAC_FRAME_MS = 128  # 1024 samples at 8 kHz


class Stamped(Protocol):
    """A frame, or the head of one."""

    @property
    def frame_type(self) -> int: ...

    @property
    def timestamp_ms(self) -> int | None: ...


class FrameClock:
    """Places each frame, in their order; `opened_ms` is where the first of them was asked for.

    Segments stamp with the wall clock as if it were UTC (PROTOCOL.md, section 3b), or with
    another clock, of which then only the steps count. Legacy frames without stamps are counted.
    """

    def __init__(self, entry: CardEntry, *, fps: int = 0, opened_ms: int = 0) -> None:
        self._entry = entry
        self._frame_ms = 1000 / (fps if 0 < fps <= MAX_FPS else DEFAULT_FPS)
        self._opened_ms = opened_ms
        self._base_ms: int | None = None
        self._pictures = 0
        self._sound_ms = float(opened_ms)

    def locate(self, frame: Stamped, size: int) -> int:
        """The time of the next frame, whose payload has `size` bytes."""
        if frame.timestamp_ms is None:
            position_ms = self._count_to(frame.frame_type)
            if frame.frame_type in AUDIO_TYPES:
                self._sound_ms = position_ms + measure_sound(frame.frame_type, size)
            else:
                self._pictures += 1
            return round(position_ms)
        if self._base_ms is None:
            self._base_ms = self._find_base(frame.timestamp_ms)
        return frame.timestamp_ms - self._base_ms

    def peek(self, frame: Stamped) -> int:
        """The time of the frame, if it is the next one."""
        if frame.timestamp_ms is None:
            return round(self._count_to(frame.frame_type))
        base_ms = self._base_ms
        return frame.timestamp_ms - (
            self._find_base(frame.timestamp_ms) if base_ms is None else base_ms
        )

    def _find_base(self, timestamp_ms: int) -> int:
        for base_ms in (to_wall_seconds(self._entry.start) * 1000, 0):
            if -DAY_MS <= timestamp_ms - base_ms <= 2 * DAY_MS:
                return base_ms
        return timestamp_ms - self._opened_ms

    def _count_to(self, frame_type: int) -> float:
        picture_ms = self._opened_ms + self._pictures * self._frame_ms
        if frame_type not in AUDIO_TYPES:
            return picture_ms
        is_joined = abs(self._sound_ms - picture_ms) <= MAX_DRIFT_MS
        return self._sound_ms if is_joined else picture_ms


def measure_sound(frame_type: int, size: int) -> float:
    """How many milliseconds the sound of a frame lasts (PROTOCOL.md, section 11)."""
    match frame_type:
        case FrameType.PCM16:
            return size / 2 / TELEPHONE_SAMPLES_PER_MS
        case FrameType.G711_ALAW:
            return size / TELEPHONE_SAMPLES_PER_MS
        case FrameType.AAC_ADTS:
            return AAC_FRAME_MS
    return (2 * (size - 4) + 1) / TELEPHONE_SAMPLES_PER_MS
