"""`v380 recover`: finish recordings that were broken off."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from v380cli.commands import _console, _options
from v380cli.commands._ending import Result, end
from v380cli.errors import V380Error, describe_error
from v380cli.text import format_clock, format_size
from v380cli.work.outcome import Outcome, join_errors

if TYPE_CHECKING:
    from v380cli.work.recovery import Recovered

COLUMNS = ("file", "duration", "pictures", "size")


def recover(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Files NAME.part, or folders of them.")
    ],
    json_: _options.JsonOption = False,
) -> None:
    """Finish recordings that a kill or a power cut broke off: NAME.mp4.part becomes NAME.mp4.

    The pictures stay as they are. A file that is being recorded is left alone, and so is one
    without a picture.

    $ v380 recover recordings
    """
    from v380cli.work import recovery
    from v380cli.work.recovery import find_parts

    done: list[Recovered] = []
    failed: dict[Path, V380Error] = {}
    for part in [part for path in paths for part in find_parts(path)]:
        try:
            done.append(recovery.recover(part))
        except V380Error as error:
            failed[part] = error
    outcomes: list[Outcome] = [(str(file.path), None) for file in done]
    outcomes += [(str(part), error) for part, error in failed.items()]
    result = Result(
        document=_describe(done, failed),
        show=partial(_print_files, done, failed),
        error=join_errors(outcomes, "files"),
    )
    end(result, json=json_)


def _describe(done: "Sequence[Recovered]", failed: dict[Path, V380Error]) -> list[dict[str, Any]]:
    return [asdict(file) for file in done] + [
        {"part": part, "error": describe_error(error)} for part, error in failed.items()
    ]


def _print_files(done: "Sequence[Recovered]", failed: dict[Path, V380Error]) -> None:
    if done:
        _console.print_table(COLUMNS, map(_format_row, done))
    elif not failed:
        _console.talk("nothing was broken off there")


def _format_row(file: "Recovered") -> tuple[object, ...]:
    duration, size = format_clock(file.duration_s), format_size(file.size_bytes)
    return _console.shorten_path(file.path), duration, str(file.video_packets), size
