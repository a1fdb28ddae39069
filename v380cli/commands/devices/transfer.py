"""`v380 devices import` and `export`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from v380cli.commands import _console
from v380cli.commands.devices import documents, files
from v380cli.commands.devices.options import FormatOption
from v380cli.store.database import DeviceList, open_device_list
from v380cli.store.records import DeviceRecord


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON, CSV or TOML; - for stdin.")],
    kind: FormatOption = None,
    update: Annotated[
        bool, typer.Option("--update", help="Replace cameras whose names are in the list already.")
    ] = False,
) -> None:
    """Add the cameras of a file.

    All of them are added, or none. The file is one that `v380 devices export` wrote, or like it.
    """
    chosen = documents.choose_format(file, kind)
    records = documents.parse_records(files.read_text(file), chosen, str(file))
    with open_device_list() as devices, devices.transaction():
        for record in records:
            _import_record(devices, record, update=update)
    _console.talk(f"Imported {len(records)} cameras.")


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON, CSV or TOML; - for stdout.")],
    kind: FormatOption = None,
    with_passwords: Annotated[
        bool,
        typer.Option("--with-passwords", help="Write them too, into a file for your eyes only."),
    ] = False,
) -> None:
    """Write the list into a file."""
    chosen = documents.choose_format(file, kind)
    with open_device_list(create=False) as devices:
        records = devices.list_devices()
        entries = [_describe(record, devices, with_passwords) for record in records]
    text = documents.format_entries(entries, chosen)
    if file == files.STANDARD_STREAM:
        sys.stdout.write(text)
        return
    files.write_bytes(file, text.encode(), private=with_passwords)
    _console.talk(f"Exported {len(entries)} cameras to {file}.")


def _describe(record: DeviceRecord, devices: DeviceList, with_passwords: bool) -> dict[str, Any]:
    entry = documents.describe_record(record)
    if with_passwords:
        password = devices.read_password(record.device.name) if record.has_password else None
        entry["password"] = password.reveal() if password else ""
    return entry


def _import_record(devices: DeviceList, record: DeviceRecord, *, update: bool) -> None:
    """Add the camera, or replace the one of its name; a file without passwords keeps the old."""
    name, password = record.device.name, record.device.password
    if not update or devices.find_by_name(name) is None:
        devices.add(record)
        return
    devices.update(name, lambda before: replace(record, key=before.key))
    if password:
        devices.write_password(name, password)
