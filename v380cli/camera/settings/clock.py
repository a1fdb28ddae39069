"""Set a camera's clock, and tell by how much it goes wrong."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from v380cli.camera.settings.client import SettingsClient
from v380cli.camera.settings.configure import Change, change, list_differences, read
from v380cli.wire.settings.clock import CLOCK, Clock, format_time

# A camera shows whole seconds, and an order and a question take one each on a bad link.
TOLERANCE = dt.timedelta(seconds=3)

Now = Callable[[], dt.datetime]


@dataclass(slots=True)
class ClockWatch:
    """Compares a camera's clock with `now`, the wall clock that it should show."""

    now: Now = dt.datetime.now
    told: dt.datetime | None = None
    told_at: dt.datetime | None = None

    def measure_drift(self, clock: Clock) -> float | None:
        """Seconds by which the camera is fast; None where it shows no time."""
        return None if clock.time is None else (clock.time - self.now()).total_seconds()

    def tell(self, time: dt.datetime) -> str:
        """The text of a time to set, from which on the clock runs."""
        self.told, self.told_at = time, self.now()
        return format_time(time)

    def list_differences(self, wanted: Clock, after: Clock) -> list[str]:
        """What was not set: the time, which may have gone on, or one of the numbers."""
        differences = list_differences(CLOCK, replace(wanted, text=after.text), after)
        if self.told is None or self.told_at is None:
            return differences
        expected = self.told + (self.now() - self.told_at)
        if after.time is None or abs(after.time - expected) > TOLERANCE:
            differences.insert(0, f"the clock shows {after.text!r}, not {format_time(expected)}")
        return differences


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChange:
    """What the clock was and is; drifts in seconds, positive for a fast clock."""

    change: Change[Clock]
    drift_before_s: float | None
    drift_after_s: float | None


def read_clock(client: SettingsClient, now: Now = dt.datetime.now) -> tuple[Clock, float | None]:
    """The clock, and by how many seconds it is fast."""
    clock = read(client, CLOCK)
    return clock, ClockWatch(now).measure_drift(clock)


def set_clock(
    client: SettingsClient,
    time: dt.datetime | None,
    numbers: dict[str, int],
    *,
    sets_time: bool,
    now: Now = dt.datetime.now,
    dry_run: bool = False,
) -> ClockChange:
    """Set the wall clock to `time` (None: to what it is now) if `sets_time`, and the `numbers`.

    Otherwise the time is left alone, but sent with the rest as it is, since there is no
    other way.
    """
    watch = ClockWatch(now)
    drifts: list[float | None] = []

    def edit(before: Clock) -> Clock:
        drift_s = watch.measure_drift(before)
        drifts.append(drift_s)
        if not sets_time and all(getattr(before, name) == n for name, n in numbers.items()):
            return before
        told = (time or now()) if sets_time else before.time
        return replace(before, **numbers, text=watch.tell(told) if told else before.text)

    made = change(client, CLOCK, edit, differ=watch.list_differences, dry_run=dry_run)
    return ClockChange(
        change=made, drift_before_s=drifts[0], drift_after_s=watch.measure_drift(made.after)
    )
