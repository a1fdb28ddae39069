"""How the days on a card are drawn: hour by hour, or as one bar each."""

import datetime as dt
from collections.abc import Sequence
from itertools import groupby

from v380cli.camera.recordings import CardRecording
from v380cli.commands import _console
from v380cli.models import Device
from v380cli.text import format_clock
from v380cli.work.card.timeline import Hour, measure_footage

NOTHING, FOOTAGE, MOTION = "·▂█"
LEGEND = f"each sign is a minute: {FOOTAGE} footage, {MOTION} motion or alarm, {NOTHING} nothing"
SCALE = "".join(f"{minute:<10}" for minute in range(0, 60, 10))

CELLS = 48  # of a day's bar: half an hour each
CELL_S = 86400 / CELLS
SHADES = "▁▂▃▄▅▆▇█"
BAR_TITLE = "0     3     6     9     12    15    18    21    "


def print_hours(rows: Sequence[tuple[Device, Hour]]) -> None:
    """A line for each hour that has something."""
    if not rows:
        _console.talk("there are no recordings in that range")
    elif _console.is_terminal():
        _print_tables(rows)
    else:
        for device, hour in rows:
            _console.print_row((device.label, f"{hour.start:%Y-%m-%dT%H}", *_format_hour(hour)))


def _print_tables(rows: Sequence[tuple[Device, Hour]]) -> None:
    """A table for each day of each camera."""
    for (label, day), group in groupby(rows, lambda row: (row[0].label, row[1].start.date())):
        _console.print_row((label, f"{day:%a %Y-%m-%d}"))
        hours = [(f"{hour.start:%H}", *_format_hour(hour)) for _, hour in group]
        _console.print_table(("", SCALE, "motion"), hours)
    _console.talk(LEGEND)


def _format_hour(hour: Hour) -> tuple[str, str]:
    """A sign for each minute, and how long something moved."""
    signs = "".join(
        MOTION if motion_s else FOOTAGE if footage_s else NOTHING
        for footage_s, motion_s in zip(hour.footage_s, hour.motion_s, strict=True)
    )
    return signs, format_clock(sum(hour.motion_s))


def print_days(recordings: Sequence[CardRecording]) -> None:
    """A bar for each day that has footage."""
    days = sorted({day for r in recordings for day in (r.start.date(), r.end.date())})
    rows = [(f"{day:%a %Y-%m-%d}", _draw_bar(day, recordings)) for day in days]
    _console.print_table(("day", BAR_TITLE), rows)


def _draw_bar(day: dt.date, recordings: Sequence[CardRecording]) -> str:
    """A cell for each half hour, the fuller the more footage it has."""
    midnight = dt.datetime.combine(day, dt.time())
    seconds = measure_footage(recordings, midnight, CELLS, CELL_S)
    return "".join(_shade(each / CELL_S) for each in seconds)


def _shade(share: float) -> str:
    if share <= 0:
        return NOTHING
    return SHADES[min(len(SHADES) - 1, int(share * len(SHADES)))]
