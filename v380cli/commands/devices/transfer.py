"""`v380 devices import` and `export`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from v380cli.commands import _console
from v380cli.text import format_count, quote_names
from v380cli.work.devices.formats import FileFormat

MAX_TWINS = 10  # that are told one by one

FormatOption = Annotated[
    FileFormat | None, typer.Option("--format", help="Else the ending of the file says it.")
]


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON, CSV or TOML; - for stdin.")],
    kind: FormatOption = None,
    update: Annotated[
        bool, typer.Option("--update", help="Replace cameras whose names are in the list already.")
    ] = False,
) -> None:
    """Add the cameras of a file.

    All of them are added, or none. The file is one that `v380 devices export` wrote, or like it.

    $ v380 devices import cameras.csv
    """
    from v380cli.work.devices import documents
    from v380cli.work.devices.transfer import import_records, list_twins
    from v380cli.work.user_files import read_text

    chosen = documents.choose_format(file, kind)
    records = documents.parse_records(read_text(file), chosen, str(file))
    import_records(records, update=update)
    _console.talk(f"Imported {format_count(len(records), 'camera')}.")
    twins = list_twins(records)
    for names in twins[:MAX_TWINS]:
        _console.talk(f"{quote_names(names)} have the same id.")
    if len(twins) > MAX_TWINS:
        _console.talk(f"{len(twins) - MAX_TWINS} more ids are in the list more than once.")


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON, CSV or TOML; - for stdout.")],
    kind: FormatOption = None,
    with_passwords: Annotated[
        bool,
        typer.Option("--with-passwords", help="Write them too, into a file for your eyes only."),
    ] = False,
) -> None:
    """Write the list into a file.

    $ v380 devices export cameras.toml
    $ v380 devices export - --format csv
    """
    from v380cli.work.devices import documents
    from v380cli.work.devices.transfer import list_entries
    from v380cli.work.user_files import STANDARD_STREAM, write_bytes

    chosen = documents.choose_format(file, kind)
    entries = list_entries(with_passwords=with_passwords)
    text = documents.format_entries(entries, chosen)
    if file == STANDARD_STREAM:
        sys.stdout.write(text)
        return
    write_bytes(file, text.encode(), private=with_passwords)
    _console.talk(f"Exported {format_count(len(entries), 'camera')} to {file}.")
