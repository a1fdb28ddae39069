"""`v380 recordings download`: recordings from the card into files."""

import datetime as dt
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.camera.wall_clock import CameraZone, parse_zone
from v380cli.commands import _console, _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._container import FormatOption
from v380cli.commands._ending import Result
from v380cli.commands.recordings import options
from v380cli.errors import InvalidInput
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.naming import check_template

if TYPE_CHECKING:
    from v380cli.work.card.fetching import CameraReport
    from v380cli.work.card.selection import Selection

DEFAULT_NAME = "{name}-{start}-{type}"


CamerasAndIds = Annotated[
    list[str] | None,
    typer.Argument(
        metavar=_options.Words("[CAMERA] [ID]...", ()),
        help="The camera (name, device id, MAC, address), then ids of `recordings list`.",
        autocompletion=_options.complete_camera,
    ),
]


@camera_command(CamerasAndIds)
def download(
    call: CameraCall,
    all_recordings: Annotated[bool, typer.Option("--all", help="All of the last 31 days.")] = False,
    date: options.DateOption = "",
    since: options.SinceOption = "",
    until: options.UntilOption = "",
    kind: options.KindOption = None,
    start: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="TIME",
            help="Cut there, at a keyframe: 08:00:30 (of --date) or like --since.",
        ),
    ] = "",
    end: Annotated[
        str, typer.Option("--to", metavar="TIME", help="And there, written like --from.")
    ] = "",
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="A folder, a file, or a template with {name} {id} {date} {time} {start} {type}.",
        ),
    ] = ".",
    container: FormatOption = None,
    no_audio: _options.NoAudioOption = False,
    timezone: _options.ZoneOption = "",
    min_free: options.MinFreeOption = "500M",
) -> Result:
    """Download recordings from the SD card, sound included; goes on where it was interrupted.

    The picture is written exactly as the camera recorded it. What is there and whole is skipped.

    $ v380 recordings download porch --date yesterday -o cards
    $ v380 recordings download porch --from 08:00 --to 08:05 --date today
    """
    from v380cli.commands.recordings import progress, reporting
    from v380cli.work.card import selection
    from v380cli.work.card.fetching import FetchJob, FetchPlan

    zone = parse_zone(timezone)
    ids = tuple(filter(selection.is_id, call.words))
    call.words = [word for word in call.words if word not in ids]
    if not (ids or all_recordings or date or since or until or kind or start or end):
        raise typer.BadParameter(
            "say which recordings: ids like 20261120-080105-2, --date, --since, --type or --all"
        )
    cut_start, cut_end = (parse_cut(text, date, zone) for text in (start, end))
    wanted = choose(ids, date, since, until, kind, zone, cut_start, cut_end)
    template, folder, chosen = plan_output(output, container)
    check_template(template, "normal")
    plan = FetchPlan(
        output=template,
        folder=folder,
        container=chosen,
        audio=not no_audio,
        start=zone.to_true(cut_start) if cut_start else None,
        end=zone.to_true(cut_end) if cut_end else None,
        min_free_bytes=_options.parse_size(min_free),
    )
    devices = call.resolve()
    if ids and len(devices) > 1:
        raise typer.BadParameter("ids of recordings go with one camera")
    jobs = [FetchJob(camera, wanted, plan) for camera in devices]
    reports, exit_code = progress.run_jobs(jobs)
    return reporting.make_result(
        reports,
        exit_code,
        document=reporting.describe(reports),
        show=partial(_print_files, reports),
    )


def _print_files(reports: "Sequence[CameraReport]") -> None:
    from v380cli.commands.recordings import reporting
    from v380cli.work.card.fetching import Status

    reporting.print_files(reports, tuple(Status))
    if not any(report.outcomes or report.error for report in reports):
        _console.talk("there are no recordings in that range")


def choose(
    ids: tuple[str, ...],
    date: str,
    since: str,
    until: str,
    kind: "list[options.KindName] | None",
    zone: CameraZone,
    cut_start: dt.datetime | None,
    cut_end: dt.datetime | None,
) -> "Selection":
    """The selection of all options; a cut also says which recordings have something of it."""
    from v380cli.work.card import selection
    from v380cli.work.card.selection import Selection

    wanted = selection.make_selection(date, since, until, kind, zone)
    return Selection(
        zone=zone,
        since=max(wanted.since, cut_start or wanted.since),
        until=min(wanted.until, cut_end or wanted.until),
        kinds=wanted.kinds,
        ids=ids,
    )


def parse_cut(text: str, date: str, zone: CameraZone) -> dt.datetime | None:
    """A time of `--from` or `--to`; a time of day is of `--date`, or of today."""
    from v380cli.work.card import selection

    if not text:
        return None
    now = zone.read_now()
    if date and ":" in text and "-" not in text:
        now = dt.datetime.combine(selection.parse_day(date, now), now.time())
    return selection.parse_moment(text, now)


def plan_output(
    output: str, container: ContainerFormat | None
) -> tuple[str, Path, ContainerFormat]:
    """The template, the folder that stands before its first field, and the container."""
    ending = Path(output).suffix[1:].lower()
    named = ContainerFormat(ending) if ending in list(ContainerFormat) else None
    if named and container not in (None, named):
        raise InvalidInput(f"the output is named .{named}, but the format is {container}")
    chosen = container or named or ContainerFormat.MP4
    if not named and "{" not in output:
        output = f"{output.rstrip('/') or '/'}/{DEFAULT_NAME}"
    template = output if named else f"{output}.{chosen}"
    fixed = Path(template.partition("{")[0] + "x").parts[:-1]
    return template, Path(*fixed).absolute(), chosen
