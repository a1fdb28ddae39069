"""The names in the device list, for a TAB: read without the rest of this room."""

import os
import sqlite3

TYPE_CHECKING = False  # typing would take as long as all of this
if TYPE_CHECKING:
    from typing import Any

Camera = tuple[str, int, str]  # name, id and host

# One row: to hand over ten thousand takes as long as Python's start.
NAMES = """
    SELECT group_concat(name, char(10)) FROM (SELECT name FROM devices ORDER BY folded_name, name)
    WHERE ?1 = '' OR substr(name, 1, length(?1)) = ?1
"""
GROUPS = "SELECT DISTINCT name FROM device_groups ORDER BY name"
POSITIONS = """
    SELECT presets.name, presets.number FROM presets JOIN devices ON key = device_key
    WHERE folded_name = ? ORDER BY number
"""
CAMERAS = "SELECT name, device_id, host FROM devices ORDER BY folded_name, name"


def read_names(path: str, beginning: str = "") -> list[str]:
    """Of the cameras whose names begin so, in order: changes nothing and never raises."""
    [(lines,)] = _read(path, NAMES, beginning) or [("",)]
    return lines.split("\n") if lines else []


def read_groups(path: str) -> list[str]:
    """The groups, likewise."""
    return [name for (name,) in _read(path, GROUPS)]


def read_cameras(path: str) -> list[Camera]:
    """Every camera, by name, likewise."""
    return _read(path, CAMERAS)


def read_positions(path: str, camera: str) -> list[str]:
    """The names, or else the numbers, of positions that were stored in a camera, likewise."""
    return [name or str(number) for name, number in _read(path, POSITIONS, camera.casefold())]


def _read(path: str, query: str, *values: str) -> "list[Any]":
    try:
        connection = sqlite3.connect(_make_uri(path), uri=True, timeout=1)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()
    except (sqlite3.Error, OSError):
        return []


def _make_uri(path: str) -> str:
    """A file that is only read, as SQLite wants it (sqlite.org/uri.html)."""
    place = os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file://{place}?mode=ro"
