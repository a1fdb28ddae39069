"""`v380 recordings timeline`: a day hour by hour, with what moved."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from v380cli.camera.wall_clock import CameraZone, parse_zone
from v380cli.commands import _console, _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.commands.recordings import options
from v380cli.models import Device
from v380cli.text import format_clock

if TYPE_CHECKING:
    from v380cli.work.card.timeline import Hour

NOTHING, FOOTAGE, MOTION = "·▂█"
LEGEND = f"each sign is a minute: {FOOTAGE} footage, {MOTION} motion or alarm, {NOTHING} nothing"
SCALE = "".join(f"{minute:<10}" for minute in range(0, 60, 10))


class Row(NamedTuple):
    """An hour of one camera."""

    device: Device
    hour: "Hour"


@camera_command()
def timeline(
    call: CameraCall,
    date: options.DateOption = "",
    since: options.SinceOption = "",
    until: options.UntilOption = "",
    timezone: _options.ZoneOption = "",
) -> Result:
    """Show a day on the SD card hour by hour, with what moved; without a range, today.

    The times are those of the camera's clock, made true with --timezone.

    $ v380 recordings timeline porch --date yesterday
    $ v380 recordings timeline porch --since 3d --json
    """
    from v380cli.camera.recordings import CardReader
    from v380cli.work.card import selection
    from v380cli.work.card.timeline import HOUR, list_hours
    from v380cli.work.targets import reach

    zone = parse_zone(timezone)
    date = date or ("" if since or until else "today")
    wanted = selection.make_selection(date, since, until, None, zone)
    rows = [
        Row(camera, hour)
        for camera in call.resolve()
        for hour in list_hours(selection.find_recordings(CardReader(reach(camera)), wanted))
        if wanted.since - HOUR < hour.start <= wanted.until
    ]
    return Result(document=[describe(row, zone) for row in rows], show=partial(_print_rows, rows))


def describe(row: Row, zone: CameraZone) -> dict[str, Any]:
    """The object of `recordings timeline --json`."""
    return {
        "device": row.device.label,
        "hour": zone.to_true(row.hour.start),
        "footage_s": round(sum(row.hour.footage_s), 3),
        "motion_s": round(sum(row.hour.motion_s), 3),
    }


def draw_hour(hour: "Hour") -> str:
    """A sign for each minute."""
    return "".join(
        MOTION if motion_s else FOOTAGE if footage_s else NOTHING
        for footage_s, motion_s in zip(hour.footage_s, hour.motion_s, strict=True)
    )


def _print_rows(rows: Sequence[Row]) -> None:
    if not rows:
        _console.talk("there are no recordings in that range")
    elif _console.is_terminal():
        _print_days(rows)
    else:
        for device, hour in rows:
            _console.print_row((device.label, f"{hour.start:%Y-%m-%dT%H}", *_format_hour(hour)))


def _print_days(rows: Sequence[Row]) -> None:
    """A table for each day of each camera."""
    for (label, day), group in groupby(rows, lambda row: (row.device.label, row.hour.start.date())):
        _console.print_row((label, f"{day:%a %Y-%m-%d}"))
        hours = [(f"{hour.start:%H}", *_format_hour(hour)) for _, hour in group]
        _console.print_table(("", SCALE, "motion"), hours)
    _console.talk(LEGEND)


def _format_hour(hour: "Hour") -> tuple[str, str]:
    return draw_hour(hour), format_clock(sum(hour.motion_s))
