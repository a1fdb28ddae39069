"""`v380 record`: live streams into files."""

from functools import partial
from typing import Annotated

import typer

from v380cli.commands import _console, _metrics, _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._container import FormatOption
from v380cli.commands._ending import Result
from v380cli.errors import CameraNotFound
from v380cli.models import Device
from v380cli.sinks.background_sync import SYNC_S
from v380cli.work.hooks import Hook
from v380cli.work.sharding import Shard, parse_shard


@camera_command(all_devices=True, wait=True, via=True)
def record(
    call: CameraCall,
    duration: _options.DurationOption = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="A file, a folder, or a template with {name} {id} {date} {time} {start}.",
        ),
    ] = None,
    container: FormatOption = None,
    quality: _options.QualityOption = None,
    no_audio: _options.NoAudioOption = False,
    segment: Annotated[
        float | None, _options.time_option("Begin a new file after this time, on a keyframe.")
    ] = None,
    sync: Annotated[
        float | None,
        typer.Option(
            parser=_options.parse_period,
            metavar="TIME|off",
            help="Put it on the disk this often; else 5s. A power cut costs no more.",
        ),
    ] = None,
    max_file_size: Annotated[
        int | None, _options.size_option("Begin a new file before it is as large: 500M, 4G.")
    ] = None,
    keep_days: _options.KeepDaysOption = None,
    keep_size: _options.KeepSizeOption = None,
    min_free: _options.MinFreeOption = None,
    on_segment: Annotated[
        Hook | None,
        typer.Option(
            parser=Hook,
            metavar="CMD",
            help="Run this for each finished file, with {path} {camera} {id} {start} {duration}.",
        ),
    ] = None,
    shard: Annotated[
        Shard | None,
        typer.Option(
            parser=parse_shard,
            metavar="I/N",
            help="Only this share of the cameras: 2/5 on the second of five machines.",
        ),
    ] = None,
    metrics: _metrics.MetricsOption = None,
    reconnect: Annotated[
        bool,
        typer.Option("--reconnect/--no-reconnect", help="Mend a lost link, or end with exit 4."),
    ] = True,
    max_gap: Annotated[
        float | None, _options.time_option("Exit 10 when more than this is missing at a time.")
    ] = None,
    jsonl: _options.JsonlOption = False,
) -> Result:
    """Record live streams into files, sound included.

    The picture is written exactly as the camera sent it. A file is NAME.part until it is closed,
    and playable even if this program or the machine is killed; the next recording to the same
    output finishes it. Nothing but files that `record` made is ever deleted.

    $ v380 record porch --duration 10m -o porch.mp4
    $ v380 record --all -o recordings --segment 15m --keep-days 14
    """
    from v380cli.commands import _progress
    from v380cli.work.recording import RecordJob, RecordPlan
    from v380cli.work.retention import make_retention

    plan = RecordPlan(
        output=output,
        container=container,
        quality=quality,
        audio=not no_audio,
        duration_s=duration or float("inf"),
        segment_s=segment,
        sync_s=sync or SYNC_S,
        reconnect=reconnect,
        wait=call.wait,
        max_gap_s=max_gap or float("inf"),
        max_file_bytes=max_file_size or float("inf"),
        retention=make_retention(keep_days, keep_size, min_free),
        hook=on_segment,
    )
    find_devices = partial(_find_devices, call, shard)
    job = RecordJob(find_devices(), plan, tell=_console.talk)
    reload = partial(job.reload, find_devices) if _may_change(call) else None
    with _metrics.serve_metrics(metrics, job.render_metrics):
        _, result = _progress.run_reported(job, plan, json_=call.json, jsonl=jsonl, reload=reload)
    return result


def _may_change(call: CameraCall) -> bool:
    """Whether what is named can be other cameras later; standard input is read only once."""
    is_many = call.all_devices or any(target.startswith("@") for target in call.targets)
    return is_many and not call.login.password_stdin


def _find_devices(call: CameraCall, shard: Shard | None) -> list[Device]:
    devices = call.resolve()
    return _choose_share(devices, shard) if shard else devices


def _choose_share(devices: list[Device], shard: Shard) -> list[Device]:
    """Raises CameraNotFound for a share without a camera, which is not a mistake."""
    chosen = shard.choose(devices)
    if not chosen:
        raise CameraNotFound(
            f"none of the {len(devices)} cameras is in share {shard.number} of {shard.total}",
            hint="use fewer shares than there are cameras",
        )
    return chosen
