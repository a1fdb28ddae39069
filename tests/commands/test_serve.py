"""`v380 serve`: many players, one link to each camera."""

import json
import re
import shutil
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    PASSWORD,
    TIMEOUT_S,
    add_to_list,
    address_args,
    list_sent,
    make_device,
    open_camera,
    start_v380,
    wait_until,
)
from tests.commands.rtsp_lab import (
    PlayerCommand,
    Service,
    assert_in_a_row,
    ffmpeg,
    gstreamer,
    needs_gstreamer,
    serve,
    start_player,
)
from tests.net.rtsp_client import RtspClient
from tests.shapes import read_line
from v380cli.commands import _on_demand
from v380cli.commands.serve import running
from v380cli.commands.serve.password import read_credentials
from v380cli.commands.serve.running import ServePlan
from v380cli.commands.serve.streams import (
    ServedCamera,
    find_stream,
    list_cameras,
    render_metrics,
)
from v380cli.errors import CameraNotFound, InvalidInput
from v380cli.media.sink import Codec
from v380cli.models import Device, Quality, Secret
from v380cli.simulator.camera import Pace
from v380cli.sinks import viewer
from v380cli.wire.rtp import Frame, parse_packet_head
from v380cli.wire.rtsp.digest import Credentials
from v380cli.work import targets

PLAYERS_PASSWORD = "a-password-of-players"
KNOWN = Credentials("viewer", Secret(PLAYERS_PASSWORD))
ENOUGH_BYTES = 60_000  # some four groups of pictures
PLAYERS = [ffmpeg, pytest.param(gstreamer, marks=needs_gstreamer)]


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("player", PLAYERS)
def test_two_players_get_what_one_link_brings(
    player: PlayerCommand, transport: str, codec: Codec, tmp_path: Path
) -> None:
    outputs = [tmp_path / "first", tmp_path / "second"]
    with serve(codec=codec) as service:
        with (
            start_player(player(service, transport, outputs[0]), outputs[0]) as first,
            start_player(player(service, transport, outputs[1]), outputs[1]) as second,
        ):
            for each in (first, second):
                each.wait_for_bytes(ENOUGH_BYTES)
            for each in (first, second):
                each.end()
        for each in (first, second):
            assert_in_a_row(each.list_pictures(codec), service.camera)
        assert service.count_links() == 1


@pytest.mark.skipif(not shutil.which("mpv"), reason="needs mpv")
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_mpv_shows_pictures(transport: str) -> None:
    with serve() as service:
        quiet = ["--no-config", "--vo=null", "--ao=null", "--msg-level=all=error"]
        command = ["mpv", *quiet, f"--rtsp-transport={transport}", "--frames=5", service.url]
        subprocess.run(command, check=True, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL)


@pytest.mark.skipif(not shutil.which("motion"), reason="needs motion")
def test_motion_sees_what_moves(tmp_path: Path) -> None:
    with serve() as service:
        settings = {
            "netcam_url": service.url,
            "target_dir": str(tmp_path),
            "emulate_motion": "on",
            "movie_output": "off",
            "picture_output": "on",
            **dict.fromkeys(("webcontrol_port", "stream_port"), "0"),
        }
        config = tmp_path / "motion.conf"
        config.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        with start_player(["motion", "-n", "-c", str(config)], tmp_path):
            wait_until(lambda: any(path.stat().st_size for path in tmp_path.glob("*.jpg")))


def test_a_player_with_the_password_is_let_in(tmp_path: Path) -> None:
    output = tmp_path / "it"
    with serve(credentials=KNOWN) as service:
        url = service.url.replace("//", f"//{KNOWN.username}:{PLAYERS_PASSWORD}@")
        with start_player(ffmpeg(service, "tcp", output, url), output) as player:
            player.wait_for_bytes(ENOUGH_BYTES)
            assert player.end() == ""
        assert_in_a_row(player.list_pictures(Codec.H264), service.camera)


