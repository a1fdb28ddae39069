"""The door: a table of commands, each imported when it is used."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
import typer.completion

from v380cli import __version__
from v380cli.commands import _boundary, _console, _lazy, _parser
from v380cli.commands._lazy import LOG_FILE, QUIET, VERBOSE

TOPIC_NAMES = ("exit-codes", "targets", "durations", "templates", "environment", "config")
COMPLETION_VARIABLE = "_V380_COMPLETE"  # a shell asks for completions


class Row(NamedTuple):
    """A command: its name, the `commands/` module that holds it, and its line in the help."""

    name: str
    module: str
    summary: str


COMMANDS = (
    Row("discover", "discover", "Find cameras on every network interface."),
    Row("devices", "devices", "Keep a list of your cameras under names of your choice."),
    Row("info", "info", "Show what a camera is, can do and is set to."),
    Row("provision", "provision", "Bring a camera into your Wi-Fi, and see that it is there."),
    Row("record", "record", "Record live streams into files, sound included."),
    Row("snapshot", "snapshot", "Save the picture that a camera shows now."),
    Row("stream", "stream", "Hand a live stream on: a pipe, a media server, a browser."),
    Row("serve", "serve", "Serve cameras over RTSP to players, recorders, home automation."),
    Row("view", "view", "Look at a camera: a window, or the terminal."),
    Row("wall", "wall", "Look at several cameras at once: a window, or the terminal."),
    Row("watch", "watch", "Tell when something moves, and keep clips of it."),
    Row("events", "events", "Show what was seen, and play the clips."),
    Row("recordings", "recordings", "List, download, mirror and play what is on the SD card."),
    Row("recover", "recover", "Finish recordings that a power cut broke off."),
    Row("ptz", "ptz", "Turn the camera."),
    Row("preset", "preset", "Go to stored positions, set and delete them."),
    Row("light", "light", "Switch the light."),
    Row("image", "image", "Show the picture in colour or not, or turn it over."),
    Row("zoom", "zoom", "Zoom in or out."),
    Row("track", "track", "Turn after what moves, or not."),
    Row("talk", "talk", "Say something through a camera's loudspeaker."),
    Row("settings", "settings", "Read and change what a camera is set to."),
    Row("capture", "capture", "Record packets of this protocol, and say what they mean."),
    Row("report", "report", "Show what to attach to a bug report, without a person in it."),
    Row("doctor", "doctor", "Say what stands in the way, and what to do."),
    Row("export", "export", "Print what other programs want to be told of cameras."),
    Row("simulate", "simulate", "Run a camera in software, with faults on demand."),
    Row("config", "config", "Show the configuration file, and what it sets."),
    Row("completion", "completion", "Print the completion script of a shell."),
    Row("help", "help", "Explain a command, or a topic that many commands share."),
    Row("demo", "demo", "Simulate a camera, find it, record ten seconds of it."),
)


def make_commands() -> _lazy.LazyCommands:
    """The commands by name."""
    return _lazy.LazyCommands({row.name: partial(_load_command, row) for row in COMMANDS})


class CommandTable(_parser.Group):
    """A group that reads its help from the table and imports no command for it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = make_commands()  # type: ignore[assignment]  # read-only is enough

    def invoke(self, ctx: Any) -> Any:
        """Run a command; typer would end it without a word on Ctrl-C."""
        try:
            with _interrupts_raised():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Abort from None

    def list_summaries(self) -> list[tuple[str, str]]:
        """The rows."""
        return [(row.name, row.summary) for row in COMMANDS]

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write examples and topics."""
        super().format_epilog(ctx, formatter)
        with formatter.section("Topics, by v380 help TOPIC"):
            formatter.write_text(", ".join(TOPIC_NAMES))


@contextmanager
def _interrupts_raised() -> Iterator[None]:
    """Ctrl-C is a KeyboardInterrupt while a command runs, whatever it is before and afterwards."""
    former = signal.getsignal(signal.SIGINT)
    if former is signal.SIG_IGN or former is signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


def _load_command(row: Row) -> Any:
    """The group that is its module's `app`, or else the function of the module's name."""
    place = f"v380cli.commands.{row.module}"
    group = getattr(import_module(place), "app", None)
    if group is None:
        return _lazy.load_command(f"{place}.{row.module}", row.name)
    group.name = row.name
    return group


app = typer.Typer(
    cls=CommandTable,
    rich_markup_mode=None,  # rich would add its start-up to every help page
    pretty_exceptions_enable=False,  # their tracebacks show local variables: passwords
    no_args_is_help=True,
    add_completion=False,  # `v380 completion` writes better scripts
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"v380 {__version__}")
        raise typer.Exit


@app.callback()
def v380(
    verbose: Annotated[int, typer.Option("--verbose", "-v", envvar="V380_VERBOSE", **VERBOSE)] = 0,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", envvar="V380_QUIET", callback=_console.be_quiet, **QUIET),
    ] = False,
    log_file: Annotated[str, typer.Option(envvar="V380_LOG_FILE", **LOG_FILE)] = "",
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Find, record and manage V380 cameras on your own network: no account, no cloud.

    $ v380 discover --save
    $ v380 record --all -o recordings
    $ v380 help record
    """


def main() -> None:
    """Run `v380` with the arguments of this process and exit."""
    _boundary.open_missing_streams()
    if COMPLETION_VARIABLE in os.environ:
        typer.completion.completion_init()  # type: ignore[attr-defined]
    sys.exit(_boundary.run(typer.main.get_command(app), sys.argv[1:]))
