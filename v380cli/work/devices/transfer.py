"""Cameras of documents into the list, all or none, and back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from v380cli.errors import StorageError
from v380cli.store.database import DeviceList, open_device_list
from v380cli.store.records import DeviceRecord
from v380cli.work.devices import documents


def import_records(records: Sequence[DeviceRecord], *, update: bool) -> None:
    """Add cameras to the list; with `update`, in the place of those of the same name.

    Raises StorageError, and then none is added.
    """
    for name, count in Counter(record.device.name for record in records).items():
        if count > 1:
            raise StorageError(f"the camera {name!r} is to be imported {count} times")
    with open_device_list() as devices, devices.transaction():
        for record in records:
            _import_record(devices, record, update=update)


def list_twins(records: Sequence[DeviceRecord]) -> list[list[str]]:
    """The names that the list has for one device id, where one of these cameras has it, too."""
    wanted = {record.device.device_id for record in records} - {0}
    with open_device_list(create=False) as devices:
        found = [[each.device.name for each in devices.find_by_id(one)] for one in sorted(wanted)]
    return [names for names in found if len(names) > 1]


def list_entries(*, with_passwords: bool) -> list[dict[str, Any]]:
    """All cameras of the list, as `documents` writes them."""
    with open_device_list(create=False) as devices:
        return [
            _describe(record, devices, with_passwords=with_passwords)
            for record in devices.list_devices()
        ]


def _describe(record: DeviceRecord, devices: DeviceList, *, with_passwords: bool) -> dict[str, Any]:
    entry = documents.describe_record(record)
    if with_passwords:
        password = devices.read_password(record.device.name) if record.has_password else None
        entry["password"] = password.reveal() if password else ""
    return entry


def _import_record(devices: DeviceList, record: DeviceRecord, *, update: bool) -> None:
    """Add the camera, or replace the one of its name; a file without passwords keeps the old."""
    name, password = record.device.name, record.device.password
    if devices.find_by_name(name) is None:
        devices.add(record)
        return
    if not update:
        raise StorageError(
            f"there is a camera {name!r} in the device list already; nothing was imported",
            hint="--update replaces it by the one of the file",
        )
    devices.update(name, lambda before: replace(record, key=before.key))
    if password:
        devices.write_password(name, password)
