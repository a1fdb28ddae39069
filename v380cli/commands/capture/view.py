"""How what was said is shown to a person: a line for each message, as it comes."""

from collections.abc import Iterable

import typer

from v380cli.commands import _console
from v380cli.explain.explainer import Event, Explainer
from v380cli.explain.lines import format_event
from v380cli.text import format_count


def print_events(events: Iterable[Event], *, fields: bool) -> None:
    """A line for each, what does not fit below it; for a pipe with tabs between."""
    gap = _console.find_gap()
    for event in events:
        for line in format_event(event, fields=fields, gap=gap):
            typer.echo(line)


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
