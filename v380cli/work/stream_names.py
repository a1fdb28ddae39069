"""What cameras are called in addresses: the same in `serve` and in what `export` writes."""

from collections.abc import Container, Iterable

from v380cli.models import Device
from v380cli.text import format_slug


def name_streams(devices: Iterable[Device]) -> dict[str, Device]:
    """The cameras by names of their own, in their order."""
    names: dict[str, Device] = {}
    for device in devices:
        names[_choose_name(device, names)] = device
    return names


def _choose_name(device: Device, taken: Container[str]) -> str:
    """Its name, else its id, else its address; what is taken gets a number behind it."""
    name = format_slug(device.name or str(device.device_id or device.host))
    if name in taken and device.device_id:
        name = str(device.device_id)
    number = 2
    first = name
    while name in taken:
        name, number = f"{first}-{number}", number + 1
    return name
