"""`v380 simulate`: a camera in software. Long, because it has many options; it does little."""

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from v380cli.commands import _console, _options, _passwords
from v380cli.commands._serving_address import parse_address
from v380cli.commands._signals import stop_on_signals, tell_how_to_stop
from v380cli.errors import InvalidInput, StorageError
from v380cli.models import DEFAULT_PORT, DEFAULT_USERNAME, Secret
from v380cli.simulator.scenes import SceneName
from v380cli.text import parse_json

if TYPE_CHECKING:
    from v380cli.simulator.firmware import SimulatedCamera

FIXTURE_MAX_BYTES = 64 << 20
PSK_VARIABLE = "V380_PSK"
ALARM_PORT = 8888  # at which cameras ask where alarms go


def _print_faults(wanted: bool) -> None:
    if not wanted:
        return
    from v380cli.simulator.faults import FAULTS

    _console.print_table(
        ("fault", "what happens"), [(name, kind.description) for name, kind in FAULTS.items()]
    )
    raise typer.Exit


def _print_scenes(wanted: bool) -> None:
    if not wanted:
        return
    from v380cli.simulator.scenes import PLOTS

    _console.print_table(
        ("scene", "what happens"), [(name, plot.summary) for name, plot in PLOTS.items()]
    )
    raise typer.Exit


