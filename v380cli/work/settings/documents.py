"""Settings as people, scripts and files see them."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from v380cli.models import Device
from v380cli.wire.settings.alarm import Alarm
from v380cli.wire.settings.clock import Clock
from v380cli.wire.settings.record import RecordPlan
from v380cli.wire.settings.subject import spell
from v380cli.work.settings.topics import Topic

Document = dict[str, Any]


def describe(value: Any) -> Document:
    """Every field of a value, in words where it has some."""
    document = {f.name: spell(getattr(value, f.name)) for f in fields(value)}
    match value:
        case RecordPlan():
            del document["size_flags"]
            document["sizes"] = [size.word for size in value.sizes]
        case Clock():
            document = {"time": document.pop("text"), **document}
        case Alarm():
            document["grid"] = value.grid.rstrip(b"\0").hex()
    return document


def describe_saved(topic: Topic, value: Any) -> Document:
    """What of it a dump has."""
    document = describe(value)
    return {key: document[key] for key in topic.saved}


def describe_device(device: Device) -> Document:
    """Which camera it is."""
    return {"device": device.label, "id": device.device_id}


def list_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Key, former and new value of what differs for a person, to whom a moment is none."""
    pairs = {key: (format_value(before.get(key)), format_value(after[key])) for key in after}
    return [(key, former, new) for key, (former, new) in pairs.items() if former != new]


def format_value(value: object) -> str:
    """A value on the terminal."""
    if isinstance(value, list):
        return " ".join(map(str, value)) or "-"
    if isinstance(value, float):
        return f"{round(value):+d}"
    return "-" if value in ("", None) else str(value)
