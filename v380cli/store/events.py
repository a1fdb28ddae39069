"""The catalogue of events: what moved before which camera, and the clip that shows it.

A file of its own, so that damage to it touches neither the device list nor the recordings.
"""

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from v380cli.store import paths, schema

FILE_NAME = "events.db"
MAX_NUMBER = (1 << 63) - 1  # of SQLite

EVENTS = schema.Schema(
    "catalogue of events",
    (
        (
            """
            CREATE TABLE events (
                number     INTEGER PRIMARY KEY,
                key        TEXT NOT NULL UNIQUE,  -- joins an end to its beginning
                kind       TEXT NOT NULL,
                device     TEXT NOT NULL,
                device_id  INTEGER NOT NULL,
                source     TEXT NOT NULL,
                start      TEXT NOT NULL,  -- UTC, so that text order is order in time
                duration_s REAL,  -- NULL while it goes on, or where its end was never seen
                score      REAL NOT NULL,
                area       REAL NOT NULL,
                clip       TEXT NOT NULL,
                snapshot   TEXT NOT NULL,
                reason     TEXT NOT NULL
            )
            """,
            "CREATE INDEX events_by_start ON events (start)",
        ),
    ),
    "the next command begins an empty one; the clips stay where they are",
)
COLUMNS = (
    "key, kind, device, device_id, source, start, duration_s, score, area, clip, snapshot, reason"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One row; `kind` is motion, alarm or camera_lost, `number` is 0 before it is stored."""

    key: str
    kind: str
    device: str
    device_id: int
    source: str
    start: dt.datetime
    duration_s: float | None = None
    score: float = 0.0
    area: float = 0.0
    clip: Path | None = None
    snapshot: Path | None = None
    reason: str = ""
    number: int = 0


@contextlib.contextmanager
def open_events(*, create: bool = True) -> Iterator["EventCatalogue"]:
    """The user's catalogue; without `create` one that is not there reads as empty."""
    where = paths.find_data_dir() / FILE_NAME
    with schema.open_database(where, EVENTS, create=create) as connection:
        yield EventCatalogue(connection)


class EventCatalogue:
    """Queries and changes, each of them atomic."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, event: StoredEvent) -> None:
        """Note an event, or what is known of it by now in place of what was noted before."""
        marks = ", ".join("?" * 12)
        changes = ", ".join(f"{column} = excluded.{column}" for column in COLUMNS.split(", ")[1:])
        self._connection.execute(
            f"INSERT INTO events ({COLUMNS}) VALUES ({marks}) "  # noqa: S608 - no value in it
            f"ON CONFLICT (key) DO UPDATE SET {changes}",
            _make_row(event),
        )

    def list_events(
        self, cameras: Sequence[int | str] | None = None, since: dt.datetime | None = None
    ) -> list[StoredEvent]:
        """The events of these cameras, or of all, since then, the oldest first.

        A camera is meant by its id, or by its name if it has no id.
        """
        begin = _format_time(since or dt.datetime(1970, 1, 1, tzinfo=dt.UTC))
        if cameras is None:
            return self._query("start >= ?", begin)
        marks = ", ".join("?" * len(cameras))
        is_wanted = f"CASE device_id WHEN 0 THEN device ELSE device_id END IN ({marks})"
        return self._query(f"start >= ? AND {is_wanted}", begin, *cameras)

    def find(self, number: int) -> StoredEvent | None:
        """The event of this number."""
        found = self._query("number = ?", number) if number <= MAX_NUMBER else []
        return found[0] if found else None

    def _query(self, where: str, *values: int | str) -> list[StoredEvent]:
        query = f"SELECT number, {COLUMNS} FROM events WHERE {where} ORDER BY start"  # noqa: S608
        return [_make_event(row) for row in self._connection.execute(query, values)]


def _make_row(event: StoredEvent) -> tuple[object, ...]:
    return (
        event.key,
        event.kind,
        event.device,
        event.device_id,
        event.source,
        _format_time(event.start),
        event.duration_s,
        event.score,
        event.area,
        str(event.clip or ""),
        str(event.snapshot or ""),
        event.reason,
    )


def _make_event(row: Sequence[object]) -> StoredEvent:
    number, key, kind, device, device_id, source, start, duration_s, *rest = row
    score, area, clip, snapshot, reason = rest
    return StoredEvent(
        number=int(str(number)),
        key=str(key),
        kind=str(kind),
        device=str(device),
        device_id=int(str(device_id)),
        source=str(source),
        start=dt.datetime.fromisoformat(str(start)).astimezone(),
        duration_s=None if duration_s is None else float(str(duration_s)),
        score=float(str(score)),
        area=float(str(area)),
        clip=Path(str(clip)) if clip else None,
        snapshot=Path(str(snapshot)) if snapshot else None,
        reason=str(reason),
    )


def _format_time(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).isoformat(timespec="milliseconds")
