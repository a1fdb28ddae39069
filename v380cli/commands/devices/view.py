"""How cameras of the list are shown, and whether they answer and let us in."""

from typing import TYPE_CHECKING, Any

from v380cli.commands._table import format_local
from v380cli.store.records import DeviceRecord

if TYPE_CHECKING:
    from v380cli.work.devices.checking import Check

COLUMNS = ("name", "id", "address", "mac", "groups", "last seen")
CHECK_COLUMNS = ("name", "id", "address", "reachable", "log-in", "why not")

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


def format_checked_row(check: "Check") -> list[str]:
    """A row under CHECK_COLUMNS."""
    device = check.device
    return [
        device.name,
        str(device.device_id or ""),
        device.address if device.host else "",
        WORDS[check.is_reachable],
        WORDS[check.is_let_in],
        check.error.message if check.error else "",
    ]


def describe_check(check: "Check") -> dict[str, Any]:
    """What `devices list --check --json` adds to a camera; null for what cannot be known."""
    return {
        "reachable": check.is_reachable,
        "login": check.is_let_in,
        "error": check.error.code if check.error else None,
        "message": check.error.message if check.error else None,
    }


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
        "left and right": "swapped" if device.ptz_swapped else "",
        "groups": " ".join(record.groups),
        "notes": record.notes,
        "added": format_local(record.added),
        "last seen": format_local(record.last_seen),
    }
