"""Ask a person for what the command line leaves open about a new camera."""

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from v380cli.commands import _console
from v380cli.models import Beacon, Device
from v380cli.work.identity import parse_identity

if TYPE_CHECKING:
    from v380cli.store.database import DeviceList


def ask_device(device: Device, devices: "DeviceList") -> Device:
    """Ask for which camera it is, its name and its user, so far as `device` does not say."""
    if not (device.device_id or device.host or device.mac):
        device = _ask_camera(device, devices)
    if not device.name:
        suggestion = device.mac if device.mac and not device.host else device.label
        name = str(typer.prompt("Name of the camera", default=suggestion, err=True))
        username = str(typer.prompt("User", default=device.username, err=True))
        device = replace(device, name=name, username=username)
    return device


def _ask_camera(device: Device, devices: "DeviceList") -> Device:
    """Let the person choose among the cameras that answer, or write down an id or an address."""
    strangers = _list_strangers(devices)
    for number, beacon in enumerate(strangers, start=1):
        _console.say(f"{number:3}  {beacon.device_id or '?'}  {beacon.ip}  {beacon.mac}")
    question = "Number in this list, device id or address" if strangers else "Device id or address"
    answer = str(typer.prompt(question, err=True)).strip()
    if answer.isdecimal() and 0 < int(answer) <= len(strangers):
        return _take_beacon(device, strangers[int(answer) - 1])
    identity = parse_identity(answer)
    if identity is None:
        raise typer.BadParameter(f"{answer!r} is neither a device id nor an address")
    return replace(
        device,
        device_id=identity.device_id,
        mac=identity.mac,
        host=identity.host,
        port=identity.port or device.port,
    )


def _list_strangers(devices: "DeviceList") -> list[Beacon]:
    """The cameras that answer now and are not in the list."""
    from v380cli.camera.discover import DiscoverOptions, discover

    _console.talk("Looking for cameras in your network ...")
    result = discover(DiscoverOptions())
    beacons = [sighting.beacon for sighting in result.sightings if sighting.is_v380]
    strangers = [beacon for beacon in beacons if devices.find_by_beacon(beacon) is None]
    if not strangers:
        _console.talk("No camera answers that is not in the list yet.")
    return strangers


def _take_beacon(device: Device, beacon: Beacon) -> Device:
    return replace(
        device, device_id=beacon.device_id, mac=beacon.mac, host=beacon.ip, port=beacon.port
    )
