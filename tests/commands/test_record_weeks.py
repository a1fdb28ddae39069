"""Recording for weeks: files are handed on once, also over kills, and the disk is kept to."""

import json
import re
import signal
import socket
import urllib.request
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, Any

import pytest

from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    PASSWORD,
    SMALL,
    TIMEOUT_S,
    add_to_list,
    address_args,
    count_broken_off,
    make_device,
    open_camera,
    open_cameras,
    start_v380,
    wait_until,
)
from tests.readback import count_pictures, read_video
from tests.shapes import read_line
from v380cli.simulator.camera import Pace
from v380cli.sinks.probe import count_readable
from v380cli.store.database import open_device_list

ENDLESS = ("--segment", "1s", "--duration", "9h")


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("V380_PASSWORD", PASSWORD)


def write_hook(folder: Path) -> tuple[str, Path]:
    """A command that notes its call, and where."""
    calls = folder / "calls.jsonl"
    script = folder / "hook.sh"
    script.write_text(f'#!/bin/sh\nread -r line\nprintf "%s\\n" "$line" "$1" >>{calls}\n')
    script.chmod(0o755)
    return f"{script} {{path}}", calls


def read_calls(calls: Path) -> list[str]:
    """The paths it was called for; the JSON tells the same as the arguments."""
    lines = calls.read_text().splitlines() if calls.exists() else []
    pairs = list(zip(lines[::2], lines[1::2], strict=False))
    assert all(json.loads(document)["path"] == path for document, path in pairs)
    return [path for _, path in pairs]


def has_calls(calls: Path, expected: int) -> bool:
    return len(read_calls(calls)) >= expected


def test_a_hook_has_each_file_also_over_kills(tmp_path: Path, data_dir: Path, v380: Any) -> None:
    command, calls = write_hook(tmp_path)
    folder = tmp_path / "video"
    folder.mkdir()
    with open_camera(pace="camera", gop_s=0.4) as camera:
        args = ("record", *address_args(camera), "-o", str(folder), "--on-segment", command)
        for expected in (2, 4):
            with start_v380(data_dir, *args, *ENDLESS) as process:
                wait_until(partial(has_calls, calls, expected))
                process.send_signal(signal.SIGKILL)
                process.wait()
        done: Done = v380(*args, "--duration", "1s")
    assert done.code == 0, done.err
    parts = set(folder.glob("*.part"))
    assert all(count_readable(part).video_packets == 0 for part in parts)
    files = {str(path) for path in set(folder.iterdir()) - parts}
    called = read_calls(calls)
    assert set(called) == files
    # a kill while the hook runs costs a second call, and there were two kills
    assert len(called) - len(files) <= 2
    assert all(count_pictures(Path(path)) for path in files)


def test_two_that_are_killed_at_one_name_lose_nothing_to_each_other_or_to_the_next(
    tmp_path: Path, data_dir: Path, v380: Any
) -> None:
    live = replace(SMALL, pace=Pace.CAMERA)
    narrow = replace(live, device_id=11, width=176)  # its parameter sets tell the two apart
    output = ("-o", f"{tmp_path}/clip.mp4")
    parts = [tmp_path / "clip.mp4.part", tmp_path / "clip-2.mp4.part"]
    with open_cameras(live, narrow) as cameras:
        with ExitStack() as stack:
            processes = []
            for camera, part in zip(cameras, parts, strict=True):
                command = ("record", *address_args(camera), *output)
                processes.append(stack.enter_context(start_v380(data_dir, *command)))
                wait_until(part.exists)
            wait_until(lambda: all(count_broken_off(part) > 0 for part in parts))
            for process in processes:
                process.kill()
                process.wait()
        left = [read_video(part) for part in parts]
        done: Done = v380("record", *address_args(cameras[0]), *output, "--duration", "1s")
    assert done.code == 0, done.err
    files = [tmp_path / name for name in ("clip.mp4", "clip-2.mp4", "clip-3.mp4")]
    assert sorted(tmp_path.glob("clip*")) == sorted(files)
    assert [read_video(file) for file in files[:2]] == left
    assert left[0][0] != left[1][0]
    assert count_pictures(files[2]) > 0
    assert all(f"{file} was broken off, and is finished now" in done.err for file in files[:2])


def test_the_size_is_kept_and_nothing_else_is_touched(tmp_path: Path, v380: Any) -> None:
    folder = tmp_path / "video"
    folder.mkdir()
    (folder / "mine.mp4").write_bytes(b"x" * 1_000_000)
    with open_camera() as camera:
        args = (*address_args(camera), "-o", str(folder), "--segment", "1s", "--duration", "20s")
        done: Done = v380("record", *args, "--keep-size", "150k", "--json")
    (document,) = done.json
    there = [path for path in folder.iterdir() if path.name != "mine.mp4"]
    assert (folder / "mine.mp4").stat().st_size == 1_000_000
    assert 0 < sum(path.stat().st_size for path in there) <= 150_000
    assert 1 < len(there) < len(document["files"])
    newest = [file["path"] for file in document["files"]][-len(there) :]
    assert sorted(map(str, there)) == sorted(newest)


