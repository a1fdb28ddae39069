"""Our SQLite files: opened safely, brought to our version, never lost.

A file of a newer version is refused, and a damaged one is set aside under another name.
"""

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from v380cli.errors import StorageError
from v380cli.store import paths, places
from v380cli.store.connection import connect, find_holder
from v380cli.store.unwritable import CANNOT_WRITE, copy_to_memory, is_full


class Schema(NamedTuple):
    """A file of ours: what to call it, how it came to be, and what to do when it is damaged.

    Step N of `migrations` brings a file of version N to version N + 1. A released step never
    changes.
    """

    title: str
    migrations: tuple[tuple[str, ...], ...]
    remedy: str

    @property
    def version(self) -> int:
        return len(self.migrations)


MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE devices (
            key            TEXT PRIMARY KEY,  -- random: names the password, survives a new name
            name           TEXT NOT NULL UNIQUE,
            folded_name    TEXT NOT NULL,
            device_id      INTEGER NOT NULL,
            mac            TEXT NOT NULL,
            host           TEXT NOT NULL,
            port           INTEGER NOT NULL,
            username       TEXT NOT NULL,
            password_place TEXT NOT NULL DEFAULT '',
            quality        TEXT NOT NULL,
            login_variant  TEXT NOT NULL,
            notes          TEXT NOT NULL,
            added          TEXT NOT NULL,
            last_seen      TEXT NOT NULL
        )
        """,
        "CREATE INDEX devices_in_order ON devices (folded_name, name)",
        "CREATE INDEX devices_by_device_id ON devices (device_id)",
        "CREATE INDEX devices_by_mac ON devices (mac)",
        "CREATE INDEX devices_by_host ON devices (host)",
        """
        CREATE TABLE device_groups (
            device_key TEXT NOT NULL REFERENCES devices (key) ON DELETE CASCADE,
            name       TEXT NOT NULL,
            PRIMARY KEY (device_key, name)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX device_groups_by_name ON device_groups (name)",
        """
        CREATE TABLE passwords (
            device_key TEXT PRIMARY KEY REFERENCES devices (key) ON DELETE CASCADE,
            password   TEXT NOT NULL
        ) WITHOUT ROWID
        """,
    ),
    (
        "ALTER TABLE devices ADD COLUMN ptz_swapped INTEGER NOT NULL DEFAULT 0",
        # Positions that were stored from here: the protocol has no list of them.
        """
        CREATE TABLE presets (
            device_key TEXT NOT NULL REFERENCES devices (key) ON DELETE CASCADE,
            number     INTEGER NOT NULL,
            name       TEXT NOT NULL,
            stored     TEXT NOT NULL,
            PRIMARY KEY (device_key, number)
        ) WITHOUT ROWID
        """,
    ),
    (
        "ALTER TABLE devices ADD COLUMN via TEXT NOT NULL DEFAULT 'auto'",
        "ALTER TABLE devices ADD COLUMN learnt_via TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE devices ADD COLUMN rtsp_url TEXT NOT NULL DEFAULT ''",  # without a password
    ),
)
DEVICE_LIST = Schema(
    "device list",
    MIGRATIONS,
    "the next command begins an empty one; `v380 devices import` brings an export back",
)

DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
PRIMARY_CODE_MASK = 0xFF  # SQLite's extended codes keep the primary one in the low byte


