"""The catalogue: which recordings were fetched from the cards, into which files.

A file of its own beside the device list, so that damage to the one never touches the other.
"""

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from v380cli.store import paths, schema

FILE_NAME = "recordings.db"

CATALOGUE = schema.Schema(
    "catalogue of recordings",
    (
        (
            # A recording is one of a camera with its kind and its start on the camera's clock;
            # `fold` is 1 in the second pass of an hour that the clock shows twice. `folder` is
            # what it was fetched into: there may be two mirrors. One file has part 0; a recording
            # in which the picture's format changes has more.
            """
            CREATE TABLE files (
                folder        TEXT NOT NULL,
                device_id     INTEGER NOT NULL,
                kind          INTEGER NOT NULL,
                wall_start    TEXT NOT NULL,
                fold          INTEGER NOT NULL,
                part          INTEGER NOT NULL,
                wall_end      TEXT NOT NULL,
                path          TEXT NOT NULL UNIQUE,
                start         TEXT NOT NULL,
                duration_s    REAL NOT NULL,
                video_packets INTEGER NOT NULL,
                audio_packets INTEGER NOT NULL,
                size_bytes    INTEGER NOT NULL,
                codec         TEXT NOT NULL,
                sha256        TEXT NOT NULL,
                fetched       TEXT NOT NULL,
                pruned        INTEGER NOT NULL DEFAULT 0,
                PRIMARY KEY (folder, device_id, kind, wall_start, fold, part)
            ) WITHOUT ROWID
            """,
        ),
        (
            # `cut` says which part of a recording it is, and is empty for all of it.
            "ALTER TABLE files RENAME TO former_files",
            """
            CREATE TABLE files (
                folder        TEXT NOT NULL,
                device_id     INTEGER NOT NULL,
                kind          INTEGER NOT NULL,
                wall_start    TEXT NOT NULL,
                fold          INTEGER NOT NULL,
                cut           TEXT NOT NULL DEFAULT '',
                part          INTEGER NOT NULL,
                wall_end      TEXT NOT NULL,
                path          TEXT NOT NULL UNIQUE,
                start         TEXT NOT NULL,
                duration_s    REAL NOT NULL,
                video_packets INTEGER NOT NULL,
                audio_packets INTEGER NOT NULL,
                size_bytes    INTEGER NOT NULL,
                codec         TEXT NOT NULL,
                sha256        TEXT NOT NULL,
                fetched       TEXT NOT NULL,
                pruned        INTEGER NOT NULL DEFAULT 0,
                PRIMARY KEY (folder, device_id, kind, wall_start, fold, cut, part)
            ) WITHOUT ROWID
            """,
            """
            INSERT INTO files
                (folder, device_id, kind, wall_start, fold, part, wall_end, path, start,
                duration_s, video_packets, audio_packets, size_bytes, codec, sha256, fetched,
                pruned)
                SELECT * FROM former_files
            """,
            "DROP TABLE former_files",
        ),
    ),
    "the next command begins an empty one, and knows MP4 and Matroska files again by themselves",
)
KEY_COLUMNS = "folder, device_id, kind, wall_start, fold, cut"
COLUMNS = (
    f"{KEY_COLUMNS}, part, wall_end, path, start, duration_s, "
    "video_packets, audio_packets, size_bytes, codec, sha256, pruned"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingKey:
    """What makes a recording the same one in a later list, whatever its number is by then.

    `cut` names the part of it that was asked for, in seconds; it is empty for the whole.
    """

    folder: Path
    device_id: int
    kind: int
    wall_start: dt.datetime
    cut: str = ""

    def to_row(self) -> tuple[str, int, int, str, int, str]:
        """Its values in the order of the primary key."""
        wall = self.wall_start
        start = wall.replace(fold=0).isoformat()
        return str(self.folder), self.device_id, self.kind, start, wall.fold, self.cut


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedFile:
    """One file of a recording; durations in seconds, sizes in bytes."""

    key: RecordingKey
    part: int
    wall_end: dt.datetime
    path: Path
    start: dt.datetime
    duration_s: float
    video_packets: int
    audio_packets: int
    size_bytes: int
    codec: str
    sha256: str
    is_pruned: bool = False


@contextlib.contextmanager
def open_catalogue() -> Iterator["Catalogue"]:
    """The user's catalogue; made when it is not there."""
    where = paths.find_data_dir() / FILE_NAME
    with schema.open_database(where, CATALOGUE) as connection:
        yield Catalogue(connection)


class Catalogue:
    """Queries and changes, each of them atomic."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, key: RecordingKey) -> list[FetchedFile]:
        """The files of a recording, pruned ones too; none if it was never fetched."""
        return self._query(
            f"WHERE ({KEY_COLUMNS}) = (?, ?, ?, ?, ?, ?) ORDER BY part",
            *key.to_row(),
        )

    def list_files(self, folder: Path, device_id: int) -> list[FetchedFile]:
        """The files of whole recordings of a camera in a folder, not pruned, the oldest first."""
        where = "WHERE (folder, device_id, cut) = (?, ?, '') AND NOT pruned ORDER BY start"
        return self._query(where, str(folder), device_id)

    def replace(self, key: RecordingKey, files: Sequence[FetchedFile]) -> None:
        """Note the files of a recording instead of those noted before."""
        with schema.transaction(self._connection):
            self._connection.execute(
                f"DELETE FROM files WHERE ({KEY_COLUMNS}) = (?, ?, ?, ?, ?, ?)",  # noqa: S608
                key.to_row(),
            )
            for file in files:
                # what was at this path before was another recording's, and has gone
                self._connection.execute("DELETE FROM files WHERE path = ?", (str(file.path),))
                self._insert(file)

    def mark_pruned(self, path: Path) -> None:
        """Note that a file was deleted to save space, and is not to be fetched again."""
        self._connection.execute("UPDATE files SET pruned = 1 WHERE path = ?", (str(path),))

    def _insert(self, file: FetchedFile) -> None:
        values = (
            *file.key.to_row(),
            file.part,
            file.wall_end.isoformat(),
            str(file.path),
            file.start.astimezone(dt.UTC).isoformat(),
            file.duration_s,
            file.video_packets,
            file.audio_packets,
            file.size_bytes,
            file.codec,
            file.sha256,
            int(file.is_pruned),
            dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        )
        marks = ", ".join("?" * len(values))
        query = f"INSERT INTO files ({COLUMNS}, fetched) VALUES ({marks})"  # noqa: S608 - no value
        self._connection.execute(query, values)

    def _query(self, where: str, *values: int | str) -> list[FetchedFile]:
        query = f"SELECT {COLUMNS} FROM files {where}"  # noqa: S608 - no value in it
        return [_make_file(row) for row in self._connection.execute(query, values)]


def _make_file(row: Sequence[object]) -> FetchedFile:
    folder, device_id, kind, wall_start, fold, cut, part, *rest = row
    wall_end, path, start, duration_s, video_packets, audio_packets, *rest = rest
    size_bytes, codec, sha256, pruned = rest
    return FetchedFile(
        key=RecordingKey(
            folder=Path(str(folder)),
            device_id=int(str(device_id)),
            kind=int(str(kind)),
            wall_start=dt.datetime.fromisoformat(str(wall_start)).replace(fold=int(str(fold))),
            cut=str(cut),
        ),
        part=int(str(part)),
        wall_end=dt.datetime.fromisoformat(str(wall_end)),
        path=Path(str(path)),
        start=dt.datetime.fromisoformat(str(start)),
        duration_s=float(str(duration_s)),
        video_packets=int(str(video_packets)),
        audio_packets=int(str(audio_packets)),
        size_bytes=int(str(size_bytes)),
        codec=str(codec),
        sha256=str(sha256),
        is_pruned=bool(pruned),
    )
