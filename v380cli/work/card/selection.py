"""Which recordings are meant: by date, time, kind or id, all on the camera's clock."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from v380cli.camera.recordings import KIND_NAMES, CardReader, CardRecording, list_recordings
from v380cli.camera.wall_clock import CameraZone
from v380cli.errors import InvalidInput, UsageError, V380Error
from v380cli.models import Device
from v380cli.text import parse_duration
from v380cli.wire.card.words import YEARS, RecordingKind
from v380cli.work.targets import reach

# As long as a large card lasts with the usual recording of movements; each day costs a request.
DEFAULT_DAYS = 31
MAX_DAYS = 3700
ID = re.compile(r"(\d{8})-(\d{6})-(-?\d+)")
KINDS = {KIND_NAMES[kind]: kind for kind in RecordingKind}
DAY = dt.timedelta(days=1)
Day = TypeVar("Day", bound=dt.date)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What is wanted; `since` and `until` are times on the camera's clock."""

    zone: CameraZone
    since: dt.datetime
    until: dt.datetime
    kinds: tuple[RecordingKind, ...] = tuple(RecordingKind)
    ids: tuple[str, ...] = ()

    @property
    def days(self) -> list[dt.date]:
        """The days to ask for; with ids, only theirs."""
        if self.ids:
            return sorted({_parse_id_day(id_) for id_ in self.ids})
        first, last = self.since.date(), self.until.date()
        return [first + number * DAY for number in range((last - first).days + 1)]

    def select(self, recordings: Iterable[CardRecording]) -> list[CardRecording]:
        """Those that lie in the range, at least in part, or that have one of the ids."""
        if self.ids:
            return [recording for recording in recordings if recording.id in self.ids]
        return [
            recording
            for recording in recordings
            if recording.entry.start <= self.until
            and recording.end >= self.zone.to_true(self.since)
        ]


def make_selection(
    date: str, since: str, until: str, kinds: Sequence[str] | None, zone: CameraZone
) -> Selection:
    """Read the options. Raises UsageError."""
    now = zone.read_now()
    if date and (since or until):
        raise UsageError("--date goes without --since and --until")
    start = dt.datetime.combine(now.date() - (DEFAULT_DAYS - 1) * DAY, dt.time())
    end = dt.datetime.combine(now.date() + DAY, dt.time.max)  # its clock may be ahead
    if date:
        day = parse_day(date, now)
        start, end = dt.datetime.combine(day, dt.time()), dt.datetime.combine(day, dt.time.max)
    if since:
        start = parse_moment(since, now)
    if until:
        end = parse_moment(until, now, is_end=True)
    if not start <= end:
        raise UsageError("that range ends before it begins")
    if (end - start).days > MAX_DAYS:
        raise UsageError(f"at most {MAX_DAYS} days can be asked for")
    chosen = tuple(KINDS[name] for name in kinds) if kinds else tuple(RecordingKind)
    return Selection(zone=zone, since=start, until=end, kinds=chosen)


def find_recordings(reader: CardReader, selection: Selection) -> list[CardRecording]:
    """What the camera has of it, by time. Raises InvalidInput for an id that it does not have."""
    found = selection.select(
        list_recordings(reader, selection.days, selection.zone, selection.kinds)
    )
    missing = set(selection.ids) - {recording.id for recording in found}
    if missing:
        raise InvalidInput(
            f"{reader.device.label} has no recording {', '.join(sorted(missing))}",
            hint="`v380 recordings list` shows what there is; the camera may have overwritten it",
        )
    return found


def try_to_find(
    device: Device, selection: Selection
) -> tuple[Sequence[CardRecording], V380Error | None]:
    """What a camera has of it, or why that is not known: others have theirs."""
    try:
        return find_recordings(CardReader(reach(device)), selection), None
    except V380Error as error:
        return [], error


def is_id(text: str) -> bool:
    """Whether it looks like the id of a recording."""
    return ID.fullmatch(text) is not None


def parse_day(text: str, now: dt.datetime) -> dt.date:
    """`today`, `yesterday` or a date; raises UsageError."""
    word = text.strip().lower()
    if word in ("today", "yesterday"):
        return now.date() - (DAY if word == "yesterday" else dt.timedelta())
    try:
        return _check_year(dt.date.fromisoformat(word))
    except ValueError:
        raise UsageError(f"{text!r} is not a day; write today, yesterday or 2026-11-20") from None


def parse_moment(text: str, now: dt.datetime, *, is_end: bool = False) -> dt.datetime:
    """A time on the camera's clock: so long ago, a day, or a time; raises UsageError."""
    word = text.strip()
    if word.lower() in ("now", "today", "yesterday"):
        day = now.date() - (DAY if word.lower() == "yesterday" else dt.timedelta())
        if word.lower() == "now":
            return now
        return dt.datetime.combine(day, dt.time.max if is_end else dt.time())
    try:
        if re.fullmatch(r"(\d+(\.\d+)?[dhms])+", word.lower()):
            return _check_year(now - dt.timedelta(seconds=parse_duration(word)))
        if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", word):
            hour, _, rest = word.partition(":")
            return dt.datetime.combine(now.date(), dt.time.fromisoformat(f"{hour:>02}:{rest}"))
        moment = _check_year(dt.datetime.fromisoformat(word))
    except (ValueError, OverflowError):
        raise UsageError(
            f"{text!r} is not a time; write 2h, 2026-11-20 or 2026-11-20T08:00"
        ) from None
    if moment.tzinfo:
        raise UsageError(f"{text!r}: give the time on the camera's clock, without a zone")
    if is_end and _is_day(word):
        return dt.datetime.combine(moment.date(), dt.time.max)
    return moment


def _is_day(word: str) -> bool:
    """Whether it is a date without a time."""
    try:
        dt.date.fromisoformat(word)
    except ValueError:
        return False
    return True


def _check_year(day: Day) -> Day:
    """The same; ValueError for a year of which no card has recordings."""
    if day.year not in YEARS:
        raise ValueError(f"the year {day.year}")
    return day


def _parse_id_day(id_: str) -> dt.date:
    try:
        return _check_year(dt.datetime.strptime(id_[:8], "%Y%m%d").date())
    except ValueError:
        raise UsageError(f"{id_!r} is not the id of a recording") from None
