"""A SQLite file of ours where nothing can be written: its disk is full, or it may only be read."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

# Even a reader makes SQLite write two files beside one in WAL mode. With exclusive locking it does
# without the larger one; where it cannot even make the other, the file is read as it lies there.
WAYS = (("", "EXCLUSIVE"), ("?mode=ro&immutable=1", "NORMAL"))
LEFT_MIN_BYTES = 64 * 1024  # SQLite's files grow by 32 KiB

CANNOT_WRITE = (
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
)


def copy_to_memory(path: Path, timeout_s: float) -> sqlite3.Connection:
    """What the file at `path` holds, in memory; raises sqlite3.Error."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for number, (query, locking) in enumerate(WAYS, start=1):
            try:
                _copy(f"{path.absolute().as_uri()}{query}", locking, copy, timeout_s)
                break
            except sqlite3.OperationalError:
                if number == len(WAYS):
                    raise
    except BaseException:
        copy.close()
        raise
    return copy


def is_full(folder: Path) -> bool:
    """Whether nothing that is worth it can be written there any more."""
    disk = os.statvfs(folder)
    has_no_inode = disk.f_files > 0 and disk.f_favail == 0
    return has_no_inode or disk.f_bavail * disk.f_frsize < LEFT_MIN_BYTES


def _copy(uri: str, locking: str, copy: sqlite3.Connection, timeout_s: float) -> None:
    with closing(sqlite3.connect(uri, uri=True, timeout=timeout_s)) as source:
        source.execute(f"PRAGMA locking_mode = {locking}")
        source.backup(copy)
