"""The device list: cameras under names of their owner's choice."""

import contextlib
import datetime as dt
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from v380cli.errors import StorageError
from v380cli.models import Beacon, Device, Secret
from v380cli.store import names, schema, secrets
from v380cli.store.paths import find_list_path
from v380cli.store.records import (
    READ_COLUMNS,
    DeviceRecord,
    check_password,
    clean_record,
    format_time,
    is_sender,
    learn_beacon,
    learn_login,
    make_record,
    make_row,
    normalise,
)

if TYPE_CHECKING:
    from v380cli.store.presets import PresetList

__all__ = ["DeviceList", "DeviceRecord", "find_list_path", "open_device_list"]

SELECT = f"SELECT {READ_COLUMNS} FROM devices"  # noqa: S608 - no value in it
IN_ORDER = "ORDER BY folded_name, name"
INSERT = """
    INSERT INTO devices (
        key, added, name, folded_name, device_id, mac, host, port, username, quality,
        login_variant, ptz_swapped, via, learnt_via, rtsp_url, notes, last_seen
    ) VALUES (
        :key, :added, :name, :folded_name, :device_id, :mac, :host, :port, :username, :quality,
        :login_variant, :ptz_swapped, :via, :learnt_via, :rtsp_url, :notes, :last_seen
    )
"""
UPDATE = """
    UPDATE devices SET
        name = :name, folded_name = :folded_name, device_id = :device_id, mac = :mac,
        host = :host, port = :port, username = :username, quality = :quality,
        login_variant = :login_variant, ptz_swapped = :ptz_swapped, via = :via,
        learnt_via = :learnt_via, rtsp_url = :rtsp_url, notes = :notes, last_seen = :last_seen
    WHERE key = :key
"""


@contextlib.contextmanager
def open_device_list(path: Path | None = None, *, create: bool = True) -> Iterator["DeviceList"]:
    """The list at `path`, else in the user data directory.

    Without `create`, a list that does not exist reads as empty and stays unmade.
    """
    where = path or find_list_path()
    with schema.open_database(where, schema.DEVICE_LIST, create=create) as connection:
        yield DeviceList(connection)


