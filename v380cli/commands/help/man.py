"""Man pages, written from the parser: one of the program, one of each command."""

import re
from collections.abc import Iterator
from typing import Any

import typer

from v380cli.commands._parser import list_records, summarize
from v380cli.commands.help.topics import TOPICS


def list_pages(root: Any) -> dict[str, str]:
    """All pages by the names of their files, as `v380-record.1`."""
    top = typer.Context(root, info_name="v380", **root.context_settings)
    contexts = [
        top,
        *(
            typer.Context(command, info_name=name, parent=top)
            for name, command in root.commands.items()
        ),
    ]
    return {f"{_name(context)}.1": format_page(context) for context in contexts}


def format_page(context: Any) -> str:
    """The page of a command, in troff; of a group with all commands below it."""
    name = _name(context)
    summary = summarize(context.command.help or "").rstrip(".")
    lines = [
        f'.TH {_escape(name.upper())} 1 "" "v380" "v380 manual"',
        *(".SH NAME", f"{_escape(name)} \\- {_escape(summary)}"),
        *(".SH SYNOPSIS", _format_usage(context)),
        *(".SH DESCRIPTION", *_format_text(context.command.help or "")),
        *_list_sections(context, ".SH"),
    ]
    if context.parent is None:
        lines += _list_commands(context)
        lines += [line for text in TOPICS.values() for line in _format_topic(text)]
    else:
        lines += _list_children(context)
        lines += [".SH SEE ALSO", "\\fBv380\\fR(1)"]
    return "\n".join([*lines, ""])


def _name(context: Any) -> str:
    return str(context.command_path).replace(" ", "-")


def _format_usage(context: Any) -> str:
    pieces = " ".join(context.command.collect_usage_pieces(context))
    return f"\\fB{_escape(context.command_path)}\\fR {_escape(pieces)}"


def _list_sections(context: Any, heading: str) -> Iterator[str]:
    """Arguments, options and examples."""
    for title, records in list_records(context.command, context):
        yield f"{heading} {title.upper()}"
        for names, text in records:
            yield from (".TP", f"\\fB{_escape(names)}\\fR", _escape(text))
    if context.command.examples:
        yield from (f"{heading} EXAMPLES", ".nf")
        yield from map(_escape, context.command.examples)
        yield ".fi"


def _list_commands(context: Any) -> Iterator[str]:
    yield ".SH COMMANDS"
    for name, summary in context.command.list_summaries():
        yield from (".TP", f"\\fBv380\\-{_escape(name)}\\fR(1)", _escape(summary))


def _list_children(context: Any) -> Iterator[str]:
    """The commands of a group, each with all that its help page has."""
    for name, command in getattr(context.command, "commands", {}).items():
        if command.hidden:
            continue
        child = typer.Context(command, info_name=name, parent=context)
        yield from (f".SH {_escape(child.command_path.upper())}", _format_usage(child), ".PP")
        yield from _format_text(command.help or "")
        yield from _list_sections(child, ".SS")


def _format_text(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(re.split(r"\n\n+", text)):
        yield from ([".PP"] if number else [])
        yield _escape(" ".join(paragraph.split()))


def _format_topic(text: str) -> Iterator[str]:
    title, _, body = text.partition("\n\n")
    yield from (f".SH {_escape(title.upper())}", ".nf")
    yield from map(_escape, body.rstrip().splitlines())
    yield ".fi"


def _escape(text: str) -> str:
    """Text as troff prints it: no line of it is a request."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
