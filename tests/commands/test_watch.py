"""`v380 watch` as scripts meet it, on cameras before which something moves."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    PASSWORD,
    address_args,
    open_camera,
    start_v380,
    wait_until,
)
from tests.readback import count_pictures
from tests.shapes import read_line
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.scenes import SceneName
from v380cli.sinks.probe import count_readable
from v380cli.store.events import open_events

V380 = Callable[..., Done]

KEYS = {
    *{"event", "device", "id", "time", "source", "score", "area", "boxes"},
    *{"clip", "snapshot", "duration_s"},
}
PERSON: dict[str, Any] = {
    "scene": SceneName.PERSON,
    "width": 320,
    "height": 180,
    "fps": 5,
    "gop_s": 2.0,
    "bitrate": 250_000,
}


@contextmanager
def watching(
    data_dir: Path, camera: SimulatedCamera, *args: str
) -> Iterator[tuple["subprocess.Popen[str]", Iterator[dict[str, Any]]]]:
    """A watch that runs, and its lines as they come."""
    command = ["watch", *address_args(camera), "--jsonl", *args]
    with start_v380(data_dir, *command, cwd=data_dir.parent) as process:
        assert process.stdout
        yield process, (read_line(line, "watch lines") for line in process.stdout)


def wait_for(lines: Iterator[dict[str, Any]], event: str) -> dict[str, Any]:
    return next(line for line in lines if line["event"] == event)


def end(process: "subprocess.Popen[str]") -> int:
    """Ctrl-C; stdout is read to its end, so that nobody waits for us."""
    process.send_signal(signal.SIGINT)
    process.communicate()
    return process.returncode


@pytest.mark.parametrize("mode", [(), ("--economy",)])
def test_what_moves_is_told_kept_and_found_again(
    data_dir: Path, tmp_path: Path, mode: tuple[str, ...]
) -> None:
    hook = f"sh -c 'echo {{event}} {{path}} >> {tmp_path}/told'"
    args = ("--record", "clips", "--pre", "1s", "--post", "0", "--on-event", hook, *mode)
    with open_camera(**PERSON) as camera, watching(data_dir, camera, *args) as (process, lines):
        start, stop = wait_for(lines, "motion_start"), wait_for(lines, "motion_end")
        wait_until(lambda: f"motion_end {stop['clip']}" in (tmp_path / "told").read_text())
        code = end(process)
    assert code == 130
    assert set(start) == set(stop) == KEYS
    assert (start["device"], start["id"], start["source"]) == ("87654321", 87654321, "picture")
    assert start["duration_s"] is None
    assert stop["duration_s"] >= 0
    assert 0 < start["area"] < 0.1
    assert start["clip"] == stop["clip"]
    assert count_pictures(tmp_path / stop["clip"]) > 0
    assert (tmp_path / start["snapshot"]).read_bytes()[:2] == b"\xff\xd8"
    with open_events(create=False) as events:
        stored = events.list_events()[0]
    assert stored.kind == "motion"
    assert stored.duration_s == pytest.approx(stop["duration_s"], abs=1)
    assert stored.clip == tmp_path / stop["clip"]


def test_clips_are_kept_as_record_keeps_files(data_dir: Path, tmp_path: Path) -> None:
    """None of these is as small as what may be kept; their pictures go with them."""
    args = ("--record", "clips", "--post", "0", "--keep-size", "1k")
    with open_camera(**PERSON) as camera, watching(data_dir, camera, *args) as (process, lines):
        assert wait_for(lines, "motion_end")["clip"]
        end(process)
    assert [*tmp_path.glob("clips/*.mp4"), *tmp_path.glob("clips/*.jpg")] == []


def test_rain_is_no_event(v380: V380, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("V380_PASSWORD", PASSWORD)
    with open_camera(**{**PERSON, "scene": SceneName.RAIN}) as camera:
        done = v380("watch", *address_args(camera), "--duration", "48s", "--jsonl")
    assert (done.code, done.out) == (0, "")


def test_a_kill_in_an_event_leaves_a_clip_that_plays(data_dir: Path, tmp_path: Path) -> None:
    args = ("--record", "clips", "--post", "1h")
    with open_camera(**PERSON) as camera, watching(data_dir, camera, *args) as (process, lines):
        wait_for(lines, "motion_start")
        wait_until(lambda: bool([*tmp_path.glob("clips/*.part")]))
        (part,) = tmp_path.glob("clips/*.part")
        wait_until(lambda: count_readable(part).video_packets > 10)
        process.kill()
        process.wait()
    assert count_readable(part).video_packets > 10


def test_a_loss_and_the_return_are_events(data_dir: Path) -> None:
    with (
        open_camera("hang-up@3s*1", **PERSON) as camera,
        watching(data_dir, camera) as (process, lines),
    ):
        lost, back = wait_for(lines, "camera_lost"), wait_for(lines, "camera_back")
        end(process)
    assert lost["source"] == back["source"] == "link"
    assert "hung up" in lost["reason"]
    assert back["duration_s"] > 0


def test_a_signal_in_an_event_ends_it(data_dir: Path, tmp_path: Path) -> None:
    """Its clip is finished, and its end is told."""
    args = ("--record", "clips", "--post", "1h")
    with open_camera(**PERSON) as camera, watching(data_dir, camera, *args) as (process, lines):
        wait_for(lines, "motion_start")
        wait_until(lambda: bool([*tmp_path.glob("clips/*.part")]))
        process.send_signal(signal.SIGINT)
        stop = wait_for(lines, "motion_end")
        process.communicate()
    assert count_pictures(tmp_path / stop["clip"]) > 0
    assert not list(tmp_path.glob("clips/*.part"))


def test_a_camera_without_rtsp_says_so(v380: V380) -> None:
    done = v380("watch", "127.0.0.1", "--id", "1", "--via", "rtsp", "--duration", "1s")
    assert done.code == 4
    assert "no RTSP" in done.err


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("--zone", "1,1,1,1"), "is not part of a picture"),
        (("--sensitivity", "11"), "11"),
        (("--on-event", "no-such-program-here"), "there is no program"),
        (("--pre", "soon"), "soon"),
        (("--source", "push"), "go together"),
        (("--listen", "127.0.0.1:8888"), "go together"),
        (("--source", "push", "--listen", "here:8888"), "is not an address"),
        (("--source", "card", "--via", "rtsp"), "there is no card over RTSP"),
        (("--via", "pigeon"), "'auto', 'lan', 'rtsp'"),
        (("--keep-days", "3"), "go with --record DIR"),
        (("--tune", "--terminal"), "standard output is not a terminal"),
    ],
)
def test_what_makes_no_sense_is_refused(v380: V380, args: tuple[str, ...], sentence: str) -> None:
    done = v380("watch", "127.0.0.1", "--id", "1", *args)
    assert done.code == 2
    assert sentence in done.err
