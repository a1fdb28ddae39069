"""`v380 recordings timeline`: a day hour by hour, with what moved."""

from functools import partial
from typing import TYPE_CHECKING, Any

from v380cli.camera.wall_clock import CameraZone, parse_zone
from v380cli.commands import _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.commands.recordings import options
from v380cli.models import Device

if TYPE_CHECKING:
    from v380cli.work.card.timeline import Hour


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
    from v380cli.commands.recordings import view
    from v380cli.work.card import selection
    from v380cli.work.card.timeline import HOUR, list_hours
    from v380cli.work.targets import reach

    zone = parse_zone(timezone)
    date = date or ("" if since or until else "today")
    wanted = selection.make_selection(date, since, until, None, zone)
    rows = [
        (camera, hour)
        for camera in call.resolve()
        for hour in list_hours(selection.find_recordings(CardReader(reach(camera)), wanted))
        if wanted.since - HOUR < hour.start <= wanted.until
    ]
    return Result(
        document=[describe(*row, zone) for row in rows], show=partial(view.print_hours, rows)
    )


def describe(camera: Device, hour: "Hour", zone: CameraZone) -> dict[str, Any]:
    """The object of `recordings timeline --json`."""
    return {
        "device": camera.label,
        "hour": zone.to_true(hour.start),
        "footage_s": round(sum(hour.footage_s), 3),
        "motion_s": round(sum(hour.motion_s), 3),
    }
