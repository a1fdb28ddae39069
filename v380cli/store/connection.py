"""A connection to a SQLite file of ours: it waits for its turn, and Ctrl-C is heard meanwhile."""

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from v380cli.text import clean_text

# Fifty processes that each add a camera at once need under 2 s on a laptop; an SD card's fsync
# takes up to ten times as long.
BUSY_TIMEOUT_S = 30.0
# SQLite itself waits no longer at a time: Python hears no signal meanwhile.
STEP_S = 0.2
# With any other kind of it waiting is in vain.
WORTH_WAITING = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY)

LOCKS = Path("/proc/locks")


class Connection(sqlite3.Connection):
    """In autocommit mode; `execute` waits while others have the file, a cursor's does not."""

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        """Run one statement; what others still have after BUSY_TIMEOUT_S is OperationalError."""
        deadline = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            try:
                return super().execute(sql, parameters)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode not in WORTH_WAITING or time.monotonic() >= deadline:
                    raise


def connect(place: str | Path, *, uri: bool = False) -> Connection:
    """Open a SQLite file; raises sqlite3.Error."""
    return sqlite3.connect(place, timeout=STEP_S, isolation_level=None, factory=Connection, uri=uri)


def find_holder(path: Path) -> str:
    """Which other process writes to a SQLite file; empty where the system does not tell.

    A writer has locked a part of the file, in WAL mode of the one beside it (proc(5), locks).
    """
    files = {_name_inode(path), _name_inode(Path(f"{path}-shm"))}
    try:
        locks = [line.split() for line in LOCKS.read_text().splitlines()]
        for _, _, _, mode, process, file, *_ in locks:
            if mode == "WRITE" and file in files and int(process) not in (0, os.getpid()):
                name = clean_text(Path(f"/proc/{process}/comm").read_text()).strip()
                return f"{name} (process {process})"
    except (OSError, ValueError):
        pass
    return ""


def _name_inode(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return ""
    device = status.st_dev
    return f"{os.major(device):02x}:{os.minor(device):02x}:{status.st_ino}"
