"""`v380 info`: ask the cameras, all at once, and print what they said."""

import contextlib
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from v380cli.camera.fleet import Fleet
from v380cli.camera.inspection import Inspection, Inspector
from v380cli.camera.wall_clock import parse_zone
from v380cli.commands import _console, _options, _target
from v380cli.commands._boundary import ResultPrinted
from v380cli.commands._signals import stop_on_signals
from v380cli.commands.info import documents, view
from v380cli.commands.recordings.options import ZoneOption
from v380cli.errors import StorageError, V380Error
from v380cli.models import Device
from v380cli.redaction import Redactor
from v380cli.store.database import open_device_list
from v380cli.work.outcome import join_errors
from v380cli.work.targets import reach

PROGRESS_COLUMNS = ("camera", "asked for")


def info(
    cameras: _options.CamerasArgument = None,
    device: _options.DeviceOption = None,
    no_streams: Annotated[
        bool, typer.Option("--no-streams", help="Do not open the streams to look at them.")
    ] = False,
    redact: Annotated[
        bool, typer.Option("--redact", help="Fit to post: no ids, addresses, names or networks.")
    ] = False,
    timezone: ZoneOption = "",
    via: _options.ViaOption = None,
    id_: _options.DeviceIdOption = 0,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Show what cameras tell of themselves.

    Log-in, abilities, versions, SD card, clock, network, and what the streams are in truth. What
    a camera does not offer or answer is said so. With -v the log has the commands that worked;
    --redact does not change the log.
    """
    zone = parse_zone(timezone)
    login = _target.LoginOptions(
        username=username, password_stdin=password_stdin, device_id=id_, via=via
    )
    redactor = Redactor() if redact else None
    devices = _resolve([*(cameras or []), *(device or [])], login, redactor)
    inspections = _inspect(
        [Inspector(reach(one), streams=not no_streams, via=one.via) for one in devices]
    )
    found = [documents.describe_inspection(inspection, zone) for inspection in inspections]
    found = redactor.redact(found) if redactor else found
    error = _find_error(inspections)
    if error and redactor:
        error = redactor.redact_error(error)
    if error and not any(inspection.ticket or inspection.onvif for inspection in inspections):
        raise error
    if json_:
        _console.print_json(found)
    else:
        view.print_documents(found)
    if error:
        raise ResultPrinted(error)


def _resolve(
    targets: Sequence[str], login: _target.LoginOptions, redactor: Redactor | None
) -> list[Device]:
    """The cameras that are meant; with a redactor no error has a name in it."""
    if redactor is None:
        return _target.resolve_targets(targets, login=login)
    try:
        return _target.resolve_targets(targets, login=login)
    except V380Error as error:
        _learn_names(redactor, targets)
        raise redactor.redact_error(error) from None


def _learn_names(redactor: Redactor, targets: Sequence[str]) -> None:
    """Let it know what the command line and the device list call their cameras."""
    redactor.learn([{"device": target} for target in targets])
    with contextlib.suppress(StorageError), open_device_list(create=False) as devices:
        for name, device_id, host in devices.list_names():
            redactor.learn({"name": name, "id": device_id, "address": host})
        redactor.learn([{"name": group} for group in devices.list_groups()])


def _inspect(inspectors: Sequence[Inspector]) -> list[Inspection]:
    """Run all at once; a signal ends the command."""
    fleet = Fleet[Inspection](inspectors)
    live = _console.LiveTable(PROGRESS_COLUMNS) if sys.stderr.isatty() else None
    with stop_on_signals(fleet.stop) as caught:
        if live:
            live.start()
        try:
            inspections = fleet.run(
                lambda: live.update((i.device.label, i.state) for i in inspectors) if live else None
            )
        finally:
            if live:
                live.stop()
    if caught.exit_code:
        _console.talk("interrupted")
        raise typer.Exit(caught.exit_code)
    return inspections


def _find_error(inspections: Sequence[Inspection]) -> V380Error | None:
    """The error that the whole command ends with, or None."""
    return join_errors([(inspection.device.label, inspection.error) for inspection in inspections])
