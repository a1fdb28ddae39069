"""docs/commands.md and the page of `v380 --help`, made of the parser: python -m tests.reference."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

import v380cli
from tests.cli import read_help
from v380cli.app import app
from v380cli.commands._parser import list_records

HELP_PAGE = Path(v380cli.__file__).with_name("help.txt")
REFERENCE = Path(__file__).parents[1] / "docs/commands.md"
HEAD = """# Commands and options

Made from the parser; `v380 COMMAND --help` shows the same. `-h`, `-v` (say more; twice for all),
`--quiet` and `--log-file FILE` may stand with every command, and are left out below. A CAMERA is a
name of the list, a device id, a MAC, an address (`192.168.1.50` or `192.168.1.50:8800`) or
`@group`; `-d CAMERA` says the same.
"""
EVERYWHERE = ("-h,", "-v,", "-q,", "--quiet", "--log-file", "--help")


def make_reference() -> str:
    """The whole page: a section for each command, subcommands behind their groups."""
    root = typer.main.get_command(app)
    return "\n".join([HEAD, *_write_children(typer.Context(root, info_name="v380"))])


def _write_children(parent: Any) -> Iterator[str]:
    for name, command in parent.command.commands.items():
        if not command.hidden:
            context = typer.Context(command, info_name=name, parent=parent)
            yield from _write_command(context)
            if hasattr(command, "commands"):
                yield from _write_children(context)


def _write_command(context: Any) -> Iterator[str]:
    command, path = context.command, context.command_path
    yield f"{'#' * len(path.split())} `{path}`\n"
    if not hasattr(command, "commands"):
        yield f"    {path} {' '.join(command.collect_usage_pieces(context))}\n"
    yield command.help + "\n"
    for _, records in list_records(command, context):
        if rows := [row for row in records if not row[0].startswith(EVERYWHERE)]:
            yield "".join(f"- `{names}`: {text}\n" for names, text in rows)
    if command.examples:
        yield "For instance:\n"
        yield "".join(f"    {example}\n" for example in command.examples)


if __name__ == "__main__":
    REFERENCE.write_text(make_reference(), encoding="utf-8")
    HELP_PAGE.write_text(read_help(), encoding="utf-8")
