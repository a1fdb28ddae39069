"""`v380 preset`: positions that the camera has stored."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from v380cli.commands import _console, _control, _options, _session
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.commands._table import format_local
from v380cli.models import Device, Via
from v380cli.wire.abilities import Abilities
from v380cli.wire.control import PresetAction

if TYPE_CHECKING:
    from v380cli.camera.onvif_presets import OnvifPresets
    from v380cli.camera.settings.client import SettingsClient
    from v380cli.store.presets import Preset
    from v380cli.wire import onvif_services

GO, LIST = "go", "list"
EDITS = {"set": PresetAction.SET, "delete": PresetAction.DELETE}
ACTIONS = (GO, *EDITS, LIST)
MAX_NUMBER = 255
Listed = tuple[int | None, list[dict[str, Any]]]  # the room for positions, and those there are
T = TypeVar("T")


CameraAndPosition = Annotated[
    list[str] | None,
    typer.Argument(
        metavar=_options.Words(
            "[CAMERA] go|set|delete|list [POSITION]", ACTIONS, _options.POSITIONS
        ),
        help="The camera, what to do, and the position: its number from 1, or its name.",
        autocompletion=_options.complete_target,
    ),
]


@camera_command(CameraAndPosition, all_devices=True, via=True)
def preset(
    call: CameraCall,
    name: Annotated[
        str, typer.Option(metavar="NAME", help="What to call the position that is set.")
    ] = "",
    force: _control.ForceOption = False,
) -> Result:
    """Go to a stored position, set it to where the camera points now, delete it, or list them.

    Numbers are those of the vendor's app. By the private protocol no camera tells which positions
    it has: the list has those that were set from here. By ONVIF some do, and have names of theirs.

    $ v380 preset porch set 1 --name gate
    $ v380 preset porch go gate
    """
    from v380cli.store.presets import check_preset_name

    action, position = _parse_words(call)
    if name and action != "set":
        raise typer.BadParameter("--name goes with set")
    check_preset_name(name)
    if action == GO:
        return _go(call, position, force=force)
    device = call.resolve_one()
    if action == LIST:
        return _list(device)
    return _edit(device, action, position, name, force=force)


def _parse_words(call: CameraCall) -> tuple[str, str]:
    """What to do, and the position: of `CAMERA go 3`, and of `go CAMERA 3`, which reads as well."""
    action = next((word for word in call.words if word in ACTIONS), "")
    _control.check_word(call, action, ACTIONS)
    call.words.remove(action)
    if action == LIST:
        return action, ""
    if not call.words or (len(call.targets) < 2 and not call.all_devices):
        raise typer.BadParameter(f"say a camera and a position: v380 preset CAMERA {action} 3")
    return action, call.words.pop()


def _find_number(device: Device, position: str) -> int:
    """A position's number; raises typer.BadParameter for what is neither number nor name."""
    from v380cli.store.database import open_device_list

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


def _go(call: CameraCall, position: str, *, force: bool) -> Result:
    from v380cli.wire.control import PresetControl

    devices = call.resolve()
    if len(devices) == 1 and _choose_road(devices[0]) is Via.RTSP:
        return _change_by_onvif(devices[0], GO, position, lambda presets: presets.go(position))
    numbers = {camera: _find_number(camera, position) for camera in devices}
    plan = _control.ControlPlan(
        words=f"preset go {position}",
        make=lambda camera: [PresetControl(preset_id=numbers[camera] - 1)],
    )
    return _control.run_plan(call, plan, force=force, devices=devices)


def _edit(device: Device, action: str, position: str, name: str, *, force: bool) -> Result:
    """Set or delete, which the camera confirms, and remember it where the camera does not tell."""
    from v380cli.camera.control import check_able
    from v380cli.wire.control import PresetControl
    from v380cli.wire.presets import list_preset_forms

    change: dict[str, Callable[[OnvifPresets], object]] = {
        "set": lambda presets: presets.store(position, name),
        "delete": lambda presets: presets.remove(position),
    }
    if _choose_road(device) is Via.RTSP:
        return _change_by_onvif(device, action, position, change[action])
    number = _find_number(device, position)

    def by_lan(client: "SettingsClient") -> None:
        if not force:
            check_able(client.abilities, [PresetControl(preset_id=number - 1)])
        client.run_first(list_preset_forms(EDITS[action], number - 1))
        _remember(device, action, number, name)

    _, road = _run(device, by_lan, change[action], is_change=True)
    return _tell_change(device, f"preset {action} {number}", road)


