"""`v380 record`: live streams into files."""

from typing import Annotated

import typer

from v380cli.commands import _options, _progress
from v380cli.commands._target import LoginOptions, resolve_targets
from v380cli.commands._waiting import WaitOption, suggest_wait
from v380cli.models import Quality
from v380cli.sinks.background_sync import SYNC_S
from v380cli.sinks.formats import ContainerFormat
from v380cli.work.recording import RecordJob, RecordPlan


def record(
    cameras: _options.CamerasArgument = None,
    device: _options.DeviceOption = None,
    all_cameras: Annotated[
        bool, typer.Option("--all", help="Every camera of the device list.")
    ] = False,
    duration: Annotated[
        float | None,
        typer.Option(
            parser=_options.parse_duration,
            metavar="TIME",
            help="Stop after 90, 90s, 10m or 1h30m; else Ctrl-C.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="A file, a folder, or a template with {name} {id} {date} {time} {start}.",
        ),
    ] = None,
    container: Annotated[
        ContainerFormat | None,
        typer.Option("--format", help="Container of the files; else the output's ending, or mp4."),
    ] = None,
    quality: Annotated[
        Quality | None, typer.Option(help="Which stream; else the device list's, or hd.")
    ] = None,
    no_audio: Annotated[bool, typer.Option("--no-audio", help="Leave the sound out.")] = False,
    segment: Annotated[
        float | None,
        typer.Option(
            parser=_options.parse_duration,
            metavar="TIME",
            help="Begin a new file after this time, on a keyframe.",
        ),
    ] = None,
    sync: Annotated[
        float | None,
        typer.Option(
            parser=_options.parse_period,
            metavar="TIME|off",
            help="Put it on the disk this often; else 5s. A power cut costs no more.",
        ),
    ] = None,
    reconnect: Annotated[
        bool,
        typer.Option("--reconnect/--no-reconnect", help="Mend a lost link, or end with exit 4."),
    ] = True,
    wait: WaitOption = False,
    max_gap: Annotated[
        float | None,
        typer.Option(
            parser=_options.parse_duration,
            metavar="TIME",
            help="Exit 10 when more than this is missing at a time.",
        ),
    ] = None,
    via: _options.ViaOption = None,
    id_: _options.DeviceIdOption = 0,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    json_: _options.JsonOption = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="One JSON line per event, as it happens.")
    ] = False,
) -> None:
    """Record live streams into files, sound included.

    The picture is written exactly as the camera sent it. A file is NAME.part until it is closed,
    and playable even if this program or the machine is killed.
    """
    plan = RecordPlan(
        output=output,
        container=container,
        quality=quality,
        audio=not no_audio,
        duration_s=duration or float("inf"),
        segment_s=segment,
        sync_s=sync or SYNC_S,
        reconnect=reconnect,
        wait=wait,
        max_gap_s=max_gap or float("inf"),
    )
    login = LoginOptions(username=username, password_stdin=password_stdin, device_id=id_, via=via)
    targets = [*(cameras or []), *(device or [])]
    with suggest_wait():
        devices = resolve_targets(targets, all_devices=all_cameras, login=login, wait=wait)
        job = RecordJob(devices, plan)
        _progress.run_reported(job, plan, json_=json_, jsonl=jsonl)
