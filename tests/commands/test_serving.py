"""`v380 stream --serve`: many viewers, one camera."""

import http.client
import json
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
import typer

from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    PASSWORD,
    TIMEOUT_S,
    address_args,
    list_sent,
    open_camera,
    start_v380,
    wait_until,
)
from tests.commands.serving_lab import Show, Watcher, find_in, serve
from tests.readback import read_video
from tests.shapes import read_line
from v380cli.commands._serving_address import Address, parse_address
from v380cli.commands._token import choose_token, read_token
from v380cli.commands.stream import serving
from v380cli.commands.stream._plan import StreamPlan
from v380cli.errors import InvalidInput
from v380cli.media.nal import H264Nal
from v380cli.models import Secret
from v380cli.net import listener
from v380cli.net.http_access import AccessRules
from v380cli.net.http_server import HttpServer
from v380cli.simulator.camera import Pace
from v380cli.sinks import viewer

TOKEN = "a-token-of-the-tests"
STREAMS = ["ts", "mp4"]


def is_keyframe(unit: list[bytes]) -> bool:
    return any(nal[0] & 0x1F == H264Nal.IDR for nal in unit)


@pytest.mark.parametrize("stream", STREAMS)
def test_one_of_four_viewers_stalls_and_the_others_miss_nothing(
    stream: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewer, "MAX_QUEUED_BYTES", 600_000)
    monkeypatch.setattr(listener, "SEND_BUFFER_BYTES", 16_384)
    footage = {"width": 640, "height": 360, "fps": 30, "bitrate": 6_000_000, "loop_s": 4.0}
    with serve(**footage) as show, ThreadPoolExecutor() as beside:
        slow = stall(show, f"/stream.{stream}")
        quick = [Watcher(show, f"/stream.{stream}") for _ in range(3)]
        for each in quick:
            each.start()
        wait_until(lambda: show.broadcast.count_dropped() > 0)
        reading = beside.submit(read_to_end, slow)
        show.wait_for_pictures(60)
        show.recorder.stop()
        late = reading.result()
        for each in quick:
            each.join()
        sent = list_sent(show.camera)
    for number, each in enumerate(quick):
        numbers = find_in(each.read_units(tmp_path / f"{number}.{stream}"), sent)
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert len(numbers) > 60
    path = tmp_path / f"slow.{stream}"
    path.write_bytes(late)
    numbers = find_in(read_video(path), sent)
    holes = [after for before, after in pairwise(numbers) if after != before + 1]
    assert holes
    assert all(is_keyframe(sent[number]) for number in holes)


