"""How what was said is shown to a person: a line for each message, as it comes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import typer

from v380cli.commands import _console
from v380cli.explain.explainer import Event, Explainer
from v380cli.text import format_count

ARROWS = {"to-camera": "->", "from-camera": "<-"}
SHORT_CHARS = 100  # of the fields, where there is a line for each message


def print_events(events: Iterable[Event], *, fields: bool) -> None:
    """A line for each, what does not fit below it; for a pipe with tabs between."""
    for event in events:
        for line in format_event(event, fields=fields):
            typer.echo(line)


def format_event(event: Event, *, fields: bool = True) -> Iterator[str]:
    """The lines that tell of one."""
    yield _format_line(event, fields=fields)
    details = [f"! {problem}" for problem in event.problems]
    if fields:
        details += [f"{name} = {_format(value)}" for name, value in event.fields.items()]
        details += [f"[{each.offset}] {each.shown}" for each in event.unknown]
    yield from (f"    {detail}" for detail in details)


def _format_line(event: Event, *, fields: bool) -> str:
    cells = [
        f"{event.time:%H:%M:%S.%f}"[:-3],
        f"{event.source} -> {event.target}",
        f"{event.message} {event.opcode or ''}".rstrip(),
        f"{event.size} bytes",
    ]
    if not fields:
        cells.append(_shorten(event))
    return ("  " if _console.is_terminal() else "\t").join(cells).rstrip()


def _shorten(event: Event) -> str:
    told = " ".join(
        f"{name}={_format(value)}"
        for name, value in event.fields.items()
        if value and not name.startswith("unknown_")
    )
    unknown = f" and {len(event.unknown)} unknown" if event.unknown else ""
    return (told if len(told) <= SHORT_CHARS else told[: SHORT_CHARS - 3] + "...") + unknown


def _format(value: Any) -> str:
    match value:
        case Mapping():
            return "{" + ", ".join(f"{key}: {_format(each)}" for key, each in value.items()) + "}"
        case list():
            return f"{len(value)} of them" if len(value) > 3 else ", ".join(map(_format, value))
    return str(value)


def talk_summary(explainer: Explainer, problem: str) -> None:
    """What was left out, what is not there, and what TCP had to repair, on stderr."""
    if problem:
        _console.say(f"v380: {problem}")
    for reason, count in explainer.unreadable.most_common():
        _console.talk(f"{format_count(count, 'packet')} left out: {reason}")
    if explainer.retransmitted or explainer.reordered:
        _console.talk(
            f"{explainer.retransmitted} segments came again, {explainer.reordered} out of order"
        )
    if explainer.begun_before:
        _console.talk(f"{explainer.begun_before} connections had begun before the capture")
    others = explainer.other_connections, explainer.other_datagrams
    if any(others):
        _console.talk(f"of others: {others[0]} connections, {others[1]} datagrams")
