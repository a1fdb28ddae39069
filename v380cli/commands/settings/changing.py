"""`v380 settings set`: one subject of one camera, changed and read back."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from v380cli.commands import _console, _options, _session
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.models import Device, Secret

if TYPE_CHECKING:
    from v380cli.camera.settings.client import SettingsClient
    from v380cli.work.settings.edits import Edit

# As in `work.settings.topics`.
NAMES = ("record", "clock", "alarm", "arming", "light", "user", "address")
PASSWORD = "password"  # noqa: S105 - the word for it
CHANGE_COLUMNS = ("setting", "key", "before", "after")

DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
]


CameraAndValues = Annotated[
    list[str] | None,
    typer.Argument(
        metavar=_options.Words(
            "[CAMERA] SUBJECT [KEY=VALUE]...", (*NAMES, PASSWORD), _options.ASSIGNMENTS
        ),
        help="A camera or @group; record, clock, alarm, arming, light, user, address or password; "
        "then what it is to be.",
        autocompletion=_options.complete_target,
    ),
]


@camera_command(CameraAndValues, all_devices=True)
def set_(
    call: CameraCall,
    dry_run: DryRunOption = False,
    new_password_stdin: Annotated[
        bool,
        typer.Option(
            "--new-password-stdin",
            help="Of `password`, from standard input; else V380_NEW_PASSWORD, or it asks.",
        ),
    ] = False,
) -> Result:
    """Change a setting, and read it back: SUBJECT KEY=VALUE..., or `clock now`, `password`.

    What is not named stays as it is. A camera that agrees and does not do it is an error (exit 7).

    $ v380 settings set porch record always=on
    $ v380 settings set --all clock now
    $ v380 settings set porch password
    """
    from v380cli.wire.settings.address import ADDRESS
    from v380cli.work.settings.edits import edit_topic
    from v380cli.work.settings.topics import find_topic, parse_assignments

    rest = call.take_rest()
    if not rest:
        raise typer.BadParameter("say which setting, like: record always=on")
    subject, *assignments = rest
    if subject == PASSWORD:
        if assignments or dry_run:
            raise typer.BadParameter("a password takes no value here: it is asked for")
        return _set_password(call, from_stdin=new_password_stdin)
    topic = find_topic(subject)
    values = parse_assignments(topic, assignments)
    devices = call.resolve()
    if topic.subject is ADDRESS and len(devices) > 1:
        raise typer.BadParameter("an address belongs to one camera")

    def change(client: "SettingsClient") -> "Edit":
        return edit_topic(client, topic, values, dry_run=dry_run)

    return _session.ask_each(devices, change, _describe, _show, is_change=True)


def _describe(camera: Device, edit: "Edit") -> dict[str, Any]:
    return edit.to_json(camera)


def _show(edits: "Sequence[tuple[Device, Edit]]") -> None:
    for camera, edit in edits:
        print_edit(camera, edit, is_named=len(edits) > 1)


def _set_password(call: CameraCall, *, from_stdin: bool) -> Result:
    """Give a camera another device password; the proof is a log-in with it."""
    from v380cli.camera.settings.account import change_account
    from v380cli.commands._passwords import read_new_password
    from v380cli.work.settings.edits import Edit, remember_account

    camera = call.resolve_one()
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
    said = f"{camera.label} takes the new password{_say_where(camera, password)}"
    return Result(document=[edit.to_json(camera)], show=partial(_console.talk, said))


def _say_where(camera: Device, password: Secret) -> str:
    return ", and the device list has it" if camera.name and password else ""


def print_edit(camera: Device, edit: "Edit", *, is_named: bool) -> None:
    """What has changed, or would; of one of several cameras with its name."""
    rows = edit.list_rows()
    if rows and is_named:
        _console.print_table(("camera", *CHANGE_COLUMNS), [(camera.label, *row) for row in rows])
    elif rows:
        _console.print_table(CHANGE_COLUMNS, rows)
    if not rows:
        _console.talk(f"{camera.label}: {edit.subject} is so already")
    elif not edit.verified:
        _console.talk("nothing was changed")
