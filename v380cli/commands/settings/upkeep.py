"""`v380 settings format` and `firmware`: what is done seldom, and with care."""

import sys
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.commands import _console, _options, _session
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.errors import InvalidInput
from v380cli.models import Device

if TYPE_CHECKING:
    from v380cli.wire.versions import Update


@camera_command(_options.CameraArgument)
def format_(
    call: CameraCall,
    yes: Annotated[
        str, typer.Option("--yes", metavar="NAME", help="The camera's name again, for scripts.")
    ] = "",
) -> Result:
    """Wipe the SD card: every recording on it is gone. Asks for the camera's name first.

    $ v380 settings format porch
    """
    from v380cli.work.settings.edits import wipe_card

    one = call.resolve_one()
    _confirm(one.label, yes)
    with _session.open_session(one, is_change=True) as client:
        edit = wipe_card(client)
    said = f"{one.label}: the card is formatted, and the camera says that it is good"
    return Result(document=edit.to_json(one), show=partial(_console.talk, said))


@camera_command(_options.CameraArgument)
def firmware(
    call: CameraCall,
) -> Result:
    """Let the camera ask its maker, over the internet, for newer firmware; nothing is installed.

    $ v380 settings firmware porch
    """
    from v380cli.wire.versions import list_update_forms
    from v380cli.work.settings import documents

    one = call.resolve_one()
    _console.talk("The camera asks a server of its maker now; this program asks nobody.")
    with _session.open_session(one) as client:
        update = client.run_first(list_update_forms())[1]
    return Result(
        document={**documents.describe_device(one), **documents.describe(update)},
        show=partial(_print_update, one, update),
    )


def _print_update(device: Device, update: "Update") -> None:
    from v380cli.work.settings import documents

    if not update.new_number:
        _console.talk(f"{device.label}: there is nothing newer")
        return
    rows = [(f.name, documents.format_value(getattr(update, f.name))) for f in fields(update)]
    _console.print_table(("key", "value"), rows)


def _confirm(label: str, yes: str) -> None:
    """Let the card be wiped only by somebody who names the camera; InvalidInput otherwise."""
    if not yes:
        if not sys.stdin.isatty():
            raise InvalidInput(
                "nobody is here to confirm that the card may be wiped",
                hint=f"in a script: --yes {label}",
            )
        yes = typer.prompt(
            f"Every recording on the card of {label} will be gone. Type its name", err=True
        )
    if yes.strip() != label:
        raise InvalidInput(f"that is not {label}: nothing was formatted")
