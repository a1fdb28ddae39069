"""How cameras that were seen are shown."""

import datetime as dt
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Protocol, Self

import typer

from v380cli.camera.discover import Change, ChangeKind, Sighting
from v380cli.camera.fingerprint import TCP
from v380cli.commands import _console
from v380cli.models import DEFAULT_PORT
from v380cli.work.sightings import KnownCameras, make_document

COLUMNS = ("name", "id", "address", "mac", "on", "fw", "answered", "note")


class View(Protocol):
    """A context that is told of every change, and of the rows at the end."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def tell(self, change: Change) -> None: ...

    def finish(self, sightings: Sequence[Sighting]) -> None: ...


def choose_view(known: KnownCameras, *, json_: bool, jsonl: bool, watch: bool) -> View:
    """JSON where it is asked for; a live table for a person; else lines, of events in a watch."""
    if jsonl:
        return JsonLineView(known)
    if json_:
        return JsonView(known)
    if sys.stderr.isatty() and _console.is_terminal():
        return LiveView(known, watch=watch)
    return EventView(known) if watch else TableView(known)


class TableView:
    """Says nothing until the end, then a table, or a line per camera into a pipe."""

    def __init__(self, known: KnownCameras) -> None:
        self._known = known

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def tell(self, change: Change) -> None:
        pass

    def finish(self, sightings: Sequence[Sighting]) -> None:
        if sightings:
            _console.print_table(COLUMNS, [format_row(row, self._known) for row in sightings])


class LiveView(TableView):
    """A table that grows as answers arrive; the last one stays. A watch shows what happened too."""

    def __init__(self, known: KnownCameras, *, watch: bool) -> None:
        super().__init__(known)
        self._watch = watch
        self._table = _console.LiveTable((*COLUMNS, "event") if watch else COLUMNS)
        self._changes: dict[int, Change] = {}

    def __enter__(self) -> Self:
        self._table.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._table.__exit__()

    def tell(self, change: Change) -> None:
        if change.kind is ChangeKind.ARRIVED:
            self._drop_departed(change.sighting.identity)
        former = self._changes.get(change.sighting.number)
        if former and change.kind is ChangeKind.CHANGED:
            change = replace(former, sighting=change.sighting)
        self._changes[change.sighting.number] = change
        changes = sorted(self._changes.values(), key=lambda entry: entry.sighting.sort_key)
        self._table.update(self._format(entry) for entry in changes)

    def _drop_departed(self, identity: tuple[int, str, str]) -> None:
        """Forget the row of a camera that has come back: it has a new number."""
        self._changes = {
            number: change
            for number, change in self._changes.items()
            if change.kind is not ChangeKind.DEPARTED or change.sighting.identity != identity
        }

    def _format(self, change: Change) -> tuple[str, ...]:
        cells = format_row(change.sighting, self._known)
        return (*cells, format_event(change)) if self._watch else cells


class EventView(TableView):
    """A line per event, for `--watch` into a pipe or a file."""

    def tell(self, change: Change) -> None:
        cells = (format_event(change), *format_row(change.sighting, self._known))
        typer.echo("\t".join(cells))

    def finish(self, sightings: Sequence[Sighting]) -> None:
        pass


class JsonView(TableView):
    """One list at the end."""

    def finish(self, sightings: Sequence[Sighting]) -> None:
        _console.print_json([make_document(row, self._known) for row in sightings])


class JsonLineView(TableView):
    """A line per event, as it happens."""

    def tell(self, change: Change) -> None:
        event: dict[str, Any] = {"event": change.kind.value, "time": dt.datetime.now().astimezone()}
        if change.previous_ip:
            event["previous_ip"] = change.previous_ip
        _console.print_json_line(event | make_document(change.sighting, self._known))

    def finish(self, sightings: Sequence[Sighting]) -> None:
        pass


def format_row(row: Sighting, known: KnownCameras) -> tuple[str, ...]:
    """The cells of `COLUMNS`."""
    beacon = row.beacon
    return (
        known.find_name(row),
        str(beacon.device_id or ""),
        beacon.ip if beacon.port == DEFAULT_PORT else f"{beacon.ip}:{beacon.port}",
        beacon.mac,
        row.interface,
        beacon.version,
        " ".join(sorted(row.answered_by)),
        "; ".join(_list_notes(row)),
    )


def format_event(change: Change) -> str:
    """What happened, in a word or two."""
    if change.kind is ChangeKind.MOVED:
        return f"moved from {change.previous_ip}"
    return change.kind.value


def _list_notes(row: Sighting) -> Iterable[str]:
    if row.conflict:
        yield "another camera claims the same id or MAC"
    if row.also_on:
        yield f"also on {', '.join(row.also_on)}"
    if not row.is_address_as_claimed:
        yield f"says it is {row.claimed_ip}"
    if not row.is_v380:
        yield "not a V380 camera"
    if not row.beacon.device_id and TCP in row.answered_by:
        yield "does not answer discovery: give its id with --id"