def _change_by_onvif(
    device: Device, action: str, position: str, change: "Callable[[OnvifPresets], object]"
) -> Result:
    _, road = _run(device, lambda _client: None, change, is_change=True)
    return _tell_change(device, f"preset {action} {position}", road)


def _tell_change(device: Device, words: str, road: Via) -> Result:
    document = {"device": device.label, "control": words, "sent": True, "confirmed": True}
    return Result(
        document=[document | ({"via": _control.Via.ONVIF} if road is Via.RTSP else {})],
        show=lambda: typer.echo(f"{device.label}: {words}, confirmed by the camera"),
    )


def _choose_road(device: Device) -> Via:
    """ONVIF, too, where RTSP was what worked last."""
    is_free = device.via is Via.AUTO
    return Via.RTSP if is_free and device.learnt_via is Via.RTSP else device.via


def _run(
    device: Device,
    by_lan: "Callable[[SettingsClient], T]",
    by_onvif: "Callable[[OnvifPresets], T]",
    *,
    is_change: bool,
) -> tuple[T, Via]:
    """Do it by one road or the other; Ctrl-C ends it."""
    from v380cli.camera.interrupt import Interrupt
    from v380cli.camera.onvif_controls import by_any_road
    from v380cli.camera.onvif_presets import OnvifPresets
    from v380cli.camera.settings.client import SettingsClient
    from v380cli.work.targets import reach

    interrupt = Interrupt()
    with _session.interruptible(interrupt.request, is_change=is_change):
        access = reach(device, interrupt)
        return by_any_road(
            access,
            _choose_road(device),
            lambda: by_lan(SettingsClient.log_in(access)),
            lambda client: by_onvif(OnvifPresets(client)),
        )


def _remember(device: Device, action: str, number: int, name: str) -> None:
    """Note in the device list what was set or deleted."""
    from v380cli.store.database import open_device_list

    if not device.name:
        return
    with open_device_list(create=False) as devices:
        presets = devices.open_presets(device.name)
        if action == "set":
            presets.note(number, name)
        else:
            presets.forget(number)


def _list(device: Device) -> Result:
    from v380cli.store.database import open_device_list

    def by_lan(client: "SettingsClient") -> Listed:
        room = _count_room(client.abilities)
        with open_device_list(create=False) as devices:
            presets = devices.open_presets(device.name).list_presets() if device.name else []
        return room, [_describe(preset) for preset in presets]

    def by_onvif(presets: "OnvifPresets") -> Listed:
        return None, [_describe_told(preset) for preset in presets.list_presets()]

    (room, rows), road = _run(device, by_lan, by_onvif, is_change=False)
    document = {"device": device.label, "room": room, "presets": rows}
    if road is Via.RTSP:
        document["via"] = _control.Via.ONVIF
        return Result(document=[document], show=partial(_print_told, rows))
    return Result(document=[document], show=partial(_print_presets, device, room, rows))


def _print_told(rows: Sequence[dict[str, Any]]) -> None:
    _console.print_table(("position", "name"), [(row["token"], row["name"]) for row in rows])


def _print_presets(device: Device, room: int | None, rows: Sequence[dict[str, Any]]) -> None:
    columns = ("position", "name", "set from here")
    lines = [(row["number"], row["name"], format_local(row["stored"])) for row in rows]
    _console.print_table(columns, lines)
    room_words = "an unknown number of" if room is None else str(room)
    _console.talk(
        f"{device.label} has room for {room_words} positions; "
        "those that were set elsewhere it does not tell."
    )


def _count_room(abilities: Abilities | None) -> int | None:
    """How many positions the camera keeps; None where it does not say."""
    from v380cli.camera.control import NotAble

    if abilities is None:
        return None
    if not abilities.presets:
        raise NotAble("the camera says that it has no presets")
    return abilities.preset_count or None


def _describe(preset: "Preset") -> dict[str, Any]:
    return {"number": preset.number, "name": preset.name, "stored": preset.stored}


def _describe_told(preset: "onvif_services.Preset") -> dict[str, Any]:
    """A position that the camera tells, which goes by a token of its own."""
    number = int(preset.token) if preset.token.isdecimal() else None
    return {"number": number, "name": preset.name, "stored": None, "token": preset.token}