def test_a_file_stays_below_its_size(tmp_path: Path, v380: Any) -> None:
    with open_camera() as camera:
        args = (*address_args(camera), "-o", f"{tmp_path}/v/", "--duration", "20s")
        done: Done = v380("record", *args, "--max-file-size", "200k", "--json")
    files = done.json[0]["files"]
    assert len(files) > 1
    assert all(file["size_bytes"] <= 200_000 for file in files)


@pytest.mark.parametrize(
    "args", [("--on-segment", "no-such-program"), ("--keep-size", "much"), ("--keep-days", "0")]
)
def test_what_cannot_be_meant_is_a_usage_error(v380: Any, args: tuple[str, str]) -> None:
    assert v380("record", "127.0.0.1", *args).code == 2


def test_the_service_manager_hears_how_it_goes(tmp_path: Path, data_dir: Path) -> None:
    said: list[str] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear, open_camera() as camera:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(TIMEOUT_S)
        env = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "1500000"}
        args = (*address_args(camera), "--output", f"{tmp_path}/video/", "--duration", "9h")
        with start_v380(data_dir, "record", *args, env=env) as process:
            while not (said.count("WATCHDOG=1") >= 2 and "STATUS=1 recording" in said):
                said.append(ear.recv(4096).decode())
            process.terminate()
            while "STOPPING=1" not in said:
                said.append(ear.recv(4096).decode())
            assert process.wait(TIMEOUT_S) == 143
    assert said[0] == "READY=1"


def test_numbers_are_served_while_it_records(tmp_path: Path, data_dir: Path) -> None:
    with open_camera() as camera:
        args = (*address_args(camera), "-o", f"{tmp_path}/v/", "--metrics", "127.0.0.1:0")
        with start_v380(data_dir, "record", *args, *ENDLESS) as process:
            assert process.stderr
            said = next(line for line in process.stderr if line.startswith("numbers: "))
            wait_until(partial(is_up, said.split()[1]))
            process.terminate()
            process.communicate(timeout=TIMEOUT_S)


def is_up(url: str) -> bool:
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
        text = answer.read().decode()
    assert "v380_disk_free_bytes{" in text
    return bool(re.search(r"^v380_camera_up{.*} 1.0$", text, re.MULTILINE))


def test_shares_are_recorded_apart(tmp_path: Path, v380: Any) -> None:
    specs = [replace(SMALL, device_id=number) for number in range(1, 7)]
    with open_cameras(*specs) as cameras:
        for camera in cameras:
            add_to_list(make_device(camera, f"camera {camera.spec.device_id}"))
        recorded: list[list[int]] = []
        for share in ("1/2", "2/2"):
            args = ("--output", f"{tmp_path}/video/", "--duration", "1s", "--json")
            done: Done = v380("record", "--all", "--shard", share, *args)
            recorded.append([document["id"] for document in done.json])
    assert sorted(chain.from_iterable(recorded)) == [1, 2, 3, 4, 5, 6]
    assert all(recorded)
    assert v380("record", "--all", "--shard", "3/2").code == 2


def test_cameras_join_and_leave_while_the_others_go_on(tmp_path: Path, data_dir: Path) -> None:
    """The list is read again on HUP; whoever stays keeps its one connection."""
    specs = [replace(SMALL, device_id=number) for number in (1, 2, 3)]
    with open_cameras(*specs) as cameras:
        for name, camera in zip(("stays", "leaves"), cameras, strict=False):
            add_to_list(make_device(camera, name))
        args = ("--all", "--output", f"{tmp_path}/video/{{name}}.mp4", "--duration", "9h")
        with start_v380(data_dir, "record", *args, "--jsonl", start_new_session=True) as process:
            assert process.stdout
            wait_for_states(process.stdout, {"stays": "recording", "leaves": "recording"})
            with open_device_list() as devices:
                devices.remove("leaves")
            add_to_list(make_device(cameras[2], "joins"))
            process.send_signal(signal.SIGHUP)
            wait_for_states(process.stdout, {"leaves": "done", "joins": "recording"})
            process.terminate()
            out, _ = process.communicate(timeout=TIMEOUT_S)
            assert process.returncode == 143
    events = [read_line(line, "record lines") for line in out.splitlines()]
    results = {event["device"]: event for event in events if event["event"] == "result"}
    assert results.keys() == {"stays", "leaves", "joins"}
    assert all(result["files"] for result in results.values())
    assert results["stays"]["reconnects"] == 0


def wait_for_states(lines: IO[str], expected: dict[str, str]) -> None:
    """Until each of these cameras has been in its state."""
    missing = set(expected.items())
    while missing:
        event = read_line(lines.readline(), "record lines")
        missing.discard((event["device"], event.get("state")))
