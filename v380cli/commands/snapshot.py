"""`v380 snapshot`: one picture, or one every so often."""

import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from v380cli.commands import _console, _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.commands._signals import stop_on_signals, tell_how_to_stop
from v380cli.errors import InvalidInput, describe_error
from v380cli.models import Device, Quality
from v380cli.sinks.picture_file import PictureFormat
from v380cli.text import format_size

if TYPE_CHECKING:
    from v380cli.camera.snapshot import Schedule, SnapshotReport
    from v380cli.work.pictures import Snapshot
    from v380cli.work.snapshots import SnapshotPlan

COLUMNS = ("file", "picture", "size", "codec", "seconds")
SHEET_COLUMNS = ("file", "size", "cameras")


@camera_command(all_devices=True, wait=True, via=True)
def snapshot(
    call: CameraCall,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="A file, a folder, a template with {name} {id} {date} {time} {start}, or - "
            "for standard output.",
        ),
    ] = None,
    picture_format: Annotated[
        PictureFormat | None,
        typer.Option("--format", help="Kind of picture; else the output's ending, or jpg."),
    ] = None,
    quality: Annotated[
        Quality | None, typer.Option(help="Which stream; else the device list's, or hd.")
    ] = None,
    every: Annotated[
        float | None,
        _options.time_option("A picture now and one each 10s, 5m or 1h, until Ctrl-C."),
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Stop --every after so many.")
    ] = None,
    duration: Annotated[float | None, _options.time_option("Stop --every after this time.")] = None,
    grid: Annotated[
        bool, typer.Option("--grid", help="One picture of all cameras, side by side.")
    ] = False,
) -> Result:
    """Save the picture that a camera shows now, as JPEG, PNG or WebP.

    A file that you name is replaced; one with {time} or {start} in its name, or with the name that
    it gets by itself, never goes over another.

    $ v380 snapshot porch
    $ v380 snapshot --all --grid -o all.jpg
    $ v380 snapshot porch --every 5m -o pictures
    """
    from v380cli.work.pictures import STDOUT
    from v380cli.work.snapshots import SnapshotPlan

    if output == STDOUT and call.json:
        raise InvalidInput("standard output takes the picture or the JSON, not both")
    if output == STDOUT and _console.is_terminal():
        raise InvalidInput("a picture is nothing for a terminal", hint="pipe it, or name a file")
    plan = SnapshotPlan(
        output=output,
        picture_format=picture_format,
        quality=quality,
        schedule=_make_schedule(every, count, duration, grid=grid, wait=call.wait),
        grid=grid,
        wait=call.wait,
    )
    call.may_wait = every is not None
    return _take(call, plan)


def _take(call: CameraCall, plan: "SnapshotPlan") -> Result:
    from v380cli.camera.snapshot import NEVER_S
    from v380cli.work.pictures import STDOUT
    from v380cli.work.snapshots import SnapshotJob, find_error

    is_series = plan.schedule.every_s != NEVER_S
    devices = call.resolve()
    report = _Report(is_told_at_once=is_series and not call.json)
    job = SnapshotJob(devices, plan, report.note)
    if plan.schedule.count == plan.schedule.duration_s == float("inf"):
        tell_how_to_stop()
    with stop_on_signals(job.stop) as caught:
        results = job.run()
    show = None
    if plan.output != STDOUT:
        show = partial(report.print_sheet if plan.grid else report.print_table, devices)
    return Result(
        document=report.to_json(devices, results),
        show=show,
        error=find_error(results),
        is_empty=not any(result.count for result in results),
        exit_code=caught.exit_code,
        note="" if is_series else "interrupted",
    )


def _make_schedule(
    every: float | None, count: int | None, duration: float | None, *, grid: bool, wait: bool
) -> "Schedule":
    from v380cli.camera.snapshot import NEVER_S, Schedule

    if every is None:
        if count is not None or duration is not None or wait:
            raise InvalidInput("--count, --duration and --wait go with --every")
        return Schedule(count=1)
    if grid:
        raise InvalidInput("a --grid is of one moment; leave --every out")
    return Schedule(every_s=every, count=count or NEVER_S, duration_s=duration or NEVER_S)


class _Report:
    """What is told of the pictures: each at once, or all in the end."""

    def __init__(self, *, is_told_at_once: bool) -> None:
        self._is_told_at_once = is_told_at_once
        self._snapshots: list[Snapshot] = []

    def note(self, snapshot: "Snapshot") -> None:
        """A picture is there; called by the threads of the cameras."""
        if self._is_told_at_once:
            typer.echo("\t".join(_format_row(snapshot)))
            sys.stdout.flush()
        else:
            self._snapshots.append(snapshot)

    def print_table(self, devices: Sequence[Device]) -> None:
        rows = [_format_row(snapshot) for snapshot in self._sort(devices)]
        if rows:
            _console.print_table(COLUMNS, rows)

    def print_sheet(self, devices: Sequence[Device]) -> None:
        """The contact sheet, if there is one, and how many of the cameras are on it."""
        for snapshot in self._snapshots[:1]:
            count = f"{len(self._snapshots)} of {len(devices)}"
            row = (str(snapshot.path), format_size(snapshot.size_bytes), count)
            _console.print_table(SHEET_COLUMNS, [row])

    def to_json(
        self, devices: Sequence[Device], results: "Sequence[SnapshotReport]"
    ) -> list[dict[str, Any]]:
        """The document of `snapshot --json`: pictures, then what failed."""
        return [snapshot.to_json() for snapshot in self._sort(devices)] + [
            {"device": result.device.label, "error": describe_error(result.error)}
            for result in results
            if result.error
        ]

    def _sort(self, devices: Sequence[Device]) -> "list[Snapshot]":
        """By camera, in their order; those of one camera as they were taken."""
        order = [device.label for device in devices]
        return sorted(self._snapshots, key=lambda snapshot: order.index(snapshot.device.label))


def _format_row(snapshot: "Snapshot") -> tuple[str, ...]:
    return (
        str(snapshot.path),
        f"{snapshot.width}x{snapshot.height}",
        format_size(snapshot.size_bytes),
        snapshot.codec,
        f"{snapshot.seconds:.2f} s",
    )