def simulate(
    id_: Annotated[
        list[int] | None, typer.Option("--id", metavar="ID", help="Device id; repeatable.")
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="That many cameras, with following ids.")
    ] = None,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65535, metavar="PORT", help="More cameras take the following; 0: any free."
        ),
    ] = DEFAULT_PORT,
    addresses: Annotated[
        bool, typer.Option("--addresses", help="More cameras on 127.0.0.2, ... at the same port.")
    ] = False,
    expose: Annotated[
        bool, typer.Option("--expose", help="Allow a --host that others can reach.")
    ] = False,
    answer_to: Annotated[
        Literal["reply-port", "sender", "broadcast"],
        typer.Option(help="Who gets the answer to a discovery probe."),
    ] = "reply-port",
    variant: Annotated[
        Literal["today", "today-id-user", "older", "oldest", "legacy"],
        typer.Option(help="The firmware whose log-in it speaks."),
    ] = "today",
    username: Annotated[
        str, typer.Option(metavar="USER", help="The one whom it lets in.")
    ] = DEFAULT_USERNAME,
    password_stdin: _options.PasswordStdinOption = False,
    encrypted: Annotated[
        bool | None,
        typer.Option("--encrypted/--clear", help="How media are sent; else as the variant does."),
    ] = None,
    codec: Annotated[Literal["h264", "h265", "mjpeg"], typer.Option(help="Of the video.")] = "h264",
    audio: Annotated[
        Literal["ima", "alaw", "aac", "pcm", "none"], typer.Option(help="How the sound is coded.")
    ] = "ima",
    size: Annotated[
        str, typer.Option(metavar="WxH", help="Of the HD picture; SD has half of both.")
    ] = "1280x720",
    fps: Annotated[int, typer.Option(min=1, max=60, metavar="N", help="Pictures a second.")] = 15,
    bitrate: Annotated[str, typer.Option(metavar="BITS", help="Like 800k or 1.5M.")] = "1.5M",
    file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Play H.264 or H.265 from a file, without its sound."),
    ] = None,
    scene: Annotated[
        SceneName | None,
        typer.Option(metavar="NAME", help="Something happens in the picture: person, rain, ..."),
    ] = None,
    _list_scenes: Annotated[
        bool,
        typer.Option(
            "--list-scenes", callback=_print_scenes, is_eager=True, help="Say which there are."
        ),
    ] = False,
    pace: Annotated[
        Literal["camera", "fast"], typer.Option(help="Real time, or as fast as it is read.")
    ] = "camera",
    fragment: Annotated[
        int,
        typer.Option(
            min=100,
            max=20000,
            metavar="BYTES",
            help="Longest fragment; 500, 1400, 20000 are known.",
        ),
    ] = 500,
    reply_size: Annotated[
        Literal["32", "412"], typer.Option(help="Of the stream reply: 412 on older cameras.")
    ] = "32",
    fault: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[:VALUE][@3s|@frame:N][*TIMES]", help="What goes wrong."),
    ] = None,
    _list_faults: Annotated[
        bool,
        typer.Option(
            "--list-faults", callback=_print_faults, is_eager=True, help="Say which there are."
        ),
    ] = False,
    hotspot: Annotated[
        bool,
        typer.Option("--hotspot", help="Out of the box: it waits to be told a Wi-Fi network."),
    ] = False,
    wifi: Annotated[
        str, typer.Option(metavar="SSID", help="The network it can join; its PSK is V380_PSK.")
    ] = "home",
    home: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where it answers once it has joined.")
    ] = "127.0.0.100",
    join_delay: Annotated[
        str, typer.Option(metavar="TIME", help="How long it takes to join.")
    ] = "1s",
    smartlink: Annotated[
        str, typer.Option(metavar="IF", help="Where it hears SmartLink, as root.")
    ] = "",
    settings: Annotated[
        Literal["ex", "legacy", "oldest"], typer.Option(help="The settings commands it knows.")
    ] = "ex",
    without: Annotated[
        str, typer.Option(metavar="ABILITIES", help="What it cannot: ptz,light,zoom,presets, ...")
    ] = "",
    swapped_ptz: Annotated[
        bool, typer.Option("--swapped-ptz", help="Its motor has left and right the other way.")
    ] = False,
    viewers: Annotated[
        int,
        typer.Option(
            min=1, max=64, metavar="N", help="How many may watch at once; more are told it is busy."
        ),
    ] = 8,
    card: Annotated[
        str,
        typer.Option(
            metavar="WORDS",
            help="On its SD card: 3d of footage, none, broken, empty, recording, slow, note=0.",
        ),
    ] = "3d",
    rtsp: Annotated[
        bool, typer.Option("--rtsp", help="It speaks RTSP, too, as many do: no password.")
    ] = False,
    rtsp_port: Annotated[
        int,
        typer.Option(
            min=0, max=65535, metavar="PORT", help="554 on real ones; more cameras take the next."
        ),
    ] = 8554,
    onvif: Annotated[
        bool, typer.Option("--onvif", help="It speaks ONVIF, too, with the quirks of a real one.")
    ] = False,
    onvif_port: Annotated[
        int,
        typer.Option(min=0, max=65535, metavar="PORT", help="Where; more cameras take the next."),
    ] = 8899,
    push_alarms: Annotated[
        str,
        typer.Option(
            metavar="[HOST]:PORT", help="Post an alarm every 24 s there, as to its maker."
        ),
    ] = "",
    save_talk: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write what is said to it into WAV files there."),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.json",
            help="Play a recorded camera, at --host and --port.",
        ),
    ] = None,
    duration: Annotated[
        str, typer.Option(metavar="TIME", help="How long; else until Ctrl-C.")
    ] = "",
    json_: _options.JsonOption = False,
) -> None:
    """Run a camera in software on this machine, with faults on demand.

    It is found, logged in to and watched like a real one. The password comes from
    --password-stdin or V380_PASSWORD; without either it is empty. With --hotspot it answers at
    --host until it is told the network --wifi rightly, and then at --home.

    $ v380 simulate
    $ v380 simulate --count 3 --addresses --scene person
    """
    from v380cli.media.sink import Codec
    from v380cli.simulator import options
    from v380cli.simulator.alarmist import post_alarms
    from v380cli.simulator.camera import ALL_ABILITIES, VARIANTS, CameraSpec, Pace
    from v380cli.simulator.card import CardSpec
    from v380cli.simulator.card_options import parse_card
    from v380cli.simulator.faults import parse_fault
    from v380cli.simulator.radio import HotspotSpec
    from v380cli.simulator.responder import AnswerTo, DiscoverySpec
    from v380cli.simulator.server import Simulator
    from v380cli.simulator.settings.desk import Generation
    from v380cli.simulator.tone import AudioKind

    if file and scene:
        raise typer.BadParameter("--file and --scene are two pictures; choose one")
    duration_s = _options.parse_duration(duration) if duration else None
    if replay:
        _replay(replay, options.check_host(host, is_exposed=expose), port, duration_s, json_=json_)
        return
    if save_talk:
        _make_folder(save_talk)
    try:
        width, height = options.parse_size(size)
        template = CameraSpec(
            device_id=0,
            host=options.check_host(host, is_exposed=expose),
            port=port,
            username=username,
            password=_passwords.read_given_password(password_stdin),
            accepts=VARIANTS[variant].accepts,
            device_version=options.choose_device_version(VARIANTS[variant], encrypted),
            codec=options.CODECS[codec],
            audio=None if audio == "none" else AudioKind(audio),
            width=width,
            height=height,
            fps=fps,
            bitrate=options.parse_bitrate(bitrate),
            file=file,
            scene=scene,
            clock=dt.datetime.now().time(),  # local, as the clock in a camera's picture
            pace=Pace(pace),
            max_payload=fragment,
            reply_size=int(reply_size),
            faults=tuple(parse_fault(text) for text in fault or ()),
            settings=Generation(settings),
            talk_folder=save_talk,
            abilities=options.remove_abilities(ALL_ABILITIES, without),
            swapped_ptz=swapped_ptz,
            max_viewers=viewers,
            card=parse_card(
                card,
                dt.datetime.now(),
                CardSpec(
                    codec=Codec.HEVC if codec == "h265" else Codec.H264,
                    audio=None if audio == "none" else AudioKind(audio),
                ),
            ),
            hotspot=HotspotSpec(
                home_host=options.check_host(home, is_exposed=expose),
                ssid=wifi,
                psk=Secret(os.environ.get(PSK_VARIABLE, "")),
                join_delay_s=_options.parse_duration(join_delay),
                smartlink_interface=smartlink,
            )
            if hotspot
            else None,
        )
        specs = options.spread(
            template, options.list_ids(id_ or [], count), over_addresses=addresses
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    simulator = Simulator(specs, discovery=DiscoverySpec(answer_to=AnswerTo(answer_to)))
    server = parse_address(push_alarms, ALARM_PORT) if push_alarms else None
    with stop_on_signals(simulator.interrupt), simulator, post_alarms(specs, server):
        _announce(simulator.cameras, json_=json_)
        if duration_s is None:
            tell_how_to_stop()
        if rtsp or onvif:
            from v380cli.commands._second_road import run_second_road

            run_second_road(
                simulator, duration_s, rtsp_port if rtsp else None, onvif_port if onvif else None
            )
        else:
            simulator.wait(duration_s)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot write in {folder}: {error.strerror}") from None


def _announce(cameras: "list[SimulatedCamera]", *, json_: bool) -> None:
    """Say on stdout what listens where, as soon as it does."""
    if json_:
        _console.print_json_line({"cameras": [camera.describe() for camera in cameras]})
        return
    columns: tuple[str, ...] = ("id", "address", "video", "audio", "encrypted")
    rows: list[dict[str, Any]] = [camera.describe() for camera in cameras]
    _console.print_table(
        [column.upper() for column in columns], [[row[c] for c in columns] for row in rows]
    )
    _console.talk(f"watch it with: v380 record {rows[0]['address']}    (Ctrl-C ends it)")


def _replay(path: Path, host: str, port: int, duration_s: float | None, *, json_: bool) -> None:
    from v380cli.explain.fixture import from_document
    from v380cli.simulator.replay import Replay

    try:
        with path.open("rb") as file:
            document = parse_json(file.read(FIXTURE_MAX_BYTES))
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InvalidInput(f"{path} is not JSON: {error}") from None
    replay = Replay(from_document(document), host, port)
    with stop_on_signals(replay.interrupt), replay:
        told = {"id": replay.device_id, "host": replay.host, "port": replay.port}
        if json_:
            _console.print_json([told])
        else:
            _console.talk(f"camera {replay.device_id} at {replay.host}:{replay.port}; any password")
        replay.run(duration_s)
