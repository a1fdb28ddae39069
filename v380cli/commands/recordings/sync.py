"""`v380 recordings sync`: a mirror of the card in a folder tree, fit for cron."""

import datetime as dt
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.camera.wall_clock import parse_zone
from v380cli.commands import _console, _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._container import FormatOption
from v380cli.commands._ending import Result
from v380cli.commands.recordings import options
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.naming import check_template, escape_braces

if TYPE_CHECKING:
    from v380cli.work.card.fetching import CameraReport

DEFAULT_TEMPLATE = "{name}/{date}/{start}-{type}"


@camera_command(all_devices=True)
def sync(
    call: CameraCall,
    output: Annotated[
        str, _options.place_option("DIR", "The folder of the mirror; --template names the files.")
    ] = "",
    template: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Of the files: {name} {id} {date} {time} {start} {type}."
        ),
    ] = DEFAULT_TEMPLATE,
    date: options.DateOption = "",
    since: options.SinceOption = "",
    until: options.UntilOption = "",
    kind: options.KindOption = None,
    container: FormatOption = None,
    no_audio: _options.NoAudioOption = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every file back; fetch damaged ones again.")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete files of the mirror beyond what is kept.")
    ] = False,
    keep_days: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=_options.MAX_KEPT_DAYS,
            metavar="N",
            help="Keep no more than the last N days.",
        ),
    ] = None,
    keep_size: Annotated[
        str, typer.Option(metavar="SIZE", help="Keep no more than this, the newest.")
    ] = "",
    min_free: options.MinFreeOption = "500M",
    timezone: _options.ZoneOption = "",
) -> Result:
    """Mirror the SD card into a folder tree: what is there and whole is skipped.

    Says nothing when there is nothing to do. What --prune deleted is not fetched again.

    $ v380 recordings sync --all -o cards
    $ v380 recordings sync porch -o cards --since 7d --keep-days 30 --prune
    """
    from v380cli.commands.recordings import progress, reporting
    from v380cli.work.card import mirror, selection
    from v380cli.work.card.fetching import FetchPlan

    if not output:
        raise typer.BadParameter("say where to: --output DIR")
    if prune and not (keep_days or keep_size):
        raise typer.BadParameter("--prune needs --keep-days or --keep-size")
    check_template(template, "normal")
    folder = Path(output).absolute()
    wanted = selection.make_selection(date, since, until, kind, parse_zone(timezone))
    oldest = dt.datetime.now(dt.UTC) - dt.timedelta(days=keep_days) if keep_days else None
    chosen = container or ContainerFormat.MP4
    plan = FetchPlan(
        output=f"{escape_braces(folder)}/{template}.{chosen}",
        folder=folder,
        container=chosen,
        audio=not no_audio,
        min_free_bytes=_options.parse_size(min_free),
    )
    keep_bytes = _options.parse_size(keep_size) if keep_size else None
    devices = call.resolve()
    with mirror.lock_mirror(folder):
        damaged = mirror.verify_files(folder, devices) if verify else []
        jobs = [mirror.MirrorJob(camera, wanted, plan, oldest) for camera in devices]
        reports, exit_code = progress.run_jobs(jobs)
        pruned = mirror.prune_files(folder, devices, oldest, keep_bytes) if prune else []
    return reporting.make_result(
        reports,
        exit_code,
        document={"recordings": reporting.describe(reports), "damaged": damaged, "pruned": pruned},
        show=partial(_print_files, reports, damaged),
    )


def _print_files(reports: "Sequence[CameraReport]", damaged: Sequence[Path]) -> None:
    from v380cli.commands.recordings import reporting
    from v380cli.work.card.fetching import Status

    for path in damaged:
        _console.talk(f"{path} was damaged: set aside, and fetched again if it is still there")
    reporting.print_files(reports, (Status.FETCHED, Status.FAILED))
