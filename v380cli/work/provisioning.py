"""What is made of a camera that was told its network: a document, a place in the list, a cause."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from v380cli.camera.interrupt import Interrupt
from v380cli.camera.provision import Progress
from v380cli.errors import CameraNotFound
from v380cli.models import DEFAULT_USERNAME, Device, Secret
from v380cli.store.database import open_device_list
from v380cli.store.records import DeviceRecord
from v380cli.wire.provisioning import WifiSettings

Method = Literal["ap", "smartlink", "qr"]


class Teller(Interrupt):
    """An interrupt that is told what is being done."""

    def say(self, text: str) -> None:
        """Tell a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is wanted when the camera was seen: a place in the device list, and what goes there.

    `password` None leaves user and password as they are: this method did not log in.
    """

    method: Method
    is_saved: bool
    name: str
    username: str = DEFAULT_USERNAME
    password: Secret | None = None


def make_document(
    progress: Progress, network: WifiSettings, method: Method, seconds: float
) -> dict[str, Any]:
    """The object of `provision ... --json`."""
    beacon = progress.sighting.beacon if progress.sighting else None
    return {
        "id": (beacon.device_id if beacon else progress.device_id) or None,
        "ip": beacon.ip if beacon else "",
        "mac": beacon.mac if beacon else progress.mac,
        "ssid": network.ssid,
        "method": method,
        "joined": beacon is not None,
        "seconds": round(seconds, 1),
    }


def make_not_seen(progress: Progress, network: WifiSettings, method: Method) -> CameraNotFound:
    """The error with the likely causes, the likeliest first."""
    camera = f"camera {progress.device_id}" if progress.device_id else "the camera"
    causes = list(_list_causes(progress, network, method))
    numbered = "; ".join(f"{number}. {cause}" for number, cause in enumerate(causes, start=1))
    return CameraNotFound(
        f"{camera} was not seen in the network {network.ssid!r} in time", hint=numbered
    )


def _list_causes(progress: Progress, network: WifiSettings, method: Method) -> Iterator[str]:
    seen = [entry for entry in progress.networks or () if entry.ssid == network.ssid]
    if progress.networks and not seen:
        yield "the camera does not see that network: too far, 5 GHz only, or spelt otherwise"
    elif seen and all(entry.is_5_ghz for entry in seen):
        yield "the camera sees that network on 5 GHz only, which most cameras cannot join"
    if method == "smartlink":
        yield "the camera is too new for SmartLink, or was not waiting for it: try provision ap"
        yield "the access point does not send this machine's multicast into the air at 2.4 GHz"
    if method == "qr":
        yield "the camera's firmware does not read this code: try provision ap"
    yield "the PSK is wrong: a camera takes any and tells nobody"
    if not progress.networks:
        yield "the network has 5 GHz only, or is out of the camera's reach"
    yield "this machine is not in that network, or a guest Wi-Fi keeps its devices apart"
    yield "the camera needs longer: `v380 discover --watch` shows when it comes"


def save(progress: Progress, ending: Ending) -> str:
    """Put the camera into the device list, or note there where and how it is reached now.

    Says what was done.
    """
    assert progress.sighting, "only what was seen is saved"
    if progress.sighting.conflict:  # the list must not lead to an impostor
        return "not saved: another camera claims the same id or MAC"
    beacon = progress.sighting.beacon
    with open_device_list() as devices, devices.transaction():
        known = devices.learn_address(beacon)
        name = ending.name or (known.device.name if known else f"camera-{beacon.device_id}")
        if known is None:
            device = Device(
                name=name,
                device_id=beacon.device_id,
                host=beacon.ip,
                port=beacon.port,
                mac=beacon.mac,
            )
            devices.add(DeviceRecord(device=device))
        elif name != known.device.name:
            devices.update(known.device.name, lambda record: _rename(record, name))
        if ending.password is not None:
            devices.update(name, lambda record: _change_user(record, ending.username))
            devices.write_password(name, ending.password)
    return f"saved as {name!r}"


def _rename(record: DeviceRecord, name: str) -> DeviceRecord:
    return replace(record, device=replace(record.device, name=name))


def _change_user(record: DeviceRecord, username: str) -> DeviceRecord:
    return replace(record, device=replace(record.device, username=username))
