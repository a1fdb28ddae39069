"""`v380 watch`: motion and alarms, told as they happen."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.camera.wall_clock import parse_zone
from v380cli.commands import _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.commands._serving_address import parse_address
from v380cli.models import Via
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.naming import check_template
from v380cli.work.watch.source import Source

if TYPE_CHECKING:
    from v380cli.sinks.motion_sink import Judge

SENSITIVITY = 5
PRE_S, POST_S = 5.0, 10.0
ALARM_PORT = 8888  # at which cameras ask where alarms go


@camera_command(all_devices=True, via=True, json=False)
def watch(
    call: CameraCall,
    source: Annotated[
        Source,
        typer.Option(
            help="Who says that something happens: our own eyes, the list of the camera's "
            "card, its events by ONVIF, or the alarms that it posts (experimental)."
        ),
    ] = Source.PICTURE,
    listen: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[HOST]:PORT",
            help="Where cameras post their alarms: 192.168.1.5:8888; repeatable.",
        ),
    ] = None,
    sensitivity: Annotated[
        int, typer.Option(min=1, max=10, metavar="1..10", help="Smaller and fainter things count.")
    ] = SENSITIVITY,
    zone: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X,Y,W,H", help="Only there, in fractions of the picture; repeatable."
        ),
    ] = None,
    mask: Annotated[
        list[str] | None, typer.Option(metavar="X,Y,W,H", help="Never there; repeatable.")
    ] = None,
    min_area: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, metavar="SHARE", help="Of the picture; smaller is nothing."),
    ] = None,
    economy: Annotated[
        bool,
        typer.Option(
            "--economy", help="One link, and only its keyframes are looked at: a third of the CPU."
        ),
    ] = False,
    person: Annotated[
        Path | None,
        typer.Option(
            metavar="MODEL.onnx", help="Only persons count, as this net of yours sees them."
        ),
    ] = None,
    record: Annotated[
        str | None, typer.Option(metavar="DIR", help="A clip of each event, and a picture.")
    ] = None,
    pre: Annotated[
        float | None,
        _options.time_option(
            "How much of a clip comes before the event; else 5s.", _options.parse_span
        ),
    ] = None,
    post: Annotated[
        float | None,
        _options.time_option("How much comes after it; else 10s.", _options.parse_span),
    ] = None,
    container: Annotated[
        ContainerFormat, typer.Option("--format", help="Container of the clips.")
    ] = ContainerFormat.MP4,
    keep_days: _options.KeepDaysOption = None,
    keep_size: _options.KeepSizeOption = None,
    min_free: _options.MinFreeOption = None,
    timezone: _options.ZoneOption = "",
    on_event: Annotated[
        str,
        typer.Option(
            metavar="CMD",
            help="Run this for each event, with {event} {camera} {id} {time} {path} {snapshot} ...",
        ),
    ] = "",
    webhook: Annotated[
        str, typer.Option(metavar="URL", help="Post each event there, as JSON.")
    ] = "",
    mqtt: Annotated[
        str,
        typer.Option(
            metavar="URL", help="Publish to mqtt[s]://[USER@]HOST[:PORT], for Home Assistant, too."
        ),
    ] = "",
    mqtt_prefix: Annotated[
        str, typer.Option(metavar="TOPIC", help="Of what is published.")
    ] = "v380",
    tune: Annotated[
        bool,
        typer.Option(
            "--tune", help="Show one camera's picture with what is seen in it; keys set how much."
        ),
    ] = False,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="With --tune: here, even where a window could open.")
    ] = False,
    notify: Annotated[
        bool, typer.Option("--notify", help="Show events on the desktop, by notify-send.")
    ] = False,
    duration: _options.DurationOption = None,
    jsonl: _options.JsonlOption = False,
) -> Result | None:
    """Tell when something moves before a camera, and keep what came before.

    The camera's small stream is looked at; clips are of the large one, as the camera sent it, and
    begin before the event. What happened is kept: `v380 events` shows it. Secrets come from
    V380_WEBHOOK_SECRET, V380_MQTT_USERNAME and V380_MQTT_PASSWORD.

    $ v380 watch porch --record clips
    $ v380 watch --all --jsonl | jq .event
    """
    from v380cli.commands.watch import running
    from v380cli.commands.watch.tune import run_tune
    from v380cli.sinks.motion import MotionOptions, parse_box
    from v380cli.work.retention import make_retention
    from v380cli.work.watch.plan import WatchPlan

    if (source is Source.PUSH) != bool(listen):
        raise typer.BadParameter("--source push and --listen [HOST]:PORT go together")
    if source is Source.CARD and call.login.via is Via.RTSP:
        raise typer.BadParameter("there is no card over RTSP: leave --via or --source card out")
    retention = make_retention(keep_days, keep_size, min_free)
    if retention.is_wanted and not record:
        raise typer.BadParameter("--keep-days, --keep-size and --min-free go with --record DIR")
    if record:
        check_template(record)
    motion = MotionOptions(
        sensitivity=sensitivity,
        zones=tuple(map(parse_box, zone or ())),
        masks=tuple(map(parse_box, mask or ())),
        min_area=min_area,
    )
    if tune:
        return run_tune(call, motion, economy=economy, wants_terminal=terminal)
    plan = WatchPlan(
        source=source,
        motion=motion,
        economy=economy,
        judge=load_judge(person),
        record=record,
        container=container,
        pre_s=PRE_S if pre is None else pre,
        post_s=POST_S if post is None else post,
        duration_s=duration or float("inf"),
        retention=retention,
        zone=parse_zone(timezone),
        listeners=[parse_address(place, ALARM_PORT) for place in listen or ()],
    )
    wanted = running.TellPlan(
        on_event=on_event,
        webhook=webhook,
        mqtt=mqtt,
        mqtt_prefix=mqtt_prefix,
        notify=notify,
    )
    tellers, broker = running.make_tellers(wanted), running.read_broker(wanted)
    call.wait = True
    devices = call.resolve()
    if broker:
        from v380cli.work.watch.home_assistant import MqttTeller

        tellers.append(MqttTeller(broker, devices, mqtt_prefix))
    return running.run_watch(devices, plan, tellers, jsonl=jsonl)


def load_judge(model: Path | None) -> "Judge | None":
    """The net of a file; none without one."""
    if model is None:
        return None
    from v380cli.sinks.persons import PersonFinder  # OpenCV and numpy take their time

    return PersonFinder(model).find
