"""How much footage there is in each part of a day, by the camera's clock."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from v380cli.camera.recordings import KIND_NAMES, CardRecording
from v380cli.wire.card.words import RecordingKind

HOUR = dt.timedelta(hours=1)
MINUTES, MINUTE_S = 60, 60.0
NORMAL = KIND_NAMES[RecordingKind.NORMAL]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """An hour that has footage; `start` is on the camera's clock, seconds are of each minute.

    `motion_s` is of what was recorded for motion or an alarm.
    """

    start: dt.datetime
    footage_s: tuple[float, ...]
    motion_s: tuple[float, ...]


def list_hours(recordings: Iterable[CardRecording]) -> list[Hour]:
    """The hours that have footage, in their order."""
    found: dict[dt.datetime, list[CardRecording]] = defaultdict(list)
    for recording in recordings:
        for hour in _list_touched(recording):
            found[hour].append(recording)
    return [
        Hour(
            start=hour,
            footage_s=measure_footage(found[hour], hour, MINUTES, MINUTE_S),
            motion_s=measure_footage(
                [one for one in found[hour] if one.kind != NORMAL], hour, MINUTES, MINUTE_S
            ),
        )
        for hour in sorted(found)
    ]


def measure_footage(
    recordings: Sequence[CardRecording], start: dt.datetime, count: int, step_s: float
) -> tuple[float, ...]:
    """Seconds of footage in each of `count` steps from `start` on, a time on the camera's clock."""
    seconds = [0.0] * count
    for recording in recordings:
        begin_s, end_s = (
            (_read_clock(time) - start).total_seconds() for time in (recording.start, recording.end)
        )
        for step in range(max(0, int(begin_s // step_s)), min(count, int(end_s // step_s) + 1)):
            seconds[step] += min(end_s, (step + 1) * step_s) - max(begin_s, step * step_s)
    return tuple(min(step_s, each) for each in seconds)


def _list_touched(recording: CardRecording) -> Iterator[dt.datetime]:
    start, end = _read_clock(recording.start), _read_clock(recording.end)
    hour = start.replace(minute=0, second=0, microsecond=0)
    while hour < end:
        yield hour
        hour += HOUR


def _read_clock(time: dt.datetime) -> dt.datetime:
    """What the camera's clock shows at that time."""
    return time.replace(tzinfo=None)