@contextlib.contextmanager
def open_database(
    path: Path, schema: Schema, *, create: bool = True
) -> Iterator[sqlite3.Connection]:
    """A connection to the file at `path`, at our version, in autocommit mode.

    Without `create`, a file that does not exist reads as empty and stays unmade. Where nothing
    can be written, a full disk for one, there is a copy in memory that can be read only. What
    SQLite raises inside the block leaves as StorageError.
    """
    if not create and not _is_there(path):
        with contextlib.closing(_connect(":memory:")) as connection:
            _migrate(connection, path, schema)
            yield connection
        return
    paths.make_private_dir(path.parent)
    paths.make_private_file(path)
    inode = path.stat().st_ino
    try:
        with contextlib.closing(_open(path, schema)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise _explain(error, path, inode, schema) from error
    except UnicodeEncodeError as error:
        raise StorageError(
            f"the {schema.title} cannot hold a name that is not in UTF-8",
            hint="choose another name for the file, or for its folder",
        ) from error


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise StorageError(
            f"{path} cannot be reached: {error.strerror}",
            hint=f"choose another data directory with {places.DATA_DIR_VARIABLE}",
        ) from error


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, alone with the file from the first line on; a nested one joins the outer."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _open(path: Path, schema: Schema) -> sqlite3.Connection:
    connection = _connect(path)
    try:
        _migrate(connection, path, schema)
        _switch_to_wal(connection)
    except sqlite3.OperationalError as error:
        connection.close()
        if _find_code(error) not in CANNOT_WRITE:
            raise
        return _open_copy(path, schema)
    except BaseException:
        connection.close()
        raise
    return connection


def _open_copy(path: Path, schema: Schema) -> sqlite3.Connection:
    copy = copy_to_memory(path)
    try:
        _migrate(copy, path, schema)
        copy.execute("PRAGMA query_only = ON")
    except BaseException:
        copy.close()
        raise
    return copy


def _connect(place: str | Path) -> sqlite3.Connection:
    connection = connect(place)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # a removed password leaves no trace
    return connection


def _read_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _migrate(connection: sqlite3.Connection, path: Path, schema: Schema) -> None:
    version, ours = _read_version(connection), schema.version
    if version > ours:
        raise StorageError(
            f"{path} was written by a newer v380cli (version {version}, this one reads {ours})",
            hint="update v380cli, or choose another data directory with V380_DATA_DIR",
        )
    if version == ours:
        return
    with transaction(connection):
        # Another process may have been faster between the look above and the lock.
        for step in schema.migrations[_read_version(connection) :]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {ours}")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work side by side; a file that is WAL already stays so at no cost.

    The switch needs the file to itself. When others have it open, a later command makes it; the
    rollback journal is as safe.
    """
    with contextlib.suppress(sqlite3.OperationalError):
        connection.cursor().execute("PRAGMA journal_mode = WAL")


def _explain(error: sqlite3.Error, path: Path, inode: int, schema: Schema) -> StorageError:
    code = _find_code(error)
    if code in DAMAGED:
        return _set_aside(path, inode, schema)
    if code in BUSY:
        return StorageError(
            f"the {schema.title} {path} stays in use by {find_holder(path) or 'another program'}",
            hint="look for a v380 command that waits for an answer",
        )
    if code in CANNOT_WRITE and is_full(path.parent):
        return StorageError(
            f"the {schema.title} {path} cannot be written: the disk is full",
            hint="make room there; reading goes on meanwhile",
        )
    if code == sqlite3.SQLITE_READONLY:
        return StorageError(f"the {schema.title} {path} can only be read: nothing can be changed")
    return StorageError(f"the {schema.title} {path} cannot be used: {error}")


def _find_code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE_MASK


def _set_aside(path: Path, inode: int, schema: Schema) -> StorageError:
    """Rename the damaged file `inode` with its log, which may yet save it; overwrites nothing."""
    if not path.exists() or path.stat().st_ino != inode:
        return StorageError(
            f"the {schema.title} was damaged, and another command has just set it aside",
            hint=f"look for {path}.corrupt-*, then try again",
        )
    aside = path.with_name(f"{path.name}.corrupt-{dt.datetime.now():%Y%m%dT%H%M%S.%f}")
    # The log goes first: SQLite deletes one that it finds beside an empty new file.
    for suffix in ("-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{aside}{suffix}")
    return StorageError(
        f"the {schema.title} was damaged; it is now {aside}",
        hint=schema.remedy,
    )
