"""`v380 recordings list`: when there is footage, and which recordings there are."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from v380cli.camera.wall_clock import parse_zone
from v380cli.commands import _console, _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.commands.recordings import options
from v380cli.errors import describe_error
from v380cli.models import Device
from v380cli.text import format_clock
from v380cli.work.outcome import join_errors

if TYPE_CHECKING:
    from v380cli.camera.recordings import CardRecording


@camera_command(all_devices=True)
def list_(
    call: CameraCall,
    date: options.DateOption = "",
    since: options.SinceOption = "",
    until: options.UntilOption = "",
    kind: options.KindOption = None,
    timezone: _options.ZoneOption = "",
) -> Result:
    """List what is on the SD card, a day at a time; without a range, of the last 31 days.

    The times are those of the camera's clock, made true with --timezone.

    $ v380 recordings list porch --date yesterday
    $ v380 recordings list porch --since 2h --type motion
    """
    from v380cli.work.card import selection

    wanted = selection.make_selection(date, since, until, kind, parse_zone(timezone))
    devices = call.resolve()
    outcomes = [(camera, *selection.try_to_find(camera, wanted)) for camera in devices]
    found = [(camera, recording) for camera, recordings, _ in outcomes for recording in recordings]
    failed = [(camera, error) for camera, _, error in outcomes if error]
    return Result(
        document=[describe(camera, recording) for camera, recording in found]
        + [{"device": camera.label, "error": describe_error(error)} for camera, error in failed],
        show=partial(_print_found, devices, found),
        error=join_errors([(camera.label, error) for camera, _, error in outcomes]),
        is_empty=len(failed) == len(devices),
    )


def _print_found(
    devices: Sequence[Device], found: "Sequence[tuple[Device, CardRecording]]"
) -> None:
    if not found:
        _console.talk("there are no recordings in that range")
        return
    if _console.is_terminal():
        from v380cli.commands.recordings import view

        for camera in devices:
            view.print_days([r for owner, r in found if owner is camera])
    columns = ("id", "camera", "type", "start", "duration")
    _console.print_table(columns, [_format_row(camera, r) for camera, r in found])


def describe(device: Device, recording: "CardRecording") -> dict[str, Any]:
    """The object of `recordings list --json`."""
    return {
        "id": recording.id,
        "device": device.label,
        "type": recording.kind,
        "start": recording.start,
        "end": recording.end,
        "duration_s": recording.duration_s,
    }


def _format_row(device: Device, recording: "CardRecording") -> tuple[str, ...]:
    return (
        recording.id,
        device.label,
        recording.kind,
        f"{recording.start:%Y-%m-%d %H:%M:%S}",
        format_clock(recording.duration_s),
    )
