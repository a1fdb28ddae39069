"""`v380 settings set`: one subject of one camera, changed and read back."""

from typing import Annotated

import typer

from v380cli.camera.configure_account import change_account
from v380cli.commands import _console, _options, _session, _target
from v380cli.commands.provision.network import read_new_password
from v380cli.models import Device, Secret
from v380cli.work.settings.edits import Edit, edit_topic, remember_account
from v380cli.work.settings.topics import find_topic, parse_assignments, split_words

PASSWORD = "password"  # noqa: S105 - the word for it
CHANGE_COLUMNS = ("setting", "key", "before", "after")

DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
]


def set_(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CAMERA SUBJECT [KEY=VALUE]...",
            help="A camera; record, clock, alarm, arming, light, user, address or password; "
            "then what it is to be.",
            autocompletion=_options.complete_camera,
        ),
    ] = None,
    device: _options.DeviceOption = None,
    dry_run: DryRunOption = False,
    new_password_stdin: Annotated[
        bool,
        typer.Option(
            "--new-password-stdin",
            help="Of `password`, from standard input; else V380_NEW_PASSWORD, or it asks.",
        ),
    ] = False,
    id_: _options.DeviceIdOption = 0,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Change a setting, and read it back: SUBJECT KEY=VALUE..., or `clock now`, `password`.

    What is not named stays as it is. A camera that agrees and does not do it is an error (exit 7).
    """
    cameras, rest = split_words(words, device)
    if not rest:
        raise typer.BadParameter("say which setting, like: record always=on")
    subject, *assignments = rest
    login = _target.LoginOptions(username=username, password_stdin=password_stdin, device_id=id_)
    if subject == PASSWORD:
        if assignments or dry_run:
            raise typer.BadParameter("a password takes no value here: it is asked for")
        _set_password(cameras, login, from_stdin=new_password_stdin, json_=json_)
        return
    topic = find_topic(subject)
    values = parse_assignments(topic, assignments)
    camera = _session.resolve_one(cameras, login)
    with _session.open_session(camera, is_change=True) as client:
        edit = edit_topic(client, topic, values, dry_run=dry_run)
    print_edit(camera, edit, json_=json_)


def _set_password(
    cameras: list[str], login: _target.LoginOptions, *, from_stdin: bool, json_: bool
) -> None:
    """Give a camera another device password; the proof is a log-in with it."""
    camera = _session.resolve_one(cameras, login)
    password = read_new_password(from_stdin=from_stdin)
    with _session.open_session(camera, is_change=True) as client:
        change_account(client, camera.username, password)
        remember_account(camera, client.device)
    edit = Edit(
        subject=PASSWORD,
        before={"is_set": bool(camera.password)},
        after={"is_set": bool(password)},
        verified=True,
    )
    if json_:
        _console.print_json(edit.to_json(camera))
    else:
        _console.talk(f"{camera.label} takes the new password{_say_where(camera, password)}")


def _say_where(camera: Device, password: Secret) -> str:
    return ", and the device list has it" if camera.name and password else ""


def print_edit(camera: Device, edit: Edit, *, json_: bool) -> None:
    """What has changed, or would."""
    if json_:
        _console.print_json(edit.to_json(camera))
        return
    rows = edit.list_rows()
    if rows:
        _console.print_table(CHANGE_COLUMNS, rows)
    if not rows:
        _console.talk(f"{camera.label}: {edit.subject} is so already")
    elif not edit.verified:
        _console.talk("nothing was changed")
