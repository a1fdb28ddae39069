"""`v380 preset`: positions that the camera has stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from v380cli.camera.control import NotAble, check_able
from v380cli.commands import _console, _control, _options, _session, _target
from v380cli.commands.devices.view import format_local
from v380cli.models import Device
from v380cli.store.database import open_device_list
from v380cli.store.presets import Preset, check_preset_name
from v380cli.wire.abilities import Abilities
from v380cli.wire.control import PresetAction, PresetControl
from v380cli.wire.presets import list_preset_forms

GO, LIST = "go", "list"
EDITS = {"set": PresetAction.SET, "delete": PresetAction.DELETE}
ACTIONS = (GO, *EDITS, LIST)
MAX_NUMBER = 255


@dataclass(frozen=True, slots=True)
class Words:
    """What the arguments say; `position` is a number or a name."""

    targets: list[str]
    action: str
    position: str


def preset(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CAMERA go|set|delete|list [POSITION]",
            help="The camera, what to do, and the position: its number from 1, or its name.",
            autocompletion=_options.complete_camera,
        ),
    ] = None,
    device: _options.DeviceOption = None,
    name: Annotated[
        str, typer.Option(metavar="NAME", help="What to call the position that is set.")
    ] = "",
    force: _control.ForceOption = False,
    id_: _options.DeviceIdOption = 0,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Go to a stored position, set it to where the camera points now, delete it, or list them.

    Numbers are those of the vendor's app. No camera tells which positions it has: the list has
    those that were set from here.
    """
    said = _parse_words(words or [], device or [])
    if name and said.action != "set":
        raise typer.BadParameter("--name goes with set")
    check_preset_name(name)
    login = _target.LoginOptions(username=username, password_stdin=password_stdin, device_id=id_)
    if said.action == LIST:
        _list(_session.resolve_one(said.targets, login), json_=json_)
    elif said.action == GO:
        plan = _control.ControlPlan(
            words=f"preset go {said.position}",
            make=lambda camera: [PresetControl(preset_id=_find_number(camera, said.position) - 1)],
        )
        _control.run_plan(said.targets, login, plan, force=force, json_=json_)
    else:
        camera = _session.resolve_one(said.targets, login)
        _edit(camera, said, name, force=force, json_=json_)


def _parse_words(words: Sequence[str], devices: Sequence[str]) -> Words:
    """`CAMERA go 3`, and `go CAMERA 3`, which reads as well."""
    action = next((word for word in words if word in ACTIONS), "")
    _control.check_word(action, ACTIONS)
    rest = list(words)
    rest.remove(action)
    if action == LIST:
        return Words([*rest, *devices], action, "")
    targets = [*rest[:-1], *devices]
    if not (rest and targets):
        raise typer.BadParameter(f"say a camera and a position: v380 preset CAMERA {action} 3")
    return Words(targets, action, rest[-1])


def _find_number(device: Device, position: str) -> int:
    """A position's number; raises typer.BadParameter for what is neither number nor name."""
    if position.isdecimal() and 1 <= int(position[:4]) <= MAX_NUMBER:
        return int(position)
    if device.name:
        with open_device_list(create=False) as devices:
            if found := devices.open_presets(device.name).find_by_name(position):
                return found.number
    raise typer.BadParameter(
        f"{position!r} is no position of {device.label}; take a number from 1 to {MAX_NUMBER}, "
        "or a name that `v380 preset CAMERA list` shows"
    )


def _edit(device: Device, said: Words, name: str, *, force: bool, json_: bool) -> None:
    """Set or delete, which the camera confirms, and remember it."""
    number = _find_number(device, said.position)
    with _session.open_session(device, is_change=True) as client:
        if not force:
            check_able(client.abilities, [PresetControl(preset_id=number - 1)])
        client.run_first(list_preset_forms(EDITS[said.action], number - 1))
    _remember(device, said.action, number, name)
    words = f"preset {said.action} {number}"
    if json_:
        _console.print_json(
            {"device": device.label, "control": words, "sent": True, "confirmed": True}
        )
    else:
        typer.echo(f"{device.label}: {words}, confirmed by the camera")


def _remember(device: Device, action: str, number: int, name: str) -> None:
    """Note in the device list what was set or deleted."""
    if not device.name:
        return
    with open_device_list(create=False) as devices:
        presets = devices.open_presets(device.name)
        if action == "set":
            presets.note(number, name)
        else:
            presets.forget(number)


def _list(device: Device, *, json_: bool) -> None:
    with _session.open_session(device) as client:
        room = _count_room(client.abilities)
    with open_device_list(create=False) as devices:
        presets = devices.open_presets(device.name).list_presets() if device.name else []
    if json_:
        _console.print_json(
            {"device": device.label, "room": room, "presets": [_describe(p) for p in presets]}
        )
        return
    columns = ("position", "name", "set from here")
    _console.print_table(columns, [(p.number, p.name, format_local(p.stored)) for p in presets])
    room_words = "an unknown number of" if room is None else str(room)
    _console.talk(
        f"{device.label} has room for {room_words} positions; "
        "those that were set elsewhere it does not tell."
    )


def _count_room(abilities: Abilities | None) -> int | None:
    """How many positions the camera keeps; None where it does not say."""
    if abilities is None:
        return None
    if not abilities.presets:
        raise NotAble("the camera says that it has no presets")
    return abilities.preset_count or None


def _describe(preset: Preset) -> dict[str, Any]:
    return {"number": preset.number, "name": preset.name, "stored": preset.stored}
