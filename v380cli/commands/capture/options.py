"""Arguments and options that several `v380 capture` commands share."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from v380cli.commands import _console
from v380cli.errors import StorageError
from v380cli.redaction import Redactor

STANDARD_STREAM = Path("-")
READ_BYTES = 1 << 20  # at a time
RAW_QUESTION = "Passwords, ids and addresses will be shown. Is nobody looking on?"

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="pcap or pcapng; - is stdin.")]
RawOption = Annotated[
    bool, typer.Option("--raw", help="Leave nothing out; asks, unless --yes is there.")
]
PortOption = Annotated[
    list[int] | None,
    typer.Option("--port", metavar="N", help="Cameras listen there, too; repeatable."),
]


def choose_redactor(*, raw: bool, yes: bool) -> Redactor | None:
    """None, once the question is answered, where nothing is to be left out."""
    if not raw:
        return Redactor()
    if not yes and not _console.confirm(RAW_QUESTION):
        raise typer.BadParameter("--raw shows secrets: answer the question, or add --yes")
    return None


@contextlib.contextmanager
def open_capture(path: Path) -> Iterator[BinaryIO]:
    """The file, or standard input; raises StorageError."""
    if path == STANDARD_STREAM:
        yield sys.stdin.buffer
        return
    try:
        opened = path.open("rb", READ_BYTES)
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from error
    with opened:
        yield opened
