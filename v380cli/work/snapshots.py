"""From devices and a plan to pictures, and with which error that ends."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from v380cli.camera.fleet import Fleet
from v380cli.camera.snapshot import NEVER_S, Schedule, SnapshotReport, SnapshotTaker
from v380cli.errors import InvalidInput, V380Error
from v380cli.models import Device, Quality
from v380cli.sinks.naming import advise_apart, is_folder
from v380cli.sinks.picture_file import PictureFiles, PictureFormat, find_format
from v380cli.work.outcome import join_errors
from v380cli.work.pictures import (
    STDOUT,
    OnSnapshot,
    Place,
    Printer,
    SheetPrinter,
    SinglePrinter,
    StandardOutput,
)
from v380cli.work.targets import reach


@dataclass(frozen=True, kw_only=True)
class SnapshotPlan:
    """What the options of `snapshot` ask for.

    Without a `picture_format` it is the one that the output is named after, or else JPEG.
    """

    output: str | None = None
    picture_format: PictureFormat | None = None
    quality: Quality | None = None
    schedule: Schedule = field(default_factory=Schedule)
    grid: bool = False
    wait: bool = False


class SnapshotJob:
    """Takes the pictures of some devices; `tell` is called for each of them, by any thread.

    InvalidInput for an output that cannot be meant.
    """

    def __init__(self, devices: Sequence[Device], plan: SnapshotPlan, tell: OnSnapshot) -> None:
        self._printer = _choose_printer(devices, plan, tell)
        self._fleet = Fleet(
            [
                SnapshotTaker(
                    reach(device),
                    partial(self._printer.develop, device),
                    plan.schedule,
                    quality=plan.quality or device.quality or Quality.HD,
                    wait=plan.wait or (len(devices) > 1 and plan.schedule.every_s != NEVER_S),
                )
                for device in devices
            ]
        )

    def stop(self) -> None:
        """Ask for the end; safe in a signal handler."""
        self._fleet.stop()

    def run(self) -> list[SnapshotReport]:
        """Take pictures to the end of the schedule. Raises StorageError for a contact sheet."""
        reports = self._fleet.run()
        self._printer.finish(reports)
        return reports


def find_error(reports: Sequence[SnapshotReport]) -> V380Error | None:
    """The error that the whole command ends with, or None."""
    return join_errors([(report.device.label, report.error) for report in reports])


def _choose_printer(devices: Sequence[Device], plan: SnapshotPlan, tell: OnSnapshot) -> Printer:
    picture_format = _choose_format(plan)
    place = _choose_place(devices, plan, picture_format)
    printer = SheetPrinter if plan.grid else SinglePrinter
    return printer(picture_format, place, tell)


def _choose_format(plan: SnapshotPlan) -> PictureFormat:
    named = find_format(plan.output)
    if named and plan.picture_format not in (None, named):
        raise InvalidInput(f"the output is named .{named}, but the format is {plan.picture_format}")
    if plan.picture_format is None and named is None and _has_ending(plan.output):
        raise InvalidInput(
            f"no kind of picture is named {Path(str(plan.output)).suffix}",
            hint="name it .jpg, .png or .webp, or say --format",
        )
    return plan.picture_format or named or PictureFormat.JPEG


def _has_ending(output: str | None) -> bool:
    return output is not None and not is_folder(output) and bool(Path(output).suffix)


def _choose_place(
    devices: Sequence[Device], plan: SnapshotPlan, picture_format: PictureFormat
) -> Place:
    if plan.output == STDOUT:
        _check_stdout(devices, plan)
        return StandardOutput()
    files = PictureFiles(plan.output, picture_format)
    now = dt.datetime.now().astimezone()
    names = {files.name(device.label, device.device_id, now) for device in devices}
    if len(names) < len(devices) and not plan.grid:
        raise InvalidInput(
            "several cameras would be written to the same file",
            hint=f"{advise_apart(plan.output)}; or make a --grid",
        )
    return files


def _check_stdout(devices: Sequence[Device], plan: SnapshotPlan) -> None:
    """Raise InvalidInput where a picture on standard output makes no sense."""
    if len(devices) > 1 and not plan.grid:
        raise InvalidInput("standard output takes one picture", hint="make a --grid of them")
    if plan.schedule.count != 1:
        raise InvalidInput("standard output takes one picture", hint="name a file for --every")
