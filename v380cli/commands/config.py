"""`v380 config`: where the configuration file is, what it sets, and what is wrong in it."""

import os
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import typer

from v380cli.commands import _console, _options
from v380cli.commands._config import Level, find_defaults
from v380cli.commands._ending import Result, end
from v380cli.store.config import read_config

COLUMNS = ("command", "option", "value", "from")


class Setting(NamedTuple):
    """A default that is not the program's own; without a command it is of all that have it."""

    command: str
    option: str
    value: Any
    source: str


def config(context: typer.Context, json_: _options.JsonOption = False) -> None:
    """Show the configuration file, what it sets, and which variables stand before it.

    A wrong key or value is an error that says what was perhaps meant. `v380 help config` has an
    example.

    $ v380 config
    """
    file, document, _ = read_config()
    root: Any = context.find_root().command
    leaves = list(_walk(root, []))
    for levels in leaves:
        _check(levels, context.find_root())
    settings = [
        *_list_variables([root, *(command for *_, (_, command) in leaves)]),
        *(Setting(*words, file.name) for words in _list_keys(document, "")),
    ]
    shown = {
        "path": file,
        "exists": file.exists(),
        "settings": [{**each._asdict(), "command": each.command or None} for each in settings],
    }
    end(Result(document=shown, show=partial(_show, file, settings)), json=json_)


def _show(file: Path, settings: list[Setting]) -> None:
    typer.echo(file)
    if settings:
        _console.print_table(COLUMNS, settings)
    else:
        missing = "nothing is set" if file.exists() else "there is no such file"
        _console.talk(f"{missing}; `v380 help config` has an example")


def _walk(command: Any, levels: list[Level]) -> Iterator[list[Level]]:
    """The way down to each command that is none of commands."""
    children: Mapping[str, Any] = getattr(command, "commands", {})
    for name, child in children.items():
        yield from _walk(child, [*levels, (name, child)])
    if not children:
        yield levels


def _check(levels: list[Level], root: Any) -> None:
    """Raise for a key that the command does not have, and for a value that it does not take."""
    command = levels[-1][1]
    defaults = find_defaults(levels, list(root.command.commands))
    words = " ".join(name for name, _ in levels)
    trial = typer.Context(command, info_name=words, parent=root, default_map=defaults)
    for param in command.params:
        if param.name in defaults:
            param.handle_parse_result(trial, {}, [])


def _list_variables(commands: list[Any]) -> list[Setting]:
    """Options that the environment sets, each once."""
    found = {
        param.envvar: Setting("", param.opts[0].lstrip("-"), os.environ[param.envvar], param.envvar)
        for command in commands
        for param in command.params
        if param.envvar and param.envvar in os.environ
    }
    return list(found.values())


def _list_keys(table: Mapping[str, Any], name: str) -> Iterator[tuple[str, str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _list_keys(value, f"{name} {key}".strip())
        else:
            yield name, key.replace("_", "-"), value