def test_a_new_player_begins_with_a_keyframe_that_was_kept() -> None:
    with serve() as service, RtspClient(service.port, service.path) as first:
        first.play()
        wait_until(lambda: len(list_sent(service.camera)) > 3)
        with RtspClient(service.port, service.path) as second:
            assert "seq=" in second.play().headers["rtp-info"]
            frames = [second.read_frame() for _ in range(2)]
    assert [frame.channel for frame in frames if frame] == [1, 0]
    assert service.count_links() == 1


def test_the_camera_is_left_after_the_last_player(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_on_demand, "LINGER_S", 0.1)
    with serve() as service:
        assert service.is_closed()
        for links in (1, 2):
            with RtspClient(service.port, service.path) as player:
                player.play()
                assert player.read_frame()
                assert not service.is_closed()
            wait_until(service.is_closed)
            assert service.count_links() == links


def test_a_player_that_describes_and_comes_again_finds_it_open() -> None:
    with serve() as service:
        with RtspClient(service.port, service.path) as scout:
            assert scout.ask("DESCRIBE").status == 200
        with RtspClient(service.port, service.path) as player:
            player.play()
            assert player.read_frame()
        assert service.count_links() == 1


def test_always_opens_it_before_anybody_comes() -> None:
    with serve(always=True) as service:
        wait_until(lambda: service.count_links() == 1)


def test_the_small_stream_has_a_link_of_its_own() -> None:
    with (
        serve() as service,
        RtspClient(service.port, service.path) as main,
        RtspClient(service.port, f"{service.path}/sd") as small,
    ):
        assert main.ask("DESCRIBE").body != small.ask("DESCRIBE").body
        assert service.count_links() == 2


def test_players_stay_while_the_camera_is_away(tmp_path: Path) -> None:
    output = tmp_path / "it"
    with (
        serve("hang-up@1s*1") as service,
        start_player(ffmpeg(service, "tcp", output), output) as player,
    ):
        wait_until(lambda: service.count_links() == 2)
        player.wait_for_bytes(player.size() + ENOUGH_BYTES)
        player.end()


@pytest.mark.parametrize("fault", ["codec-change@1s", "size-change@1s"])
def test_another_format_ends_a_session_and_the_next_one_has_it(fault: str) -> None:
    with serve(fault) as service:
        with RtspClient(service.port, service.path) as player:
            former = player.ask("DESCRIBE").body
            player.play()
            while player.read_frame():
                pass
        with RtspClient(service.port, service.path) as player:
            assert player.ask("DESCRIBE").body != former


def test_a_slow_player_loses_pictures_up_to_a_keyframe_and_nobody_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewer, "MAX_QUEUED_BYTES", 300_000)
    monkeypatch.setattr("v380cli.net.listener.SEND_BUFFER_BYTES", 16_384)
    footage: dict[str, Any] = {"width": 640, "height": 360, "fps": 30, "bitrate": 6_000_000}
    output = tmp_path / "quick"
    with (
        serve(loop_s=4.0, **footage) as service,
        start_player(ffmpeg(service, "tcp", output), output) as quick,
        RtspClient(service.port, service.path, receive_buffer=4096) as slow,
    ):
        slow.play()
        wait_until(lambda: service.count_dropped() > 0)
        before = quick.size()
        quick.wait_for_bytes(before + 10 * ENOUGH_BYTES)
        quick.end()
        assert read_to_hole(slow).channel == 1  # the report before a keyframe
        assert_in_a_row(quick.list_pictures(Codec.H264), service.camera)


def read_to_hole(player: RtspClient) -> Frame:
    """What comes right before the first packet of video whose number does not join on."""
    last, before = None, None
    while frame := player.read_frame():
        if frame.channel == 0:
            number = parse_packet_head(frame.packet).sequence
            if before and last is not None and number != (last + 1) % 65536:
                return before
            last = number
        before = frame
    raise AssertionError("no hole")


