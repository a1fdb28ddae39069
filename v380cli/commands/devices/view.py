"""How cameras of the list are shown, and whether they answer and let us in."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from v380cli.errors import CredentialsRefused, NetworkError, Refused, RemoteProtocolError, V380Error
from v380cli.models import Device
from v380cli.store.database import DeviceList
from v380cli.store.records import DeviceRecord

COLUMNS = ("name", "id", "address", "mac", "groups", "last seen")
CHECK_COLUMNS = (*COLUMNS, "reachable", "log-in")

# Each check is one thread that waits for one camera; a /24 full of silent ones takes 16 rounds.
MAX_CHECKS_AT_ONCE = 16

Check = dict[str, Any]
WORDS = {True: "yes", False: "no", None: "?"}


def format_row(record: DeviceRecord) -> list[str]:
    """A row under COLUMNS."""
    device = record.device
    return [
        device.name,
        str(device.device_id or ""),
        device.address if device.host else "",
        device.mac,
        " ".join(record.groups),
        format_local(record.last_seen),
    ]


def format_checked_row(record: DeviceRecord, check: Check) -> list[str]:
    """A row under CHECK_COLUMNS."""
    return [*format_row(record), WORDS[check["reachable"]], WORDS[check["login"]]]


def format_details(record: DeviceRecord) -> dict[str, str]:
    """Everything that the list knows of a camera but its password."""
    device = record.device
    return {
        "name": device.name,
        "id": str(device.device_id or ""),
        "address": device.address if device.host else "",
        "mac": device.mac,
        "username": device.username,
        "password": "stored" if record.has_password else "none",
        "quality": device.quality or "",
        "log-in variant": device.login_variant,
        "left and right": "swapped" if device.ptz_swapped else "",
        "groups": " ".join(record.groups),
        "notes": record.notes,
        "added": format_local(record.added),
        "last seen": format_local(record.last_seen),
    }


def format_local(time: dt.datetime | None) -> str:
    """A time as the person's clock shows it, empty for None."""
    return f"{time.astimezone():%Y-%m-%d %H:%M}" if time else ""


def check_devices(records: Iterable[DeviceRecord], devices: DeviceList) -> list[Check]:
    """Log in to each camera: `{"reachable", "login", "error"}`, None for what cannot be known."""
    from concurrent.futures import ThreadPoolExecutor

    ready = [
        replace(record.device, password=devices.read_password(record.device.name))
        if record.has_password
        else record.device
        for record in records
    ]
    with ThreadPoolExecutor(MAX_CHECKS_AT_ONCE) as pool:
        checks = list(pool.map(check_device, ready))
    _note_seen(ready, checks, devices)
    return checks


def check_device(device: Device) -> Check:
    """Log in to one camera; its failure is the result."""
    from v380cli.camera.login import log_in

    if not device.device_id or not device.host:
        return {"reachable": None, "login": None, "error": "incomplete"}
    try:
        log_in(device)
    except NetworkError as error:
        return {"reachable": False, "login": None, "error": error.code}
    except CredentialsRefused as error:
        return {"reachable": True, "login": False, "error": error.code}
    except (Refused, RemoteProtocolError) as error:
        return {"reachable": True, "login": None, "error": error.code}
    except V380Error as error:
        return {"reachable": None, "login": None, "error": error.code}
    return {"reachable": True, "login": True, "error": None}


def _note_seen(checked: Sequence[Device], checks: Sequence[Check], devices: DeviceList) -> None:
    with devices.transaction():
        for device, check in zip(checked, checks, strict=True):
            if check["reachable"]:
                devices.touch(device.name)
