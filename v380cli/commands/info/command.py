"""`v380 info`: ask the cameras, all at once, and print what they said."""

import contextlib
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.camera.wall_clock import parse_zone
from v380cli.commands import _console, _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.commands._signals import stop_on_signals
from v380cli.errors import StorageError, V380Error
from v380cli.models import Device
from v380cli.redaction import Redactor
from v380cli.work.outcome import join_errors

if TYPE_CHECKING:
    from v380cli.camera.inspection import Inspection, Inspector

PROGRESS_COLUMNS = ("camera", "asked for")


@camera_command(all_devices=True, via=True)
def info(
    call: CameraCall,
    no_streams: Annotated[
        bool, typer.Option("--no-streams", help="Do not open the streams to look at them.")
    ] = False,
    redact: Annotated[
        bool, typer.Option("--redact", help="Fit to post: no ids, addresses, names or networks.")
    ] = False,
    timezone: _options.ZoneOption = "",
) -> Result:
    """Show what cameras tell of themselves.

    Log-in, abilities, versions, SD card, clock, network, and what the streams are in truth. What
    a camera does not offer or answer is said so. With -v the log has the commands that worked;
    --redact does not change the log.

    $ v380 info porch
    $ v380 info porch --json --redact > porch.json
    """
    from v380cli.camera.inspection import Inspector
    from v380cli.commands.info import view
    from v380cli.work.inspection_document import describe_inspection
    from v380cli.work.targets import reach

    zone = parse_zone(timezone)
    redactor = Redactor() if redact else None
    devices = _resolve(call, redactor)
    inspections = _inspect(
        [Inspector(reach(one), streams=not no_streams, via=one.via) for one in devices]
    )
    found = [describe_inspection(inspection, zone) for inspection in inspections]
    found = redactor.redact(found) if redactor else found
    error = _find_error(inspections)
    if error and redactor:
        error = redactor.redact_error(error)
    return Result(
        document=found,
        show=partial(view.print_documents, found),
        error=error,
        is_empty=not any(inspection.ticket or inspection.onvif for inspection in inspections),
    )


def _resolve(call: CameraCall, redactor: Redactor | None) -> list[Device]:
    """The cameras that are meant; with a redactor no error has a name in it."""
    if redactor is None:
        return call.resolve()
    try:
        return call.resolve()
    except V380Error as error:
        _learn_names(redactor, call.targets)
        raise redactor.redact_error(error) from None


def _learn_names(redactor: Redactor, targets: Sequence[str]) -> None:
    """Let it know what the command line and the device list call their cameras."""
    from v380cli.store.database import open_device_list

    redactor.learn([{"device": target} for target in targets])
    with contextlib.suppress(StorageError), open_device_list(create=False) as devices:
        for name, device_id, host in devices.list_names():
            redactor.learn({"name": name, "id": device_id, "address": host})
        redactor.learn([{"name": group} for group in devices.list_groups()])


def _inspect(inspectors: "Sequence[Inspector]") -> "list[Inspection]":
    """Run all at once; a signal ends the command."""
    from v380cli.camera.fleet import Fleet
    from v380cli.camera.inspection import Inspection

    fleet = Fleet[Inspection](inspectors)
    with stop_on_signals(fleet.stop) as caught, _console.LiveTable(PROGRESS_COLUMNS) as table:
        inspections = fleet.run(
            lambda: table.update((one.device.label, one.state) for one in inspectors)
        )
    caught.leave("interrupted")
    return inspections


def _find_error(inspections: "Sequence[Inspection]") -> V380Error | None:
    """The error that the whole command ends with, or None."""
    return join_errors([(inspection.device.label, inspection.error) for inspection in inspections])