def stall(show: Show, path: str) -> socket.socket:
    """A viewer who has asked and takes as little as possible."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(TIMEOUT_S)
    sock.connect(("127.0.0.1", show.port))
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    wait_until(lambda: show.broadcast.count_viewers() > 0)
    return sock


def read_to_end(sock: socket.socket) -> bytes:
    """What the answer to a request has in it."""
    with sock, http.client.HTTPResponse(sock) as response:
        response.begin()
        return response.read()


@pytest.mark.parametrize("stream", STREAMS)
def test_ffmpeg_takes_what_is_served(stream: str, tmp_path: Path) -> None:
    output = tmp_path / f"taken.{stream}"
    with serve() as show:
        source = f"http://127.0.0.1:{show.port}/stream.{stream}"
        command = ["ffmpeg", "-v", "error", "-i", source, "-c", "copy", str(output)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as ffmpeg:
            wait_until(lambda: show.broadcast.count_viewers() > 0)
            show.wait_for_pictures(30)
            show.recorder.stop()
            _, talk = ffmpeg.communicate(timeout=TIMEOUT_S)
        sent = list_sent(show.camera)
    assert (ffmpeg.returncode, talk) == (0, "")
    numbers = find_in(read_video(output), sent)
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert len(numbers) > 20


@pytest.mark.parametrize("stream", STREAMS)
def test_viewers_stay_while_the_camera_is_away(stream: str, tmp_path: Path) -> None:
    with serve("hang-up@1s*1") as show:
        watcher = Watcher(show, f"/stream.{stream}")
        watcher.start()
        wait_until(lambda: show.recorder.reconnects == 1)
        show.wait_for_pictures(25)
        show.recorder.stop()
        watcher.join()
        sent = list_sent(show.camera)
    assert show.recorder.reconnects == 1
    numbers = find_in(watcher.read_units(tmp_path / f"it.{stream}"), sent)
    assert len(numbers) > 20
    for before, after in pairwise(numbers):
        assert after == before + 1 or is_keyframe(sent[after])


def test_a_snapshot_and_the_status_are_there_at_once() -> None:
    with serve() as show:
        with show.open("/snapshot.jpg") as response:
            assert response.read().startswith(b"\xff\xd8")
        with show.open("/stream.mjpeg?fps=10") as response:
            assert response.readline() == b"--picture\r\n"
            wait_until(lambda: show.describe()["viewers"] == 1)
        status = show.describe()
    assert status["name"] == str(show.camera.spec.device_id)
    assert status["state"] == "recording"
    assert status["video"] == {"codec": "h264", "width": 192, "height": 128}
    assert status["audio"] == {"codec": "aac", "sample_rate": 8000}
    assert status["type"].startswith('video/mp4; codecs="avc1.')
    assert PASSWORD not in str(status)


@pytest.mark.parametrize("fault", ["codec-change@1s", "size-change@1s"])
def test_another_format_ends_an_mp4_and_the_next_one_has_it(fault: str) -> None:
    with serve(fault) as show:
        with show.open("/stream.mp4") as response:
            former = response.headers["Content-Type"], show.describe()["video"]
            response.read()  # to its end
        with show.open("/stream.mp4") as response:
            assert (response.headers["Content-Type"], show.describe()["video"]) != former
            assert response.read(1000)


# -- the command --------------------------------------------------------------------------------


def test_the_command_says_where_and_ends_on_ctrl_c(data_dir: Path) -> None:
    with open_camera(pace=Pace.CAMERA) as camera:
        args = ("stream", *address_args(camera), "--serve", "127.0.0.1:0", "--json")
        with start_v380(data_dir, *args) as process:
            assert process.stdout
            url = read_line(process.stdout.readline(), "stream")["url"]
            with urllib.request.urlopen(f"{url}stream.ts", timeout=TIMEOUT_S) as response:
                assert response.read(188)[0] == 0x47
                process.send_signal(signal.SIGINT)
                response.read()
            out, err = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, out) == (130, "")
    assert err == f"watch it at {url}    (Ctrl-C ends it)\n"


def test_a_token_is_taken_from_the_environment_and_told_to_nobody(data_dir: Path) -> None:
    log = data_dir.parent / "log"
    with open_camera(pace=Pace.CAMERA) as camera:
        args = ("--log-file", str(log), "stream", *address_args(camera), "--serve", "127.0.0.1:0")
        with start_v380(data_dir, *args, "--json", env={"V380_TOKEN": TOKEN}) as process:
            assert process.stdout
            url = read_line(process.stdout.readline(), "stream")["url"]
            with pytest.raises(urllib.error.HTTPError, match="401"):
                urllib.request.urlopen(f"{url}snapshot.jpg", timeout=TIMEOUT_S)
            urllib.request.urlopen(f"{url}snapshot.jpg?token={TOKEN}", timeout=TIMEOUT_S).close()
            process.terminate()
            out, err = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 143
    assert TOKEN not in url + out + err + log.read_text()


def test_a_server_that_others_reach_makes_up_a_token(
    monkeypatch: pytest.MonkeyPatch, v380: Callable[..., Done]
) -> None:
    """Without binding to where others are."""
    rules: list[AccessRules] = []

    def refuse(_source: object, given: AccessRules, _port: int) -> HttpServer:
        rules.append(given)
        raise InvalidInput("enough seen")

    monkeypatch.setattr(serving, "HttpServer", refuse)
    with open_camera() as camera:
        for host in ("0.0.0.0", "0.0.0.0", "127.0.0.1"):
            assert v380("stream", *address_args(camera), "--serve", f"{host}:0").code == 2
    first, second, local = (rule.token.reveal() for rule in rules)
    assert min(len(first), len(second)) >= 32
    assert first != second
    assert local == ""


def test_a_made_up_token_is_said_once_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    serving.announce(Address("127.0.0.1", 80), Secret("made-up"), StreamPlan(json=True))
    out, err = capsys.readouterr()
    assert json.loads(out) == {"url": "http://127.0.0.1:80/"}
    assert "http://127.0.0.1:80/?token=made-up " in err


def test_a_port_that_is_taken_is_exit_4(v380: Callable[..., Done]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, open_camera() as camera:
        port = taken.getsockname()[1]
        done = v380("stream", *address_args(camera), "--serve", f"127.0.0.1:{port}")
        assert list_sent(camera) == []
    assert (done.code, done.out) == (4, "")
    assert f"cannot serve on 127.0.0.1:{port}: Address already in use" in done.err


def test_a_camera_that_refuses_is_told(v380: Callable[..., Done]) -> None:
    with open_camera("wrong-password") as camera:
        done = v380("stream", *address_args(camera), "--serve", "127.0.0.1:0")
    assert done.code == 5


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:8080", "127.0.0.1", 8080),
        ("127.0.0.1", "127.0.0.1", 8080),
        ("localhost:9", "127.0.0.1", 9),
        ("localhost", "127.0.0.1", 8080),
        (":8081", "127.0.0.1", 8081),
        ("8081", "127.0.0.1", 8081),
        ("[::1]:8081", "::1", 8081),
        ("[::1]", "::1", 8080),
        ("::1", "::1", 8080),
        ("0.0.0.0:0", "0.0.0.0", 0),
    ],
)
def test_an_address_reads_as_it_is_meant(text: str, host: str, port: int) -> None:
    assert parse_address(text, 8080) == (host, port)


@pytest.mark.parametrize("text", ["camera.example:80", "127.0.0.1:65536", "127.0.0.1:x", "1.2.3"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_address(text, 8080)


@pytest.mark.parametrize("token", ["short", "x" * 513, "with\ta tab in it"])
def test_a_token_that_is_none_is_refused(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("V380_TOKEN", token)
    with pytest.raises(InvalidInput):
        read_token(from_stdin=False)


def test_beyond_this_machine_a_token_is_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("V380_TOKEN", raising=False)
    (token, is_made_up), (another, _) = choose_token("192.0.2.1"), choose_token("192.0.2.1")
    assert is_made_up
    assert len(token.reveal()) == 32
    assert token.reveal() != another.reveal()
    assert choose_token("127.0.0.1") == (Secret(), False)
    monkeypatch.setenv("V380_TOKEN", "the owner's own")
    assert choose_token("192.0.2.1") == (Secret("the owner's own"), False)
