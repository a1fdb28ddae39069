"""What was said, as lines for a person."""

from collections.abc import Iterator, Mapping
from typing import Any

from v380cli.explain.explainer import Event

SHORT_CHARS = 100  # of the fields, where there is a line for each message


def format_event(event: Event, *, fields: bool = True, gap: str = "\t") -> Iterator[str]:
    """The lines that tell of one, the first of cells with `gap` between."""
    yield _format_line(event, fields=fields, gap=gap)
    details = [f"! {problem}" for problem in event.problems]
    if fields:
        details += [f"{name} = {_format(value)}" for name, value in event.fields.items()]
        details += [f"[{each.offset}] {each.shown}" for each in event.unknown]
    yield from (f"    {detail}" for detail in details)


def _format_line(event: Event, *, fields: bool, gap: str) -> str:
    cells = [
        f"{event.time:%H:%M:%S.%f}"[:-3],
        f"{event.source} -> {event.target}",
        f"{event.message} {event.opcode or ''}".rstrip(),
        f"{event.size} bytes",
    ]
    if not fields:
        cells.append(_shorten(event))
    return gap.join(cells).rstrip()


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
