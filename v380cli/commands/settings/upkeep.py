"""`v380 settings format` and `firmware`: what is done seldom, and with care."""

import sys
from dataclasses import fields
from typing import Annotated

import typer

from v380cli.camera.configure_card import format_card
from v380cli.commands import _console, _options, _session, _target
from v380cli.commands.settings.changing import print_edit
from v380cli.errors import InvalidInput
from v380cli.wire.versions import list_update_forms
from v380cli.work.settings import documents
from v380cli.work.settings.edits import Edit


def format_(
    camera: _options.CameraArgument = "",
    device: _options.DeviceOption = None,
    yes: Annotated[
        str, typer.Option("--yes", metavar="NAME", help="The camera's name again, for scripts.")
    ] = "",
    id_: _options.DeviceIdOption = 0,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Wipe the SD card: every recording on it is gone. Asks for the camera's name first."""
    login = _target.LoginOptions(username=username, password_stdin=password_stdin, device_id=id_)
    one = _session.resolve_one([*filter(None, [camera]), *(device or [])], login)
    _confirm(one.label, yes)
    with _session.open_session(one, is_change=True) as client:
        made = format_card(client)
    edit = Edit(
        subject="card",
        before=documents.describe(made.before),
        after=documents.describe(made.after),
        verified=made.verified,
    )
    if json_:
        print_edit(one, edit, json_=True)
    else:
        _console.talk(f"{one.label}: the card is formatted, and the camera says that it is good")


def firmware(
    camera: _options.CameraArgument = "",
    device: _options.DeviceOption = None,
    id_: _options.DeviceIdOption = 0,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Let the camera ask its maker, over the internet, for newer firmware; nothing is installed."""
    login = _target.LoginOptions(username=username, password_stdin=password_stdin, device_id=id_)
    one = _session.resolve_one([*filter(None, [camera]), *(device or [])], login)
    _console.talk("The camera asks a server of its maker now; this program asks nobody.")
    with _session.open_session(one) as client:
        update = client.run_first(list_update_forms())[1]
    if json_:
        _console.print_json({**documents.describe_device(one), **documents.describe(update)})
    elif not update.new_number:
        _console.talk(f"{one.label}: there is nothing newer")
    else:
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
