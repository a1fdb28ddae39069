"""`v380 devices add`, `edit` and `remove`."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from v380cli.commands import _console, _options, _passwords, _target
from v380cli.commands.devices import ask
from v380cli.commands.devices.options import (
    AddressOption,
    IdOption,
    ListedCamera,
    ListedCameras,
    MacOption,
    NotesOption,
    QualityOption,
    RtspOption,
    ViaOption,
    find_one,
)
from v380cli.errors import CameraNotFound
from v380cli.models import DEFAULT_PORT, DEFAULT_USERNAME, Device, PasswordSource, Secret, Via
from v380cli.store.records import DeviceRecord
from v380cli.text import quote_names
from v380cli.work.identity import parse_address, parse_device_id, parse_mac_address


def add(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="Any text; asked for when left out.")
    ] = "",
    device_id: IdOption = "",
    address: AddressOption = "",
    mac: MacOption = "",
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    group: Annotated[
        list[str] | None, typer.Option(metavar="GROUP", help="Reach it as @GROUP; repeatable.")
    ] = None,
    qr: Annotated[
        Path | None,
        typer.Option("--qr", metavar="FILE", help="A picture of the sticker's QR code."),
    ] = None,
    quality: QualityOption = None,
    via: ViaOption = None,
    rtsp: RtspOption = "",
    notes: NotesOption = None,
    no_check: Annotated[
        bool, typer.Option("--no-check", help="Do not look for it, and do not try the log-in.")
    ] = False,
) -> None:
    """Add a camera, and try to log in to it.

    An id, an address or a picture of its sticker is enough: the rest is looked up in the network,
    and a person is asked for what is missing. A camera that is off is added all the same.
    The password comes from standard input, V380_PASSWORD or a prompt, never from an argument.

    $ v380 devices add porch --id 12345678
    $ v380 devices add garage --address 192.168.1.50 --group outside
    """
    from v380cli.store.database import open_device_list

    device = Device(
        name=name,
        username=username or DEFAULT_USERNAME,
        quality=quality,
        via=via or Via.AUTO,
        rtsp_url=rtsp,
        host=_find_host(rtsp),
    )
    device = _apply_identity(device, device_id, address, mac)
    if qr:
        device = _apply_sticker(device, qr)
    is_complete = bool(name and (device.device_id or device.host or device.mac))
    if not is_complete and not sys.stdin.isatty():
        raise typer.BadParameter("say NAME, and one of --id, --address, --mac and --qr")
    with open_device_list() as devices:
        if not is_complete:
            device = ask.ask_device(device, devices)
        if not no_check:
            device = _look_up(device)
        password, source = _read_password(device.name, password_stdin)
        device = replace(device, password=password, password_source=source)
        same = devices.find_by_id(device.device_id) if device.device_id else []
        record = DeviceRecord(device=device, groups=tuple(group or ()), notes=notes or "")
        device = replace(device, name=devices.add(record).device.name)
    _console.talk(f"Added {device.name!r}.")
    for other in same:
        _console.talk(f"It has the id of {other.device.name!r}, which is in the list as well.")
    if not no_check and device.host and (device.device_id or device.via is Via.RTSP):
        _try_login(device)


def edit(
    camera: ListedCamera,
    name: Annotated[str, typer.Option(metavar="NAME", help="A new name.")] = "",
    device_id: IdOption = "",
    address: AddressOption = "",
    mac: MacOption = "",
    username: Annotated[str, typer.Option(metavar="USER", help="User to log in as.")] = "",
    password_stdin: _options.PasswordStdinOption = False,
    new_password: Annotated[
        bool, typer.Option("--new-password", help="Ask for a password, or take V380_PASSWORD.")
    ] = False,
    group: Annotated[
        list[str] | None, typer.Option(metavar="GROUP", help="Put it into a group; repeatable.")
    ] = None,
    no_group: Annotated[
        list[str] | None,
        typer.Option("--no-group", metavar="GROUP", help="Take it out of one; repeatable."),
    ] = None,
    quality: QualityOption = None,
    via: ViaOption = None,
    rtsp: RtspOption = "",
    notes: NotesOption = None,
) -> None:
    """Change a camera; what is not named stays.

    $ v380 devices edit porch --new-password
    $ v380 devices edit porch --name gate --group outside
    """
    from v380cli.store.database import open_device_list

    def change(before: DeviceRecord) -> DeviceRecord:
        device = _apply_identity(before.device, device_id, address, mac)
        device = replace(
            device,
            name=name or device.name,
            username=username or device.username,
            quality=quality or device.quality,
            via=via or device.via,
            rtsp_url=rtsp or device.rtsp_url,
        )
        groups = {*before.groups, *(group or ())} - set(no_group or ())
        kept_notes = before.notes if notes is None else notes
        return replace(before, device=device, groups=tuple(groups), notes=kept_notes)

    has_password = password_stdin or new_password
    changes = (name, device_id, address, mac, username, group, no_group, quality, via, rtsp)
    if not any((*changes, has_password)) and notes is None:
        raise typer.BadParameter("say what to change; `v380 devices edit --help` lists it")
    with open_device_list(create=False) as devices:
        old_name = find_one(devices, camera).device.name
        source = None
        if has_password:
            password, source = _read_password(old_name, password_stdin)
        with devices.transaction():
            new_name = devices.update(old_name, change).device.name
            if source:
                devices.write_password(new_name, password)
    _console.talk(f"Changed {new_name!r}{f': it has {source}' if source else ''}.")


def remove(
    cameras: ListedCameras,
    yes: _options.YesOption = False,
) -> None:
    """Remove cameras from the list, with their passwords.

    $ v380 devices remove porch
    """
    from v380cli.store.database import open_device_list
    from v380cli.work.targets import find_named

    with open_device_list(create=False) as devices:
        names = [record.device.name for record in find_named(devices, cameras)]
        if not yes:
            _confirm_removal(names)
        with devices.transaction():
            for name in names:
                devices.remove(name)
    _console.talk(f"Removed {quote_names(names)}.")


def _find_host(rtsp: str) -> str:
    """The host of an RTSP address, which the list checks when it takes it."""
    try:
        return urlsplit(rtsp).hostname or ""
    except ValueError:
        return ""


def _apply_identity(device: Device, device_id: str, address: str, mac: str) -> Device:
    """The device with what was given of the three; an address without a port has the usual one."""
    if device_id:
        device = replace(device, device_id=parse_device_id(device_id))
    if mac:
        device = replace(device, mac=parse_mac_address(mac))
    if address:
        host, port = parse_address(address)
        device = replace(device, host=host, port=port or DEFAULT_PORT)
    return device


def _look_up(device: Device) -> Device:
    """Ask the network for what is not known of it; one that is off is added without it."""
    from v380cli.work.targets import look_up

    if (device.host and device.device_id) or device.via is Via.RTSP:
        return device
    try:
        return look_up(device)
    except CameraNotFound as error:
        missing = "id" if device.host else "address"
        _console.talk(f"{error.message}: its {missing} is not known yet; {error.hint}")
        return device


def _try_login(device: Device) -> None:
    """Say whether the camera lets us in; one that does not stays in the list."""
    from v380cli.work.devices.checking import check_device

    check = check_device(device)
    if check.error:
        _target.talk_error(check.error)
    else:
        _console.talk(f"It answers at {check.device.address} and accepts the log-in.")


def _apply_sticker(device: Device, picture: Path) -> Device:
    from v380cli.work import sticker

    device_id = sticker.read_sticker(picture)
    if device.device_id not in (0, device_id):
        raise typer.BadParameter(f"the QR code says {device_id}, --id says {device.device_id}")
    return replace(device, device_id=device_id)


def _read_password(label: str, from_stdin: bool) -> tuple[Secret, PasswordSource]:
    """From standard input or V380_PASSWORD, else asked for, else empty where nobody can answer."""
    if from_stdin:
        return _passwords.read_stdin_password(), PasswordSource.STANDARD_INPUT
    if (given := _passwords.read_environment()) is not None:
        return given, PasswordSource.ENVIRONMENT
    if sys.stdin.isatty():
        return _passwords.ask_password(label), PasswordSource.PERSON
    return Secret(), PasswordSource.NOBODY


def _confirm_removal(names: Sequence[str]) -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter("nobody is here to confirm the removal; add --yes")
    if not _console.confirm(f"Remove {quote_names(names)} and their passwords?"):
        raise typer.Abort
