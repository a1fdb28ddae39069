"""The names in the device list, for a TAB: read without the rest of this room."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

Name = tuple[str, int, str]  # name, id and host of a camera

GROUPS = "SELECT DISTINCT name FROM device_groups ORDER BY name"
POSITIONS = """
    SELECT presets.name, presets.number FROM presets JOIN devices ON key = device_key
    WHERE folded_name = ? ORDER BY number
"""
QUERY = "SELECT name, device_id, host FROM devices ORDER BY folded_name, name"


def read_names(path: Path) -> list[Name]:
    """Of every camera, by name: changes nothing and never raises."""
    return _read(path, QUERY)


def read_groups(path: Path) -> list[str]:
    """The groups, likewise."""
    return [name for (name,) in _read(path, GROUPS)]


def read_positions(path: Path, camera: str) -> list[str]:
    """The names, or else the numbers, of positions that were stored in a camera, likewise."""
    return [name or str(number) for name, number in _read(path, POSITIONS, camera.casefold())]


def _read(path: Path, query: str, *values: str) -> list[Any]:
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=1)) as connection:
            return connection.execute(query, values).fetchall()
    except (sqlite3.Error, OSError):
        return []
