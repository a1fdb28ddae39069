"""docs/commands.md, made of the parser: python -m tests.reference."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from v380cli.app import app

REFERENCE = Path(__file__).parents[1] / "docs/commands.md"
HEAD = """# Commands and options

Made from the parser. `-h`, `-v` (say more; twice for all) and `--log-file FILE` may stand behind
every command, and are left out below. A CAMERA is a name of the list, a device id, a MAC, an
address (`192.168.1.50` or `192.168.1.50:8800`) or `@group`; `-d CAMERA` says the same.
"""
EVERYWHERE = {"help", "verbose", "log_file"}


def make_reference() -> str:
    """The whole page: a section for each command, subcommands behind their groups."""
    root = typer.main.get_command(app)
    context = root.context_class(root, info_name="v380")
    return "\n".join([HEAD, *_write_children(context)])


def _write_children(parent: Any) -> Iterator[str]:
    for name, command in parent.command.commands.items():
        if not command.hidden:
            context = command.context_class(command, info_name=name, parent=parent)
            yield from _write_command(context)
            if hasattr(command, "commands"):
                yield from _write_children(context)


def _write_command(context: Any) -> Iterator[str]:
    command, path = context.command, context.command_path
    level = "#" * len(path.split())
    yield f"{level} `{path}`\n"
    if not hasattr(command, "commands"):
        usage = " ".join(command.collect_usage_pieces(context))
        yield f"    {path} {usage}\n"
    yield inspect.cleandoc(command.help or "") + "\n"
    records = [
        record
        for param in command.params
        if param.name not in EVERYWHERE and (record := param.get_help_record(context))
    ]
    if records:
        yield "".join(f"- `{names}`: {text}\n" for names, text in records)


if __name__ == "__main__":
    REFERENCE.write_text(make_reference(), encoding="utf-8")
