"""What the device list knows of cameras that were seen, and learns of them."""

from collections.abc import Iterable
from typing import Any

from v380cli.camera.discover import Sighting
from v380cli.errors import StorageError
from v380cli.models import Device
from v380cli.store.database import DeviceList, open_device_list
from v380cli.store.records import DeviceRecord


class KnownCameras:
    """The device list as discovery sees it; `warning` says why it could not be read."""

    def __init__(self) -> None:
        self._names: dict[tuple[int, str, str], str] = {}
        self.warning = ""

    def find_name(self, sighting: Sighting) -> str:
        """The name of a camera, empty for a stranger."""
        name = self._names.get(sighting.identity)
        if name is None:
            name = self._names[sighting.identity] = self._read_name(sighting)
        return name

    def learn(self, sightings: Iterable[Sighting], *, save: bool) -> list[str]:
        """Note that the cameras of the list were seen; with `save`, add the others to it.

        Returns the names of those that were added.

        Anybody can answer in a camera's name: where it is now the list learns when it has let us
        in there. One whose id or MAC another one claims too is not added. Raises StorageError
        with `save` only.
        """
        added: list[str] = []
        sure = [row for row in sightings if row.is_v380 and not row.conflict]
        try:
            with open_device_list(create=save) as devices, devices.transaction():
                for row in sure:
                    record = devices.find_by_beacon(row.beacon)
                    if record:
                        devices.touch(record.device.name)
                    elif save:
                        record = devices.add(_make_record(row, devices))
                        added.append(record.device.name)
                    self._names[row.identity] = record.device.name if record else ""
        except StorageError as error:
            if save:
                raise
            self.warning = error.message
        return added

    def _read_name(self, sighting: Sighting) -> str:
        if self.warning or not sighting.is_v380:
            return ""
        try:
            with open_device_list(create=False) as devices:
                record = devices.find_by_beacon(sighting.beacon)
        except StorageError as error:
            self.warning = error.message
            return ""
        return record.device.name if record else ""


def _make_record(row: Sighting, devices: DeviceList) -> DeviceRecord:
    beacon = row.beacon
    name = f"camera-{beacon.device_id or beacon.mac or beacon.ip}"
    if devices.find_by_name(name):  # of a camera that the list knows under another MAC
        name = f"{name}-{beacon.ip}"
    return DeviceRecord(
        device=Device(
            name=name,
            device_id=beacon.device_id,
            host=beacon.ip,
            port=beacon.port,
            mac=beacon.mac,
        )
    )


def make_document(row: Sighting, known: KnownCameras) -> dict[str, Any]:
    """The object of `discover --json`; `ip` is where the answer came from, the one to use."""
    beacon, name = row.beacon, known.find_name(row)
    return {
        "id": beacon.device_id or None,
        "name": name,
        "ip": beacon.ip,
        "mac": beacon.mac,
        "netmask": beacon.netmask,
        "gateway": beacon.gateway,
        "port": beacon.port,
        "interface": row.interface,
        "version": beacon.version,
        "config_id": beacon.config_id,
        "known": bool(name),
        "claimed_ip": row.claimed_ip,
        "answered_by": sorted(row.answered_by),
        "also_on": list(row.also_on),
        "conflict": row.conflict,
        "device_version": row.device_version or None,
    }