def test_numbers_go_on_where_the_last_link_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody wants is not called down, and counts what it has counted."""
    monkeypatch.setattr(_on_demand, "LINGER_S", 0.0)
    with serve() as service:
        frames = 0.0
        for _ in range(2):
            with RtspClient(service.port, service.path) as player:
                player.play()
                assert player.read_frame()
                (up,) = read_numbers(service, "v380_camera_up")
                assert up == ("hd", 1.0)
            wait_until(service.is_closed)
            assert read_numbers(service, "v380_camera_up") == []
            (main, small) = read_numbers(service, "v380_camera_video_frames_total")
            assert main[1] > frames
            assert small == ("sd", 0.0)
            frames = main[1]


def read_numbers(service: Service, name: str) -> list[tuple[str, float]]:
    """The quality and the value of each sample of this name."""
    text = render_metrics([service.served]).decode()
    found = re.findall(rf'^{name}{{.*quality="(\w+)"}} (\S+)$', text, re.MULTILINE)
    return [(quality, float(value)) for quality, value in found]


# -- in a browser -------------------------------------------------------------------------------


def test_pages_and_players_share_one_link() -> None:
    with serve() as service, RtspClient(service.port, service.path) as player:
        player.play()
        base = f"http://127.0.0.1:{service.http_port}"
        with urllib.request.urlopen(f"{base}{service.path}/stream.ts", timeout=TIMEOUT_S) as ts:
            assert ts.read(188)[0] == 0x47
        with urllib.request.urlopen(f"{base}{service.path}/snapshot.jpg", timeout=TIMEOUT_S) as it:
            assert it.read().startswith(b"\xff\xd8")
        with urllib.request.urlopen(f"{base}/cameras.json", timeout=TIMEOUT_S) as listing:
            main, small = json.load(listing)
        assert (main["path"], main["state"]) == (f"{service.path}/", "recording")
        assert (small["path"], small["state"]) == (f"{service.path}/sd/", "closed")
        assert service.count_links() == 1


# -- a camera that is not there -----------------------------------------------------------------


def test_a_camera_that_refuses_is_told_once_and_not_hammered(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serve("wrong-password") as service:
        for _ in range(3):
            with RtspClient(service.port, service.path) as player:
                assert player.ask("DESCRIBE").status == 503
        logins = len(service.camera.sent_access_units)
    assert logins == 0
    assert capsys.readouterr().err.count("\n") == 1


# -- names --------------------------------------------------------------------------------------


def test_a_stream_goes_by_the_name_of_its_camera() -> None:
    devices = [
        Device(name="Front porch", device_id=1, host="127.0.0.1"),
        Device(name="Front/porch", device_id=2, host="127.0.0.1"),
        Device(device_id=3, host="127.0.0.1"),
        Device(host="127.0.0.1", port=1),
        Device(host="127.0.0.1", port=2),
    ]
    cameras = list_cameras(devices, audio=True, is_always=False)
    assert [camera.slug for camera in cameras] == [
        *("Front-porch", "2", "3", "127.0.0.1", "127.0.0.1-2")
    ]
    first = cameras[0].streams
    assert find_stream(cameras, "Front-porch") is first[Quality.HD]
    assert find_stream(cameras, "Front-porch/hd") is first[Quality.HD]
    assert find_stream(cameras, "Front-porch/sd") is first[Quality.SD]
    for path in ("front", "Front-porch/", "Front-porch/xd", "Front-porch/sd/sd", "", "/sd"):
        assert find_stream(cameras, path) in (None, first[Quality.HD])


# -- the command --------------------------------------------------------------------------------


def test_the_command_says_where_and_ends_on_ctrl_c(data_dir: Path) -> None:
    with open_camera(pace=Pace.CAMERA) as camera:
        add_to_list(make_device(camera, "porch"))
        args = ("serve", "--all", "--rtsp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--json")
        with start_v380(data_dir, *args) as process:
            assert process.stdout
            (said,) = read_line(process.stdout.readline(), "serve")
            port = int(said["rtsp"]["hd"].split(":")[2].split("/")[0])
            with urllib.request.urlopen(f"{said['http']}status.json", timeout=TIMEOUT_S) as it:
                assert json.load(it) == {"name": "porch", "state": "closed"}
            with RtspClient(port) as player:
                player.play()
                assert player.read_frame()
                process.send_signal(signal.SIGINT)
                player.read_end()
            out, err = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, out, err) == (130, "", "")
    base = f"rtsp://127.0.0.1:{port}/porch"
    device_id = camera.spec.device_id
    assert said == {
        "device": "porch",
        "id": device_id,
        "rtsp": {"hd": base, "sd": f"{base}/sd"},
        "http": said["http"],
    }


def test_a_camera_that_nobody_finds_yet_is_served_all_the_same(
    monkeypatch: pytest.MonkeyPatch, v380: Callable[..., Done]
) -> None:
    def find_nobody(*_: object, **__: object) -> None:
        raise CameraNotFound("nobody answers")

    served: list[str] = []

    def note(cameras: list[ServedCamera], _plan: ServePlan) -> int:
        served.extend(camera.slug for camera in cameras)
        return 0

    monkeypatch.setattr(targets, "_find_beacon", find_nobody)
    monkeypatch.setattr(running, "serve_cameras", note)
    add_to_list(Device(name="porch", device_id=4711))
    assert v380("serve", "porch").code == 0
    assert served == ["porch"]


def test_a_password_is_taken_from_the_environment_and_told_to_nobody(data_dir: Path) -> None:
    log = data_dir.parent / "log"
    with open_camera(pace=Pace.CAMERA) as camera:
        args = ("--log-file", str(log), "serve", *address_args(camera), "--rtsp", "127.0.0.1:0")
        env = {"V380_SERVE_PASSWORD": PLAYERS_PASSWORD}
        with start_v380(data_dir, *args, "--user", KNOWN.username, "--json", env=env) as process:
            assert process.stdout
            line = process.stdout.readline()
            (said,) = read_line(line, "serve")
            port, path = said["rtsp"]["hd"].split(":")[2].split("/")
            with RtspClient(int(port), f"/{path}") as stranger:
                assert stranger.ask("DESCRIBE").status == 401
            with RtspClient(int(port), f"/{path}", credentials=KNOWN) as player:
                player.play()
                assert player.read_frame()
            process.terminate()
            out, err = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 143
    for secret in (PLAYERS_PASSWORD, PASSWORD):
        assert secret not in line + out + err + log.read_text()


@pytest.mark.parametrize("option", ["--rtsp", "--http"])
def test_beyond_this_machine_a_password_is_needed(option: str, v380: Callable[..., Done]) -> None:
    with open_camera() as camera:
        done = v380("serve", *address_args(camera), option, "0.0.0.0:0")
        assert list_sent(camera) == []
    assert done.code == 2
    assert "players need a password" in done.err


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("viewer", ""),
        ("", "short"),
        ("", "x" * 129),
        ("", "tab\tinside"),
        ('a"b', PLAYERS_PASSWORD),
        ("a:b", PLAYERS_PASSWORD),
    ],
)
def test_what_players_cannot_use_is_refused(
    user: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("V380_SERVE_PASSWORD", password)
    with pytest.raises(InvalidInput):
        read_credentials(["127.0.0.1"], user, from_stdin=False)


def test_a_port_that_is_taken_is_exit_4(v380: Callable[..., Done]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, open_camera() as camera:
        port = taken.getsockname()[1]
        done = v380("serve", *address_args(camera), "--rtsp", f"127.0.0.1:{port}")
    assert (done.code, done.out) == (4, "")
    assert f"cannot serve on 127.0.0.1:{port}" in done.err
