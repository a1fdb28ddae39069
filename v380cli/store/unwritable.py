"""A SQLite file of ours where nothing can be written: its disk is full, or it may only be read."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from v380cli.store.connection import connect

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


def copy_to_memory(path: Path) -> sqlite3.Connection:
    """What the file at `path` holds, in memory; raises sqlite3.Error."""
    copy = connect(":memory:")
    try:
        for number, (query, locking) in enumerate(WAYS, start=1):
            try:
                _copy(f"{path.absolute().as_uri()}{query}", locking, copy)
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


def _copy(uri: str, locking: str, copy: sqlite3.Connection) -> None:
    with closing(connect(uri, uri=True)) as source:
        source.execute(f"PRAGMA locking_mode = {locking}")
        source.execute("PRAGMA user_version")  # waits for its turn: a backup would without end
        source.backup(copy)
