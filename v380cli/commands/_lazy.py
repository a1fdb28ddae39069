"""Commands that are imported when they are used, and what stands behind the name of each."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from importlib import import_module
from inspect import cleandoc
from typing import Annotated, Any

import typer

from v380cli.commands import _console, _parser

NONE: Mapping[str, str] = {}


class LazyCommands(Mapping[str, Any]):
    """Commands by name; each is made when it is taken out."""

    def __init__(self, makers: Mapping[str, Callable[[], Any]]) -> None:
        self._makers = makers

    def __getitem__(self, name: str) -> Any:
        return self._makers[name]()

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def make_group(
    package: str, text: str, places: Mapping[str, str], *, hidden: Mapping[str, str] = NONE
) -> _parser.Group:
    """A group of commands: by the name of each, `MODULE.FUNCTION` in `package`."""
    makers = {
        name: partial(load_command, f"{package}.{place}", name, hidden=name in hidden)
        for name, place in {**places, **hidden}.items()
    }
    return _parser.Group(
        help=cleandoc(text),
        commands=LazyCommands(makers),
        no_args_is_help=True,
        rich_markup_mode=None,
    )


def load_command(place: str, name: str, *, hidden: bool = False) -> Any:
    """The command that the function at `PACKAGE.MODULE.FUNCTION` is."""
    module, _, function = place.rpartition(".")
    command = _make_command(getattr(import_module(module), function), name, hidden=hidden)
    command.params += _list_log_params()
    return command


@cache
def _list_log_params() -> list[Any]:
    return list(_make_command(_log, "log").params)


def _make_command(function: Callable[..., Any], name: str, *, hidden: bool = False) -> Any:
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name, cls=_parser.Command, hidden=hidden)(function)
    return typer.main.get_command(app)


def _start_logging(wanted: Any) -> None:
    """So many -v, or the name of a file."""
    if not wanted:
        return
    from v380cli.commands import _logging

    if isinstance(wanted, str):
        _logging.start_logging(0, wanted)
    else:
        _logging.start_logging(wanted, "")


VERBOSE: dict[str, Any] = {
    "count": True,
    "show_default": False,
    "help": "Say more on stderr; twice for all.",
    "callback": _start_logging,
    "expose_value": False,
}
QUIET: dict[str, Any] = {
    "help": "Say nothing on stderr but errors.",
    "expose_value": False,
}
LOG_FILE: dict[str, Any] = {
    "metavar": "FILE",
    "help": "Write the log there, as with -vv.",
    "callback": _start_logging,
    "expose_value": False,
}


def _be_quiet_too(wanted: bool) -> None:
    """The option behind a command's name, which does not undo the one before it."""
    if wanted:
        _console.be_quiet(True)


def _log(
    verbose: Annotated[int, typer.Option("--verbose", "-v", **VERBOSE)] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", callback=_be_quiet_too, **QUIET)] = False,
    log_file: Annotated[str, typer.Option(**LOG_FILE)] = "",
) -> None:
    """What every command takes behind its name; not a command itself."""
