"""`v380 recover`: finish recordings that were broken off."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from v380cli.commands import _console, _options
from v380cli.commands._boundary import ResultPrinted
from v380cli.errors import PartialFailure, V380Error, describe_error
from v380cli.text import format_clock, format_size
from v380cli.work import recovery
from v380cli.work.recovery import Recovered, find_parts

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
    """
    done: list[Recovered] = []
    failed: dict[Path, V380Error] = {}
    for part in [part for path in paths for part in find_parts(path)]:
        try:
            done.append(recovery.recover(part))
        except V380Error as error:
            failed[part] = error
    _print_result(done, failed, json_=json_)
    if failed:
        raise ResultPrinted(_join(done, list(failed.values())))


def _print_result(done: Sequence[Recovered], failed: dict[Path, V380Error], *, json_: bool) -> None:
    if json_:
        _console.print_json(
            [asdict(file) for file in done]
            + [{"part": part, "error": describe_error(error)} for part, error in failed.items()]
        )
    elif done:
        _console.print_table(COLUMNS, map(_format_row, done))
    elif not failed:
        _console.talk("nothing was broken off there")


def _format_row(file: Recovered) -> tuple[object, ...]:
    duration, size = format_clock(file.duration_s), format_size(file.size_bytes)
    return _console.shorten_path(file.path), duration, str(file.video_packets), size


def _join(done: Sequence[Recovered], errors: Sequence[V380Error]) -> V380Error:
    if not done and len(errors) == 1:
        return errors[0]
    return PartialFailure("not everything was recovered: " + "; ".join(e.message for e in errors))
