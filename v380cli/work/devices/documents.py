"""Device lists as JSON, CSV and TOML: what is written reads back the same."""

import csv
import io
import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from v380cli.errors import StorageError, UsageError
from v380cli.models import DEFAULT_PORT, DEFAULT_USERNAME, Device, Quality, Secret, Via
from v380cli.store.records import DeviceRecord, clean_record, format_time, parse_time
from v380cli.text import is_broken, parse_json
from v380cli.work.devices.formats import FileFormat
from v380cli.work.identity import parse_address, parse_mac_address
from v380cli.work.user_files import STANDARD_STREAM

Entry = Mapping[str, Any]


FIELDS = (
    *("name", "id", "address", "port", "mac", "username", "password", "quality"),
    *("login_variant", "ptz_swapped", "via", "learnt_via", "rtsp_url"),
    *("groups", "notes", "added", "last_seen"),
)
MAX_CAMERAS = 10_000  # of one import: ten times what discovery shows of a network
# A spreadsheet takes a cell that begins so for a formula. Such a cell gets an apostrophe in
# front, and so does one that has it already; reading takes it away again.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "'")


def choose_format(path: Path, chosen: FileFormat | None) -> FileFormat:
    """The format asked for, else the one of the file's ending, and JSON for a pipe.

    Raises UsageError.
    """
    if chosen or path == STANDARD_STREAM:
        return chosen or FileFormat.JSON
    try:
        return FileFormat(path.suffix.lower().removeprefix("."))
    except ValueError:
        raise UsageError(
            f"the ending of {path} does not say the format; add --format json, csv or toml"
        ) from None


def describe_record(record: DeviceRecord) -> dict[str, Any]:
    """A camera as a JSON object, unknown things as null; without its password."""
    device = record.device
    return {
        "name": device.name,
        "id": device.device_id or None,
        "address": device.host or None,
        "port": device.port,
        "mac": device.mac or None,
        "username": device.username,
        "quality": device.quality,
        "login_variant": device.login_variant,
        "ptz_swapped": device.ptz_swapped,
        "via": device.via,
        "learnt_via": device.learnt_via,
        "rtsp_url": device.rtsp_url or None,
        "groups": list(record.groups),
        "notes": record.notes,
        "added": format_time(record.added) or None,
        "last_seen": format_time(record.last_seen) or None,
    }


def parse_entry(entry: Entry) -> DeviceRecord:
    """The reverse, from any of the formats.

    Raises ValueError, UsageError or StorageError, which quote no password.
    """
    if not isinstance(entry, Mapping):
        raise ValueError("it is not a camera")
    quality = _parse_text(entry, "quality")
    device = Device(
        name=_parse_text(entry, "name"),
        device_id=_parse_number(entry, "id", 0),
        host=parse_address(host)[0] if (host := _parse_text(entry, "address")) else "",
        port=_parse_number(entry, "port", DEFAULT_PORT),
        mac=parse_mac_address(mac) if (mac := _parse_text(entry, "mac")) else "",
        username=_parse_text(entry, "username") or DEFAULT_USERNAME,
        password=Secret(_parse_text(entry, "password")),
        quality=Quality(quality) if quality else None,
        login_variant=_parse_text(entry, "login_variant"),
        ptz_swapped=_parse_truth(entry, "ptz_swapped"),
        via=Via(_parse_text(entry, "via") or Via.AUTO),
        learnt_via=Via(learnt) if (learnt := _parse_text(entry, "learnt_via")) else None,
        rtsp_url=_parse_text(entry, "rtsp_url"),
    )
    return DeviceRecord(
        device=device,
        groups=_parse_groups(entry.get("groups") or ()),
        notes=_parse_text(entry, "notes"),
        added=parse_time(_parse_text(entry, "added")),
        last_seen=parse_time(_parse_text(entry, "last_seen")),
    )


def format_entries(entries: Sequence[Entry], kind: FileFormat) -> str:
    """Cameras as a document of this kind."""
    match kind:
        case FileFormat.JSON:
            return json.dumps(entries, ensure_ascii=False, indent=2) + "\n"
        case FileFormat.CSV:
            return _format_csv(entries)
        case FileFormat.TOML:
            return "\n".join(_format_toml_table(entry) for entry in entries)


def parse_entries(text: str, kind: FileFormat) -> list[Entry]:
    """The reverse; raises ValueError for anything else."""
    try:
        match kind:
            case FileFormat.JSON:
                entries = parse_json(text)
            case FileFormat.CSV:
                entries = _parse_csv(text)
            case FileFormat.TOML:
                entries = _parse_toml(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except csv.Error as error:
        raise ValueError(str(error)) from error
    if not isinstance(entries, list):
        raise ValueError("it does not hold a list of cameras")
    if len(entries) > MAX_CAMERAS:
        raise ValueError(f"it has more than {MAX_CAMERAS} cameras")
    return entries


def _parse_toml(text: str) -> Any:
    import tomllib

    return tomllib.loads(text).get("device", [])


def parse_records(text: str, kind: FileFormat, name: str) -> list[DeviceRecord]:
    """Every camera of the document called `name`; raises StorageError that says which is wrong."""
    try:
        entries = parse_entries(text, kind)
    except ValueError as error:
        raise StorageError(f"{name} is not a device list in {kind}: {error}") from None
    records = []
    for number, entry in enumerate(entries, start=1):
        try:
            records.append(clean_record(parse_entry(entry)))
        except (ValueError, UsageError, StorageError) as error:
            raise StorageError(f"{name}, camera {number}: {error}") from None
    return records


def _format_csv(entries: Sequence[Entry]) -> str:
    buffer = io.StringIO(newline="")
    columns = [field for field in FIELDS if any(field in entry for entry in entries)]
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns or FIELDS)
    for entry in entries:
        writer.writerow([_format_cell(entry.get(column)) for column in columns])
    return buffer.getvalue()


def _parse_csv(text: str) -> list[Entry]:
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    return [
        {field: _parse_cell(cell) for field, cell in row.items() if field and cell}
        for row in itertools.islice(rows, MAX_CAMERAS + 1)
    ]


def _format_cell(value: Any) -> str:
    text = " ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _parse_cell(cell: str) -> str:
    return cell[1:] if cell[0] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell


def _format_toml_table(entry: Entry) -> str:
    """TOML has no null: what is unknown is left out. Its strings and lists are JSON's."""
    lines = [
        f"{field} = {json.dumps(entry[field], ensure_ascii=False)}"
        for field in FIELDS
        if entry.get(field) not in (None, "", [])
    ]
    return "\n".join(["[[device]]", *lines, ""])


def _parse_text(entry: Entry, field: str) -> str:
    value = entry.get(field)
    if value is None:
        return ""
    if not isinstance(value, str) or is_broken(value):
        raise ValueError(f"{field!r} is not text")
    return value


def _parse_number(entry: Entry, field: str, default: int) -> int:
    value = entry.get(field)
    if value in (None, ""):
        return default
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError(f"{field!r} is not a number")


def _parse_truth(entry: Entry, field: str) -> bool:
    value = entry.get(field)
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str) and value.lower() in ("", "true", "false"):
        return value.lower() == "true"
    raise ValueError(f"{field!r} is neither true nor false")


def _parse_groups(value: Any) -> tuple[str, ...]:
    groups = value.split() if isinstance(value, str) else value
    if not isinstance(groups, list | tuple) or not all(isinstance(group, str) for group in groups):
        raise ValueError("'groups' is not a list of words")
    return tuple(groups)
