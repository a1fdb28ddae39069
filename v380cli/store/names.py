"""The names in the device list, for a TAB: read without the rest of this room."""

import contextlib
import sqlite3
from pathlib import Path

Name = tuple[str, int, str]  # name, id and host of a camera

QUERY = "SELECT name, device_id, host FROM devices ORDER BY folded_name, name"


def read_names(path: Path) -> list[Name]:
    """Of every camera, by name: changes nothing and never raises."""
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=1)) as connection:
            return connection.execute(QUERY).fetchall()
    except (sqlite3.Error, OSError):
        return []
