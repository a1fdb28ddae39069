"""The files that `record` made: what may be deleted for space, and what the user's hook has had.

A file of its own beside the device list, so that damage to the one never touches the other.
"""

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from v380cli.disk import find_disk
from v380cli.models import RecordedFile
from v380cli.store import paths, schema

FILE_NAME = "footage.db"

FOOTAGE = schema.Schema(
    "list of recorded files",
    (
        (
            # `output` is what the recorder was told, `camera` the id or the name. `state` is as in
            # `FileState`; a file that was deleted for space has no row.
            """
            CREATE TABLE files (
                path       TEXT PRIMARY KEY,
                output     TEXT NOT NULL,
                camera     TEXT NOT NULL,
                label      TEXT NOT NULL,
                device_id  INTEGER NOT NULL,
                start      TEXT NOT NULL,
                duration_s REAL NOT NULL DEFAULT 0,
                size_bytes INTEGER NOT NULL DEFAULT 0,
                state      TEXT NOT NULL
            ) WITHOUT ROWID
            """,
            "CREATE INDEX files_by_age ON files (output, start)",
        ),
        # `disk` is the number of the file system that it was begun on, 0 where that is not known.
        ("ALTER TABLE files ADD COLUMN disk INTEGER NOT NULL DEFAULT 0",),
    ),
    "the next recording begins an empty one; files that only the old one knew are not deleted",
)
COLUMNS = "path, output, camera, label, device_id, start, duration_s, size_bytes, state, disk"
COLUMN_OF_START = COLUMNS.split(", ").index("start")
PAGE_ROWS = 256


class FileState(StrEnum):
    """How far a file is; `WRITING` is NAME.part on the disk."""

    WRITING = "writing"
    FINISHED = "finished"
    HANDING_ON = "handing-on"  # the user's hook was called, and its end is not noted
    HANDED_ON = "handed-on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """One file of a recorder; the duration in seconds, the size in bytes."""

    path: Path
    output: str
    camera: str
    label: str
    device_id: int
    start: dt.datetime
    duration_s: float = 0.0
    size_bytes: int = 0
    state: FileState = FileState.WRITING
    disk: int = 0

    def is_away(self) -> bool:
        """Whether it cannot be looked at: its disk is not mounted, or does not answer.

        Nobody has deleted it then.
        """
        try:
            self.path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return self.disk != 0 and self.disk != find_disk(self.path)
        except OSError:
            return True
        return False


@contextlib.contextmanager
def open_footage() -> Iterator["FootageList"]:
    """The user's list; made when it is not there."""
    where = paths.find_data_dir() / FILE_NAME
    with schema.open_database(where, FOOTAGE) as connection:
        yield FootageList(connection)


class FootageList:
    """Queries and changes, each of them atomic."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def begin(self, footage: Footage) -> None:
        """Note a file before there is anything in it; what had its path before has gone."""
        marks = ", ".join("?" * len(COLUMNS.split(", ")))
        self._connection.execute(
            f"INSERT OR REPLACE INTO files ({COLUMNS}) VALUES ({marks})",  # noqa: S608 - no value
            (
                str(footage.path),
                footage.output,
                footage.camera,
                footage.label,
                footage.device_id,
                footage.start.astimezone(dt.UTC).isoformat(),
                footage.duration_s,
                footage.size_bytes,
                str(footage.state),
                find_disk(footage.path),
            ),
        )

    def finish(self, planned: Path, file: RecordedFile) -> None:
        """Note that the file which was to be at `planned` is whole, and where."""
        self._connection.execute(
            "UPDATE OR REPLACE files SET path = ?, duration_s = ?, size_bytes = ?, state = ?"
            " WHERE path = ?",
            (
                str(file.path.absolute()),
                file.duration_s,
                file.size_bytes,
                str(FileState.FINISHED),
                str(planned),
            ),
        )

    def change(self, file: Footage, state: FileState) -> bool:
        """Note another state of a file; False where it is not in the known one any more."""
        cursor = self._connection.execute(
            "UPDATE files SET state = ? WHERE path = ? AND state = ?",
            (str(state), str(file.path), str(file.state)),
        )
        return cursor.rowcount == 1

    def forget(self, path: Path) -> None:
        """There is no such file any more."""
        self._connection.execute("DELETE FROM files WHERE path = ?", (str(path),))

    def list_files(self, output: str, *states: FileState) -> list[Footage]:
        """Those of an output that are in one of these states, else all; the oldest first."""
        wanted = list(map(str, states or FileState))
        marks = ", ".join("?" * len(wanted))
        rows = self._connection.execute(
            f"SELECT {COLUMNS} FROM files WHERE output = ? AND state IN ({marks})"  # noqa: S608
            " ORDER BY start, path",
            (output, *wanted),
        )
        return [_make_footage(row) for row in rows]

    def walk(self, output: str, camera: str = "") -> Iterator[Footage]:
        """The whole files of an output, or of one camera in it, the oldest first.

        They are read page by page, and may be forgotten or changed on the way.
        """
        last = "", ""
        while page := self._read_page(output, camera, last):
            yield from map(_make_footage, page)
            last = str(page[-1][COLUMN_OF_START]), str(page[-1][0])

    def _read_page(
        self, output: str, camera: str, last: tuple[str, str]
    ) -> list[tuple[object, ...]]:
        return self._connection.execute(
            f"SELECT {COLUMNS} FROM files WHERE output = ? AND state != ?"  # noqa: S608
            " AND (start, path) > (?, ?) AND ? IN ('', camera) ORDER BY start, path LIMIT ?",
            (output, str(FileState.WRITING), *last, camera, PAGE_ROWS),
        ).fetchall()

    def sum_sizes(self, output: str) -> dict[str, int]:
        """How many bytes of whole files each camera has in an output, as far as is noted."""
        rows = self._connection.execute(
            "SELECT camera, SUM(size_bytes) FROM files WHERE output = ? AND state != ?"
            " GROUP BY camera",
            (output, str(FileState.WRITING)),
        )
        return {str(camera): int(size) for camera, size in rows}


def _make_footage(row: Sequence[object]) -> Footage:
    path, output, camera, label, device_id, start, duration_s, *rest = map(str, row)
    size_bytes, state, disk = rest
    return Footage(
        path=Path(path),
        output=output,
        camera=camera,
        label=label,
        device_id=int(device_id),
        start=dt.datetime.fromisoformat(start),
        duration_s=float(duration_s),
        size_bytes=int(size_bytes),
        state=FileState(state),
        disk=int(disk),
    )
