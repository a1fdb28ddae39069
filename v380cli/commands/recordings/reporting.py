"""What a fetch has printed in the end, and with which error it ends."""

from collections.abc import Callable, Sequence
from typing import Any

from v380cli.commands import _console
from v380cli.commands._ending import Result
from v380cli.errors import V380Error, describe_error
from v380cli.text import format_clock, format_size
from v380cli.work.card.fetching import CameraReport, Status
from v380cli.work.outcome import join_errors

NOTE = "interrupted; the same command goes on where this one stopped"
COLUMNS = ("file", "type", "start", "duration", "size", "status")


def make_result(
    reports: Sequence[CameraReport], exit_code: int, *, document: Any, show: Callable[[], None]
) -> Result:
    """What the command ends with; of cameras from which nothing came there is only the error."""
    return Result(
        document=document,
        show=show,
        error=find_error(reports),
        is_empty=not any(report.outcomes for report in reports),
        exit_code=exit_code,
        note=NOTE,
    )


def find_error(reports: Sequence[CameraReport]) -> V380Error | None:
    """The error of the whole command, or None."""
    outcomes = [
        (f"{report.device.label} {outcome.recording.id}", outcome.error)
        for report in reports
        for outcome in report.outcomes
    ]
    outcomes += [(report.device.label, report.error) for report in reports if report.error]
    return join_errors(outcomes, "recordings")


def describe(reports: Sequence[CameraReport]) -> list[dict[str, Any]]:
    """The document of `recordings download --json`: an object per recording."""
    return [outcome.to_json(report.device) for report in reports for outcome in report.outcomes] + [
        {"device": report.device.label, "status": "failed", "error": describe_error(report.error)}
        for report in reports
        if report.error
    ]


def print_files(reports: Sequence[CameraReport], statuses: Sequence[Status]) -> None:
    """The files, for a person."""
    rows = [
        (
            _console.shorten_path(file.path),
            outcome.recording.kind,
            f"{file.start:%Y-%m-%d %H:%M:%S}",
            format_clock(file.duration_s),
            format_size(file.size_bytes),
            outcome.status,
        )
        for report in reports
        for outcome in report.outcomes
        for file in outcome.files
        if outcome.status in statuses
    ]
    if rows:
        _console.print_table(COLUMNS, rows)
