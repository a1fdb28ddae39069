"""How a running fetch is shown, what it printed in the end, and with which error it ends."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from v380cli.camera.fleet import Fleet
from v380cli.commands import _console
from v380cli.commands._ending import Result
from v380cli.commands._signals import stop_on_signals
from v380cli.errors import V380Error, describe_error
from v380cli.text import format_clock, format_size
from v380cli.work.card.fetching import CameraReport, FetchJob, Status
from v380cli.work.outcome import join_errors

NOTE = "interrupted; the same command goes on where this one stopped"
COLUMNS = ("camera", "recording", "of", "", "speed", "left")
RESULT_COLUMNS = ("file", "type", "start", "duration", "size", "status")
BAR_CELLS = 16
SETTLING_S = 2.0  # before this, a speed says nothing


def run_jobs(jobs: Sequence[FetchJob]) -> tuple[list[CameraReport], int]:
    """Run all at once; the reports, and the exit code that a signal asks for or 0."""
    fleet = Fleet[CameraReport](jobs)
    display = ProgressTable(jobs)
    with stop_on_signals(fleet.stop) as caught, display:
        reports = fleet.run(display.tick)
    return reports, caught.exit_code


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
        _console.print_table(RESULT_COLUMNS, rows)


class ProgressTable(_console.LiveTable):
    """Where each camera is."""

    def __init__(self, jobs: Sequence[FetchJob]) -> None:
        super().__init__(COLUMNS)
        self._jobs = jobs
        self._began_s = time.monotonic()

    def tick(self) -> None:
        """Show it as it is now."""
        elapsed_s = time.monotonic() - self._began_s
        self.update(format_progress(job, elapsed_s) for job in self._jobs)


def format_progress(job: FetchJob, elapsed_s: float) -> tuple[str, ...]:
    """A row under COLUMNS: the bar is of media time, since no size is known beforehand."""
    progress, media_s = job.progress, job.current_s()
    share = min(1.0, media_s / progress.total_s) if progress.total_s else 0.0
    filled = round(share * BAR_CELLS)
    left = "" if elapsed_s < SETTLING_S or not share else elapsed_s * (1 - share) / share
    return (
        job.device.label,
        progress.label,
        f"{min(progress.done + 1, progress.count)}/{progress.count}",
        f"{'█' * filled}{'·' * (BAR_CELLS - filled)} {share:4.0%}",
        f"{format_size(round(job.current_bytes() / max(elapsed_s, 0.1)))}/s",
        left if isinstance(left, str) else format_clock(left),
    )
