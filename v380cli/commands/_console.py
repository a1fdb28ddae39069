"""The only owner of rich. stdout is the result, stderr the talk."""

import contextlib
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self, TextIO

import typer

from v380cli.commands._table import lay_out
from v380cli.text import format_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text


HINT_INDENT = "      "
PLAIN_TERMINALS = ("dumb", "unknown")  # values of TERM


def is_terminal() -> bool:
    """Whether a person looks at stdout."""
    return sys.stdout.isatty()


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for a person; for a pipe, a line per row with tabs between and no header."""
    if is_terminal():
        # Not by rich, which takes longer to begin than all else. A terminal breaks a line that is
        # too long so that it can be copied whole.
        header, *lines = lay_out(columns, rows, shutil.get_terminal_size().columns, count_cells)
        typer.echo("\n".join([_embolden(header), *lines]))
        return
    for row in rows:
        typer.echo("\t".join(str(cell) for cell in row))


def count_cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _embolden(text: str) -> str:
    return text if os.environ.get("TERM") in PLAIN_TERMINALS else typer.style(text, bold=True)


def find_gap() -> str:
    """What stands between the cells of a row: two spaces for a person, a tab for a pipe."""
    return "  " if is_terminal() else "\t"


def print_row(cells: Sequence[object]) -> None:
    """One row as it comes, flushed."""
    typer.echo(find_gap().join(str(cell) for cell in cells))
    sys.stdout.flush()


def shorten_path(path: Path) -> Path:
    """For a person, as seen from the current folder; a program gets it as it is."""
    if is_terminal() and path.is_relative_to(Path.cwd()):
        return path.relative_to(Path.cwd())
    return path


def print_json(document: object) -> None:
    """One JSON document on stdout, indented for a person."""
    typer.echo(format_json(document, indent=2 if is_terminal() else None))


def print_json_list(documents: Iterable[object]) -> None:
    """One JSON list on stdout, an element at a time, so that it may be longer than memory."""
    separator = "["
    for document in documents:
        typer.echo(f"{separator}{format_json(document)}", nl=False)
        separator = ",\n"
    typer.echo("]" if separator != "[" else "[]")


def print_json_line(event: object) -> None:
    """One event on a line of its own, flushed so that a reader sees it at once."""
    typer.echo(format_json(event))
    sys.stdout.flush()


class _Talk:
    """Whether the person wants to hear more than errors."""

    is_quiet = False


def be_quiet(quiet: bool) -> None:
    """Let `talk` and what shows progress say nothing from now on, or speak again."""
    _Talk.is_quiet = quiet


def talk(text: str) -> None:
    """Say something to the person, on stderr, unless --quiet is there."""
    if not _Talk.is_quiet:
        say(text)


def tell_error(message: str, hint: str) -> None:
    """An error on stderr, for a person in lines that fit; the hint stands below it."""
    for text, indent in ((f"v380: {message}", ""), (hint, HINT_INDENT)):
        if text:
            say(fit(text, indent) if sys.stderr.isatty() else f"{indent}{text}")


def fit(text: str, indent: str = "") -> str:
    """Lines for a terminal, those after the first indented as hints are."""
    return textwrap.fill(
        text,
        shutil.get_terminal_size().columns,
        initial_indent=indent,
        subsequent_indent=HINT_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def say(text: str) -> None:
    """Say on stderr what is said with --quiet, too: an error, or what a question is about.

    Where nobody can hear it, that changes nothing else.
    """
    with contextlib.suppress(OSError):
        typer.echo(text, err=True)


def end_talk() -> None:
    """Leave nothing unsaid at the end: the interpreter would make an exit code of it."""
    try:
        sys.stderr.flush()
    except OSError:
        drop_output(sys.stderr)


def drop_output(stream: TextIO) -> None:
    """Nobody takes what is written there: keep the interpreter from complaining about it."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, stream.fileno())
    os.close(devnull)


def confirm(question: str) -> bool:
    """Ask on stderr; no terminal, no consent."""
    return sys.stdin.isatty() and typer.confirm(question, err=True)


def _open_console() -> "Console":
    """Of rich, on stderr; no markup is read from the texts that it prints."""
    from rich.console import Console

    return Console(stderr=True, markup=False, highlight=False, emoji=False)


@contextlib.contextmanager
def show_progress(total_bytes: int, what: str) -> Iterator[Callable[[int], None]]:
    """A bar on stderr, where a person looks at it and the result goes elsewhere.

    Gives a function that is told how many bytes are done.
    """
    is_seen = sys.stderr.isatty() and not sys.stdout.isatty() and not _Talk.is_quiet
    if not total_bytes or not is_seen:
        yield lambda _done: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_open_console(), transient=True) as progress:
        task = progress.add_task(what, total=total_bytes)
        yield lambda done: progress.update(task, completed=done)


ECHO_COLUMNS = 2


class LiveTable:
    """A table on stderr that is redrawn in place while the block runs, if a person looks at it."""

    def __init__(self, columns: Sequence[str], *, is_wanted: bool = True) -> None:
        self._columns = columns
        self._is_wanted = is_wanted and sys.stderr.isatty() and not _Talk.is_quiet
        self._live: Live | None = None

    @property
    def is_shown(self) -> bool:
        """Whether what `update` is given is seen by anybody."""
        return self._live is not None

    def __enter__(self) -> Self:
        if self._is_wanted:
            from rich.live import Live

            # transient: it goes away and leaves the cursor where it was
            self._live = Live(console=_open_console(), auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def update(self, rows: Iterable[Sequence[object]]) -> None:
        """Show these rows instead of the former ones."""
        if self._live is None:
            return
        # leaves room for a ^C, which would begin another line that nobody takes away
        width = self._live.console.width - ECHO_COLUMNS
        self._live.update(_draw(lay_out(self._columns, rows, width, count_cells)), refresh=True)


def _draw(lines: Sequence[str]) -> "Text":
    """A table for rich, the header first; what is too wide is cut."""
    from rich.text import Text

    text = Text("\n".join(lines), no_wrap=True, overflow="ellipsis")
    text.stylize("bold", 0, len(lines[0]))
    return text
