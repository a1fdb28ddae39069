"""`v380 preset`: positions that the camera has stored."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

import typer

from v380cli.camera.control import NotAble, check_able
from v380cli.commands import _console, _control, _options, _session
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
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


CameraAndPosition = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CAMERA go|set|delete|list [POSITION]",
        help="The camera, what to do, and the position: its number from 1, or its name.",
        autocompletion=_options.complete_camera,
    ),
]


@camera_command(CameraAndPosition)
def preset(
    call: CameraCall,
    name: Annotated[
        str, typer.Option(metavar="NAME", help="What to call the position that is set.")
    ] = "",
    force: _control.ForceOption = False,
) -> Result:
    """Go to a stored position, set it to where the camera points now, delete it, or list them.

    Numbers are those of the vendor's app. No camera tells which positions it has: the list has
    those that were set from here.

    $ v380 preset porch set 1 --name gate
    $ v380 preset porch go gate
    """
    action, position = _parse_words(call)
    if name and action != "set":
        raise typer.BadParameter("--name goes with set")
    check_preset_name(name)
    if action == LIST:
        return _list(call.resolve_one())
    if action == GO:
        plan = _control.ControlPlan(
            words=f"preset go {position}",
            make=lambda camera: [PresetControl(preset_id=_find_number(camera, position) - 1)],
        )
        return _control.run_plan(call, plan, force=force)
    return _edit(call.resolve_one(), action, position, name, force=force)


def _parse_words(call: CameraCall) -> tuple[str, str]:
    """What to do, and the position: of `CAMERA go 3`, and of `go CAMERA 3`, which reads as well."""
    action = next((word for word in call.words if word in ACTIONS), "")
    _control.check_word(call, action, ACTIONS)
    call.words.remove(action)
    if action == LIST:
        return action, ""
    if not call.words or len(call.targets) < 2:
        raise typer.BadParameter(f"say a camera and a position: v380 preset CAMERA {action} 3")
    return action, call.words.pop()


def _find_number(device: Device, position: str) -> int:
    """A position's number; raises typer.BadParameter for what is neither number nor name."""
    if position.isdecimal() and 1 <= int(position[:4]) <= MAX_NUMBER:
        return int(position)
    if device.name:
        with open_device_list(create=False) as devices:
            if found := devices.open_presets(device.name).find_by_name(position):
                return found.number
    raise typer.BadParameter(
        f"{position!r} is not a position of {device.label}; take a number from 1 to {MAX_NUMBER}, "
        "or a name that `v380 preset CAMERA list` shows"
    )


def _edit(device: Device, action: str, position: str, name: str, *, force: bool) -> Result:
    """Set or delete, which the camera confirms, and remember it."""
    number = _find_number(device, position)
    with _session.open_session(device, is_change=True) as client:
        if not force:
            check_able(client.abilities, [PresetControl(preset_id=number - 1)])
        client.run_first(list_preset_forms(EDITS[action], number - 1))
    _remember(device, action, number, name)
    words = f"preset {action} {number}"
    return Result(
        document={"device": device.label, "control": words, "sent": True, "confirmed": True},
        show=lambda: typer.echo(f"{device.label}: {words}, confirmed by the camera"),
    )


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


def _list(device: Device) -> Result:
    with _session.open_session(device) as client:
        room = _count_room(client.abilities)
    with open_device_list(create=False) as devices:
        presets = devices.open_presets(device.name).list_presets() if device.name else []
    return Result(
        document={"device": device.label, "room": room, "presets": [_describe(p) for p in presets]},
        show=partial(_print_presets, device, room, presets),
    )


def _print_presets(device: Device, room: int | None, presets: Sequence[Preset]) -> None:
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
