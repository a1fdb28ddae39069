"""The one ending of all commands: the result is printed, the error told, the exit code set."""

from collections.abc import Callable
from typing import Any, NamedTuple

import typer

from v380cli.commands import _console
from v380cli.errors import V380Error


class ResultPrinted(Exception):
    """A command has printed its result on stdout and still fails, with `error`."""

    def __init__(self, error: V380Error) -> None:
        super().__init__(error.message)
        self.error = error


class Result(NamedTuple):
    """What a command ends with: a `document` for --json, else what `show` prints.

    Of an `is_empty` result nothing is shown but its error. An `exit_code` is that of a signal, and
    `note` is said then.
    """

    document: Any = None
    show: Callable[[], None] | None = None
    error: V380Error | None = None
    is_empty: bool = False
    exit_code: int = 0
    note: str = ""


def end(result: Result, *, json: bool = False) -> None:
    """Print it; then raise what the exit code is made of, where that is not 0."""
    if result.error and result.is_empty and not result.exit_code:
        raise result.error
    if json and result.document is not None:
        _console.print_json(result.document)
    elif result.show:
        result.show()
    if result.exit_code:
        if result.note:
            _console.say(result.note)
        raise typer.Exit(result.exit_code)
    if result.error:
        raise ResultPrinted(result.error)