class DeviceList:
    """Queries and changes, each of them atomic; raises StorageError for what the list refuses."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def transaction(self) -> contextlib.AbstractContextManager[None]:
        """Several changes as one: all or nothing, and one wait for the disk."""
        return schema.transaction(self._connection)

    def list_devices(self) -> list[DeviceRecord]:
        """Every camera, by name."""
        groups: dict[str, list[str]] = {}
        query = "SELECT device_key, name FROM device_groups ORDER BY name"
        for key, group in self._connection.execute(query):
            groups.setdefault(key, []).append(group)
        rows = self._connection.execute(f"{SELECT} {IN_ORDER}")
        return [make_record(row, tuple(groups.get(row[0], ()))) for row in rows]

    def list_names(self) -> list[tuple[str, int, str]]:
        """Name, id and host of every camera, by name."""
        return self._connection.execute(names.CAMERAS).fetchall()

    def list_groups(self) -> list[str]:
        """Every group that has a camera."""
        return [name for (name,) in self._connection.execute(names.GROUPS)]

    def find_by_name(self, name: str) -> DeviceRecord | None:
        """The camera of exactly this name."""
        found = self._find("name = ?", normalise(name))
        return found[0] if found else None

    def find_by_folded_name(self, name: str) -> list[DeviceRecord]:
        """The cameras of this name in any case."""
        return self._find("folded_name = ?", normalise(name).casefold())

    def find_by_id(self, device_id: int) -> list[DeviceRecord]:
        """The cameras with this device id."""
        return self._find("device_id = ?", device_id)

    def find_by_mac(self, mac: str) -> list[DeviceRecord]:
        """The cameras with this MAC, written aa:bb:cc:dd:ee:ff."""
        return self._find("mac = ?", mac)

    def find_by_address(self, host: str, port: int | None = None) -> list[DeviceRecord]:
        """The cameras last seen at this host, whatever the port where none is given."""
        found = self._find("host = ?", host)
        return [record for record in found if port in (None, record.device.port)]

    def find_by_group(self, group: str) -> list[DeviceRecord]:
        """The cameras of this group."""
        members = "key IN (SELECT device_key FROM device_groups WHERE name = ?)"
        return self._find(members, normalise(group))

    def find_by_beacon(self, beacon: Beacon) -> DeviceRecord | None:
        """The camera that sent `beacon`: by MAC, else by id where no MAC contradicts it."""
        by_mac = self.find_by_mac(beacon.mac) if beacon.mac else []
        by_id = self.find_by_id(beacon.device_id) if beacon.device_id else []
        senders = [record for record in [*by_mac, *by_id] if is_sender(record.device, beacon)]
        return senders[0] if senders else None

    def add(self, record: DeviceRecord) -> DeviceRecord:
        """Add a camera with its password, under a name that is free; returns it as stored."""
        record = clean_record(record)
        key = os.urandom(8).hex()
        if record.device.password:
            secrets.load_keyring()
        with self.transaction():
            self._refuse_taken(record.device.name)
            added = format_time(record.added or dt.datetime.now(dt.UTC))
            self._connection.execute(INSERT, {"key": key, "added": added} | make_row(record))
            self._write_groups(key, record.groups)
            if record.device.password:
                self._store_password(key, record.device.password)
            return self._get(record.device.name)

    def update(self, name: str, change: Callable[[DeviceRecord], DeviceRecord]) -> DeviceRecord:
        """Replace a camera by what `change` makes of it, nobody else writing meanwhile.

        The password and the day it was added stay.
        """
        with self.transaction():
            before = self._get(name)
            record = clean_record(change(before))
            if record.device.name != before.device.name:
                self._refuse_taken(record.device.name)
            self._connection.execute(UPDATE, {"key": before.key} | make_row(record))
            if record.groups != before.groups:
                self._write_groups(before.key, record.groups)
            return self._get(record.device.name)

    def remove(self, name: str) -> None:
        """Forget a camera and its password."""
        with self.transaction():
            record = self._get(name)
            self._forget_password(record)
            self._connection.execute("DELETE FROM devices WHERE key = ?", (record.key,))

    def read_password(self, name: str) -> Secret:
        """The password of a camera, empty where there is none."""
        record = self._get(name)
        place = self._read_place(record.key)
        if not place:
            return Secret()
        return secrets.open_place(place, self._connection).read(record.key)

    def write_password(self, name: str, password: Secret) -> None:
        """Replace the password of a camera; an empty one is none."""
        check_password(password)
        secrets.load_keyring()
        with self.transaction():
            record = self._get(name)
            self._forget_password(record)
            self._store_password(record.key, password)

    def learn_address(self, beacon: Beacon) -> DeviceRecord | None:
        """Note where a camera is now, and that it was seen; returns it, None for a stranger."""
        record = self.find_by_beacon(beacon)
        if record is None or learn_beacon(record, beacon) is record:
            return record
        return self.update(record.device.name, lambda before: learn_beacon(before, beacon))

    def learn_login(self, device: Device) -> None:
        """Note where and how the camera of this name has let us in.

        Nothing is noted of one that is not in the list, or is another camera there by now.
        """
        with self.transaction():
            known = self.find_by_name(device.name)
            if known and known.device.device_id in (0, device.device_id):
                self.update(device.name, lambda record: learn_login(record, device))

    def learn_swap(self, name: str, swapped: bool) -> None:
        """Note whether a camera has left and right the other way."""
        query = "UPDATE devices SET ptz_swapped = ? WHERE name = ?"
        self._connection.execute(query, (swapped, normalise(name)))

    def open_presets(self, name: str) -> "PresetList":
        """The positions that were stored from here in a camera."""
        from v380cli.store.presets import PresetList

        return PresetList(self._connection, self._get(name).key)

    def touch(self, name: str) -> None:
        """Note that a camera was seen now."""
        self._connection.execute(
            "UPDATE devices SET last_seen = ? WHERE name = ?",
            (format_time(dt.datetime.now(dt.UTC)), normalise(name)),
        )

    def _find(self, where: str, value: str | int) -> list[DeviceRecord]:
        rows = self._connection.execute(f"{SELECT} WHERE {where} {IN_ORDER}", (value,)).fetchall()
        return [make_record(row, self._read_groups(row[0])) for row in rows]

    def _get(self, name: str) -> DeviceRecord:
        record = self.find_by_name(name)
        if record is None:
            raise StorageError(f"there is no camera {name!r} in the device list")
        return record

    def _refuse_taken(self, name: str) -> None:
        if self.find_by_name(name):
            raise StorageError(
                f"there is a camera {name!r} in the device list already",
                hint="choose another name, or change that one with: v380 devices edit",
            )

    def _store_password(self, key: str, password: Secret) -> None:
        place = secrets.write_password(key, password, self._connection) if password else ""
        query = "UPDATE devices SET password_place = ? WHERE key = ?"
        self._connection.execute(query, (place, key))

    def _forget_password(self, record: DeviceRecord) -> None:
        """Remove the password from where it is; a keyring that has gone cannot hold us up."""
        place = self._read_place(record.key)
        if not place:
            return
        try:
            secrets.open_place(place, self._connection).remove(record.key)
        except StorageError as error:
            import logging

            logging.getLogger(__name__).warning(
                "the old password of %r stays where it is: %s", record.device.name, error.message
            )

    def _read_place(self, key: str) -> str:
        query = "SELECT password_place FROM devices WHERE key = ?"
        return str(self._connection.execute(query, (key,)).fetchone()[0])

    def _read_groups(self, key: str) -> tuple[str, ...]:
        query = "SELECT name FROM device_groups WHERE device_key = ? ORDER BY name"
        return tuple(name for (name,) in self._connection.execute(query, (key,)))

    def _write_groups(self, key: str, groups: Iterable[str]) -> None:
        self._connection.execute("DELETE FROM device_groups WHERE device_key = ?", (key,))
        self._connection.executemany(
            "INSERT INTO device_groups (device_key, name) VALUES (?, ?)",
            [(key, group) for group in groups],
        )
