"""How `v380 record` ends before its time: killed, interrupted, out of space, unheard."""

import contextlib
import fcntl
import json
import os
import pty
import re
import resource
import signal
import struct
import subprocess
import termios
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.cli import RunV380
from tests.commands.recording_lab import (
    FPS,
    PASSWORD,
    SMALL,
    TIMEOUT_S,
    add_to_list,
    address_args,
    count_broken_off,
    list_sent,
    make_device,
    open_camera,
    open_cameras,
    start_v380,
    wait_until,
)
from tests.readback import count_pictures, read_video
from tests.warm import COLD_V380
from v380cli.models import Secret
from v380cli.simulator.camera import Pace
from v380cli.simulator.faults import parse_fault
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.sinks.formats import ContainerFormat

FILMED_S, LOST_BY_KILL_S = 3, 1
COLUMNS = 80
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def camera() -> Iterator[SimulatedCamera]:
    """One that sends as fast as real ones do."""
    with open_camera(pace=Pace.CAMERA) as camera:
        yield camera


def has_sent(camera: SimulatedCamera, seconds: float) -> bool:
    return len(list_sent(camera)) >= seconds * FPS


def test_a_kill_leaves_all_but_the_last_second_of_what_was_read(
    data_dir: Path, folder: Path
) -> None:
    """What is sent is read within a second (`GATHER_WAIT_S`); here all has been read."""
    kinds = list(ContainerFormat)
    falls_silent = replace(SMALL, pace=Pace.CAMERA, faults=(parse_fault(f"silence@{FILMED_S}s"),))
    specs = [replace(falls_silent, device_id=index + 1) for index in range(len(kinds))]
    with contextlib.ExitStack() as stack:
        cameras = stack.enter_context(open_cameras(*specs))
        processes = [
            stack.enter_context(
                start_v380(data_dir, "record", *address_args(camera), "-o", f"clip.{kind}")
            )
            for camera, kind in zip(cameras, kinds, strict=True)
        ]
        parts = [folder / f"clip.{kind}.part" for kind in kinds]
        kept = (FILMED_S - LOST_BY_KILL_S) * FPS
        wait_until(lambda: all(count_broken_off(part) >= kept for part in parts))
        for process in processes:
            process.kill()
            assert process.wait(TIMEOUT_S) == -signal.SIGKILL
        sent = [list_sent(camera) for camera in cameras]
    for kind, part, units in zip(kinds, parts, sent, strict=True):
        recorded = read_video(part)
        assert len(units) == FILMED_S * FPS
        assert recorded == units[: len(recorded)]
        assert count_pictures(part) == len(recorded) >= kept, kind


@pytest.mark.parametrize(
    ("number", "form"),
    [
        (signal.SIGINT, ""),
        (signal.SIGTERM, "--json"),
        (signal.SIGINT, "--jsonl"),
        (signal.SIGHUP, ""),
    ],
)
def test_a_signal_closes_the_file_and_the_result_is_told(
    data_dir: Path, folder: Path, camera: SimulatedCamera, number: signal.Signals, form: str
) -> None:
    args = [*address_args(camera), "-o", "clip.mp4", *filter(None, [form])]
    with start_v380(data_dir, "record", *args) as process:
        wait_until(lambda: has_sent(camera, 2.0))
        process.send_signal(number)
        out, talk = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, talk) == (128 + number, "")
    assert [path.name for path in folder.glob("clip*")] == ["clip.mp4"]
    pictures = count_pictures(folder / "clip.mp4")
    assert pictures > 0
    if not form:
        assert out.split("\t")[2] == f"{pictures} frames"
        return
    last = json.loads(out.splitlines()[-1])
    (file,) = (last[0] if form == "--json" else last)["files"]
    assert file["video_packets"] == pictures


def test_a_signal_before_the_first_picture(data_dir: Path, folder: Path) -> None:
    with (
        open_camera("silence") as camera,
        start_v380(data_dir, "record", *address_args(camera), "--json") as process,
    ):
        wait_until(lambda: bool(camera.sent_access_units))
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 143
    assert json.loads(out)[0]["files"] == []
    assert list(folder.glob("*.mp4*")) == []


