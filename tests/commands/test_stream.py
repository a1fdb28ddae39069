"""`v380 stream -o` as a process: nothing is lost on the way, and ends are quiet."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli import RunV380, make_environment
from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    PASSWORD,
    TIMEOUT_S,
    address_args,
    find_closed_port,
    list_sent,
    open_camera,
    start_v380,
)
from tests.readback import read_video
from v380cli.simulator.camera import Pace
from v380cli.wire.commands import AUDIO_TYPES

FFMPEG = ("ffmpeg", "-loglevel", "error", "-nostdin")


@pytest.mark.parametrize(
    ("stream_format", "reader", "ending"),
    [("ts", "mpegts", "ts"), ("mkv", "matroska", "mkv"), ("annexb", "h264", "ts")],
)
def test_ffmpeg_gets_every_access_unit(
    data_dir: Path, tmp_path: Path, stream_format: str, reader: str, ending: str
) -> None:
    copy = tmp_path / f"copy.{ending}"
    with open_camera() as camera:
        words = ("stream", *address_args(camera), "-o", "-", "--format", stream_format)
        with start_v380(data_dir, *words, "--duration", "2s") as process:
            ffmpeg = [*FFMPEG, "-f", reader, "-i", "-", "-map", "0:v", "-c", "copy", str(copy)]
            subprocess.run(ffmpeg, stdin=process.stdout, check=True, timeout=TIMEOUT_S)
            assert process.wait(TIMEOUT_S) == 0
            assert process.stderr
            assert process.stderr.read() == ""
        got = read_video(copy)
        assert len(got) >= 20
        assert got == list_sent(camera)[: len(got)]


def test_annexb_asks_for_no_sound(data_dir: Path) -> None:
    with open_camera() as camera:
        words = ("stream", *address_args(camera), "-o", "-", "--format", "annexb")
        with start_v380(data_dir, *words, "--duration", "1s") as process:
            assert process.stdout
            while os.read(process.stdout.fileno(), 1 << 16):
                pass
            assert process.wait(TIMEOUT_S) == 0
        (sent,) = camera.sent_access_units
    assert not [frame for frame in sent if frame.frame_type in AUDIO_TYPES]


def test_a_reader_that_goes_away_is_no_failure(data_dir: Path) -> None:
    with open_camera(pace=Pace.CAMERA) as camera:
        words = ("stream", *address_args(camera), "-o", "-")
        with start_v380(data_dir, *words) as process:
            assert process.stdout
            assert process.stderr
            assert os.read(process.stdout.fileno(), 188)[:1] == b"G"
            process.stdout.close()
            assert process.wait(TIMEOUT_S) == 0
            told = process.stderr.read().splitlines()
            assert [line for line in told if "the camera sent no picture" not in line] == []


def test_an_interrupt_ends_a_file_in_good_order(data_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "live.ts"
    with open_camera(pace=Pace.CAMERA) as camera:
        with start_v380(data_dir, "stream", *address_args(camera), "-o", str(file)) as process:
            while not (file.exists() and file.stat().st_size > 20_000):
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            assert process.wait(TIMEOUT_S) == 130
        got = read_video(file)
        assert got == list_sent(camera)[: len(got)]


def test_what_fails_before_a_picture_leaves_no_file(run_v380: RunV380, tmp_path: Path) -> None:
    file = tmp_path / "live.ts"
    where = (f"127.0.0.1:{find_closed_port()}", "--id", "87654321")
    result = run_v380("stream", *where, "-o", str(file), env={"V380_PASSWORD": PASSWORD})
    assert result.returncode == 4
    assert not file.exists()


@pytest.mark.parametrize("target", ["nothing", "/dev/null"])
def test_a_planted_link_is_not_followed(run_v380: RunV380, tmp_path: Path, target: str) -> None:
    file = tmp_path / "live.ts"
    file.symlink_to(target)
    where = (f"127.0.0.1:{find_closed_port()}", "--id", "87654321")
    result = run_v380("stream", *where, "-o", str(file), env={"V380_PASSWORD": PASSWORD})
    assert result.returncode == 9
    assert [path.name for path in tmp_path.iterdir()] == ["live.ts"]


@pytest.mark.parametrize(
    "words",
    [
        ("-o", "-", "--to", "udp://127.0.0.1:9"),
        ("--to", "http://127.0.0.1/x"),
        ("--to", "srt://127.0.0.1"),
        ("-o", "live.mp4"),
        ("-o", "-", "--json"),
        ("-o", "-", "--token-stdin"),
        ("--serve", "nowhere"),
        ("--insecure", "-o", "-"),
    ],
)
def test_what_makes_no_sense_is_told_before_a_camera_is_looked_for(
    v380: Callable[..., Done], words: tuple[str, ...]
) -> None:
    nobody = f"127.0.0.1:{find_closed_port()}"
    assert v380("stream", nobody, *words).code == 2


def test_a_server_that_is_not_there(run_v380: RunV380) -> None:
    url = f"rtsp://user:hidden@127.0.0.1:{find_closed_port()}/porch"
    with open_camera() as camera:
        result = run_v380(
            "stream", *address_args(camera), "--to", url, env={"V380_PASSWORD": PASSWORD}
        )
    assert result.returncode == 4
    assert "hidden" not in result.stdout + result.stderr


def test_a_media_server_gets_every_access_unit(data_dir: Path, tmp_path: Path) -> None:
    port, copy = find_closed_port(), tmp_path / "published.ts"
    url = f"rtsp://127.0.0.1:{port}/porch"
    server_words = [
        *FFMPEG,
        "-rtsp_flags",
        "listen",
        "-i",
        url,
        "-map",
        "0:v",
        "-c",
        "copy",
        str(copy),
    ]
    environment = make_environment(data_dir)
    with (
        open_camera(pace=Pace.CAMERA) as camera,
        subprocess.Popen(server_words, env=environment) as server,
    ):
        try:
            words = ("stream", *address_args(camera), "--to", url)
            for _ in range(20):  # until the server listens
                with start_v380(data_dir, *words, "--duration", "3s") as process:
                    code = process.wait(TIMEOUT_S)
                if code != 4:
                    break
            assert code == 0
            server.wait(TIMEOUT_S)
        finally:
            server.kill()
        got = read_video(copy)
        assert len(got) >= 30
        sent = list_sent(camera)
        begin = sent.index(got[0])
        assert got == sent[begin : begin + len(got)]
