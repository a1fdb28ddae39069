"""`v380 settings format` and `firmware`: what is done to a camera rather than set."""

import sys
from typing import Annotated

import typer

from v380cli.camera.configure import read
from v380cli.camera.configure_card import format_card
from v380cli.commands import _console, _options, _target
from v380cli.commands.settings import documents, session
from v380cli.errors import InvalidInput, UnsupportedFirmware
from v380cli.models import Device
from v380cli.wire.versions import VERSIONS, list_update_forms

CameraArgument = Annotated[
    str,
    typer.Argument(
        metavar="[CAMERA]",
        help="The camera.",
        show_default=False,
        autocompletion=_options.complete_camera,
    ),
]
FORMAT_KEYS = ("card", "card_size", "card_free")


def format_(
    camera: CameraArgument = "",
    device: _options.DeviceOption = None,
    yes: Annotated[
        str,
        typer.Option(
            "--yes", metavar="NAME", help="Do not ask; repeats the name (or id) of the camera."
        ),
    ] = "",
    id_: _options.DeviceIdOption = 0,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Delete everything on a camera's SD card, after its name was typed."""
    login = _target.LoginOptions(username=username, password_stdin=password_stdin, device_id=id_)
    one = session.resolve_one([*filter(None, [camera]), *(device or [])], login)
    _confirm(one, yes)
    with session.open_session(one, is_change=True) as opened:
        made = format_card(opened.client)
    before, after = (
        {key: documents.describe(plan)[key] for key in FORMAT_KEYS}
        for plan in (made.before, made.after)
    )
    if json_:
        _console.print_json(
            {
                "device": one.label,
                "subject": "card",
                "before": before,
                "after": after,
                "verified": made.verified,
            }
        )
        return
    _console.print_table(("key", "was", "is"), documents.list_changes(before, after))
    _console.talk(f"the card of {one.label} is formatted")


def firmware(
    camera: CameraArgument = "",
    device: _options.DeviceOption = None,
    id_: _options.DeviceIdOption = 0,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Have a camera look for newer firmware; nothing is installed.

    The camera, not this machine, asks a server of its vendor over the internet. That is the only
    command that makes it do so.
    """
    login = _target.LoginOptions(username=username, password_stdin=password_stdin, device_id=id_)
    one = session.resolve_one([*filter(None, [camera]), *(device or [])], login)
    with session.open_session(one) as opened:
        try:
            running = documents.describe(read(opened.client, VERSIONS))
        except UnsupportedFirmware:
            running = {}
        _console.talk(f"{one.label} asks its vendor over the internet")
        _, update = opened.client.run_first(list_update_forms())
    offered = documents.describe(update) if update.new_number else None
    if json_:
        document = {**documents.describe_device(one), "running": running, "offered": offered}
        _console.print_json(document)
        return
    rows = [("running", key, documents.format_value(value)) for key, value in running.items()]
    rows += [("offered", key, documents.format_value(v)) for key, v in (offered or {}).items()]
    _console.print_table(("", "key", "value"), rows)
    _console.talk("the vendor offers something newer" if offered else "there is nothing newer")


def _confirm(camera: Device, given: str) -> None:
    """Let the person type the camera's name; a script has repeated it with --yes."""
    if not given and not sys.stdin.isatty():
        raise typer.BadParameter(f"nobody is here to confirm; add --yes {camera.label!r}")
    answer = given or typer.prompt(
        f"Everything on the card of {camera.label!r} will be lost. Type its name to go on", err=True
    )
    if answer not in (camera.name, str(camera.device_id), camera.address):
        raise InvalidInput(f"{answer!r} is not {camera.label!r}: nothing was formatted")
