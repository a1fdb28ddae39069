"""Whether the cameras of the list answer and let us in."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from v380cli.errors import CredentialsRefused, NetworkError, Refused, RemoteProtocolError, V380Error
from v380cli.models import Device
from v380cli.store.database import DeviceList
from v380cli.store.records import DeviceRecord

# Each check is one thread that waits for one camera; a /24 full of silent ones takes 16 rounds.
MAX_CHECKS_AT_ONCE = 16

Check = dict[str, Any]


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