def test_a_signal_does_not_hide_what_went_wrong_before(data_dir: Path) -> None:
    front = replace(SMALL, pace=Pace.CAMERA)
    with open_cameras(front, replace(front, device_id=11, password=Secret("new"))) as cameras:
        for camera, name in zip(cameras, ("front", "yard"), strict=True):
            device = make_device(camera, name)
            add_to_list(replace(device, password=front.password))
        with start_v380(data_dir, "record", "--all") as process:
            wait_until(lambda: has_sent(cameras[0], 1.5))
            process.send_signal(signal.SIGINT)
            out, talk = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 130
    assert len(out.splitlines()) == 1
    assert "yard: the camera refused the password" in talk


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system with room for 256 KiB; skips where none can be mounted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("kind", ContainerFormat)
def test_a_full_disk_leaves_a_playable_file(
    data_dir: Path, folder: Path, kind: ContainerFormat
) -> None:
    disk = folder / "disk"
    with small_disk(disk), open_camera(audio=None) as camera:
        args = [*address_args(camera), "-o", str(disk / f"clip.{kind}"), "--json"]
        with start_v380(data_dir, "record", *args) as process:
            out, talk = process.communicate(timeout=TIMEOUT_S)
        (file,) = json.loads(out)[0]["files"]
        recorded = read_video(Path(file["path"]))
        assert count_pictures(Path(file["path"])) == len(recorded) > FPS
        assert file["video_packets"] == len(recorded)
        assert [path.name for path in disk.iterdir()] == [f"clip.{kind}"]
        assert recorded == list_sent(camera)[: len(recorded)]
    assert process.returncode == 9
    *losses, error = talk.splitlines()
    assert error.startswith(f"v380: cannot write {disk}")
    assert all("missing" in line for line in losses)  # on a busy machine


@pytest.mark.parametrize("kind", ContainerFormat)
def test_where_files_cannot_be_larger_another_begins(
    data_dir: Path, folder: Path, kind: ContainerFormat
) -> None:
    limit = (512 << 10, 512 << 10)
    limit_files = partial(resource.setrlimit, resource.RLIMIT_FSIZE, limit)
    with open_camera(audio=None) as camera:
        args = [*address_args(camera), "-o", f"clip.{kind}", "--duration", "40", "--json"]
        with start_v380(
            data_dir, "record", *args, program=COLD_V380, preexec_fn=limit_files
        ) as process:
            out, talk = process.communicate(timeout=TIMEOUT_S)
    (document,) = json.loads(out)
    pictures = [file["video_packets"] for file in document["files"]]
    assert process.returncode == 0
    assert len(talk.splitlines()) >= len(pictures) - 1 >= 2
    assert pictures == [count_pictures(Path(file["path"])) for file in document["files"]]
    assert sum(pictures) + document["dropped_frames"] == pytest.approx(40 * FPS, abs=2)
    assert len(list(folder.glob("clip*"))) == len(pictures)


def test_a_folder_that_cannot_be_made(run_v380: RunV380, folder: Path) -> None:
    (folder / "file").touch()
    with open_camera() as camera:
        args = ["-o", "file/under/clip.mp4", "--json"]
        done = run_v380("record", *address_args(camera), *args, env={"V380_PASSWORD": PASSWORD})
    assert (done.returncode, done.stderr) == (9, "")
    assert json.loads(done.stdout)["error"]["code"] == "storage"


def test_a_reader_that_has_gone_ends_it_quietly(
    data_dir: Path, folder: Path, camera: SimulatedCamera
) -> None:
    args = [*address_args(camera), "-o", "clip.mp4", "--duration", "4", "--jsonl"]
    with start_v380(data_dir, "record", *args) as process:
        assert process.stdout
        assert process.stderr
        events = map(json.loads, process.stdout)
        assert any(event.get("state") == "recording" for event in events)
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(TIMEOUT_S) == 0
    assert count_pictures(folder / "clip.mp4") >= FPS - 1


def test_a_terminal_sees_how_it_goes(data_dir: Path, folder: Path, camera: SimulatedCamera) -> None:
    reader, writer = pty.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    former = termios.tcgetattr(writer)
    args = ["-v", "record", *address_args(camera), "-o", "a-long-name-{id}-{start}.mp4"]
    with start_v380(data_dir, *args, stderr=writer, env={"TERM": "xterm"}) as process:
        screen = ""
        while "reconnects" not in screen or "Mbit/s" not in screen:
            screen += os.read(reader, 65536).decode()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=TIMEOUT_S)
        screen += os.read(reader, 65536).decode()
    assert termios.tcgetattr(writer) == former
    os.close(reader)
    os.close(writer)
    assert process.returncode == 130
    assert "\x1b" not in out
    assert screen.rindex("\x1b[?25h") > screen.rindex("\x1b[?25l")  # the cursor is back
    lines = ESCAPES.sub("", screen).replace("\r", "\n").splitlines()
    headings = ["camera", "state", "elapsed", "rate", "frames", "dropped", "reconnects"]
    assert headings in [line.split() for line in lines]
    assert max(len(line) for line in lines) <= COLUMNS
    assert any("log-in variant" in line for line in lines)  # the log stands above the table
