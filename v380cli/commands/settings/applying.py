"""`v380 settings apply`: what a dump has, to one camera or many."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.commands import _console, _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.commands._signals import stop_on_signals
from v380cli.commands.settings.changing import DryRunOption

if TYPE_CHECKING:
    from v380cli.work.settings.applying import Applied

COLUMNS = ("camera", "setting", "key", "before", "after")


CamerasAndFile = Annotated[
    list[str] | None,
    typer.Argument(
        metavar=_options.Words("[CAMERA]... FILE", _options.FILES),
        help="The cameras, and what `v380 settings dump` wrote; - is standard input.",
        autocompletion=_options.complete_target,
    ),
]


@camera_command(CamerasAndFile, all_devices=True)
def apply(
    call: CameraCall,
    dry_run: DryRunOption = False,
) -> Result:
    """Set cameras as a file says, each setting read back; leave out of the file what is to stay.

    An address belongs to one camera: it is applied only to the one that the file is of.

    $ v380 settings apply @outside porch.json --dry-run
    $ v380 settings apply --all porch.json
    """
    from v380cli.camera.interrupt import Interrupt
    from v380cli.work.settings.applying import (
        LOG_IN,
        apply_to,
        find_error,
        parse_document,
        plan_all,
    )
    from v380cli.work.user_files import STANDARD_STREAM, read_text

    if not call.words:
        raise typer.BadParameter("name the cameras, then the file")
    file = Path(call.words.pop())
    if file == STANDARD_STREAM and call.login.password_stdin:
        raise typer.BadParameter("standard input has the settings; use V380_PASSWORD")
    wanted, owner_id = parse_document(read_text(file))
    plans = plan_all(call.resolve(), wanted, owner_id)
    if any(plan != wanted for _, plan in plans):
        _console.talk(f"the address in the file is that of {owner_id} and goes to no other camera")
    interrupt = Interrupt()
    results: list[Applied] = []
    with stop_on_signals(interrupt.request) as caught:
        for one, plan in plans:
            results.append(apply_to(one, plan, interrupt, dry_run=dry_run))
            if interrupt():
                break
    return Result(
        document=[result.to_json() for result in results],
        show=partial(_show, results, dry_run=dry_run),
        error=find_error(results),
        is_empty=len(results) == 1 and LOG_IN in results[0].failures,
        exit_code=caught.exit_code,
        note="interrupted: what was under way may be done or not",
    )


def _show(results: "Sequence[Applied]", *, dry_run: bool) -> None:
    rows = [(result.device.label, *row) for result in results for row in result.list_rows()]
    if rows:
        _console.print_table(COLUMNS, rows)
    for result in results:
        if not result.failures and not result.list_rows():
            _console.talk(f"{result.device.label}: all is so already")
        for name, error in result.failures.items():
            _console.say(f"{result.device.label}: {name and f'{name}: '}{error.message}")
    if dry_run:
        _console.talk("nothing was changed")
