"""`v380 settings apply`: what a dump has, to one camera or many."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from v380cli.camera.interrupt import Interrupt
from v380cli.commands import _console, _options, _session, _target
from v380cli.commands._boundary import ResultPrinted
from v380cli.commands.settings.changing import DryRunOption
from v380cli.work.settings.applying import (
    LOG_IN,
    Applied,
    apply_to,
    check_address,
    find_error,
    parse_document,
)
from v380cli.work.user_files import STANDARD_STREAM, read_text

COLUMNS = ("camera", "setting", "key", "before", "after")


def apply(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CAMERA]... FILE",
            help="The cameras, and what `v380 settings dump` wrote; - is standard input.",
            autocompletion=_options.complete_camera,
        ),
    ] = None,
    device: _options.DeviceOption = None,
    all_cameras: Annotated[
        bool, typer.Option("--all", help="Every camera of the device list.")
    ] = False,
    dry_run: DryRunOption = False,
    id_: _options.DeviceIdOption = 0,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Set cameras as a file says, each setting read back; leave out of the file what is to stay.

    An address belongs to one camera: it is applied only to the one that the file is of.
    """
    if not words:
        raise typer.BadParameter("name the cameras, then the file")
    *cameras, name = words
    if Path(name) == STANDARD_STREAM and password_stdin:
        raise typer.BadParameter("standard input has the settings; use V380_PASSWORD")
    wanted, owner_id = parse_document(read_text(Path(name)))
    login = _target.LoginOptions(username=username, password_stdin=password_stdin, device_id=id_)
    targets = [*cameras, *(device or [])]
    devices = _target.resolve_targets(targets, all_devices=all_cameras, login=login)
    check_address(wanted, devices, owner_id)
    interrupt = Interrupt()
    results: list[Applied] = []
    with _session.interruptible(interrupt.request, is_change=True):
        for one in devices:
            results.append(apply_to(one, wanted, interrupt, dry_run=dry_run))
            if interrupt():
                _show(results, json_=json_, dry_run=dry_run)
            interrupt.check()
    _end(results, json_=json_, dry_run=dry_run)


def _end(results: Sequence[Applied], *, json_: bool, dry_run: bool) -> None:
    if len(results) == 1 and LOG_IN in results[0].failures:
        raise results[0].failures[LOG_IN]
    _show(results, json_=json_, dry_run=dry_run)
    if error := find_error(results):
        raise ResultPrinted(error)


def _show(results: Sequence[Applied], *, json_: bool, dry_run: bool) -> None:
    if json_:
        _console.print_json([result.to_json() for result in results])
        return
    rows = [(result.device.label, *row) for result in results for row in result.list_rows()]
    if rows:
        _console.print_table(COLUMNS, rows)
    for result in results:
        if not result.failures and not result.list_rows():
            _console.talk(f"{result.device.label}: all is so already")
        for name, error in result.failures.items():
            _console.talk(f"{result.device.label}: {name and f'{name}: '}{error.message}")
    if dry_run:
        _console.talk("nothing was changed")
