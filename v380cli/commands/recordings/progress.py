"""How a fetch runs and is shown meanwhile."""

import time
from collections.abc import Sequence

from v380cli.camera.fleet import Fleet
from v380cli.commands import _console
from v380cli.commands._signals import stop_on_signals
from v380cli.text import format_clock, format_size
from v380cli.work.card.fetching import CameraReport, FetchJob

COLUMNS = ("camera", "recording", "of", "", "speed", "left")
BAR_CELLS = 16
SETTLING_S = 2.0  # before this, a speed says nothing


def run_jobs(jobs: Sequence[FetchJob]) -> tuple[list[CameraReport], int]:
    """Run all at once; the reports, and the exit code that a signal asks for or 0."""
    fleet = Fleet[CameraReport](jobs)
    display = ProgressTable(jobs)
    with stop_on_signals(fleet.stop) as caught, display:
        reports = fleet.run(display.tick)
    return reports, caught.exit_code


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
