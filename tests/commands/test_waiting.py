"""Cameras that are off, or unknown, or not there yet, beside others: the others run."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    PASSWORD,
    SMALL,
    TIMEOUT_S,
    add_to_list,
    address_args,
    find_closed_port,
    make_device,
    open_camera,
    open_cameras,
    start_v380,
)
from tests.shapes import read_line
from v380cli.camera import discover
from v380cli.camera.access import Access
from v380cli.camera.interrupt import Interrupt
from v380cli.camera.recorder import Recorder
from v380cli.camera.recorder_state import RecorderState
from v380cli.camera.recording import Recording
from v380cli.commands._progress import BitRate, _format_progress
from v380cli.media.sink import Formats, Packet
from v380cli.models import Device
from v380cli.simulator.camera import Pace
from v380cli.simulator.firmware import SimulatedCamera

V380 = Callable[..., Done]
OFF = "99887766"


class NullSink:
    """Takes everything and keeps nothing."""

    def open(self, formats: Formats, first_keyframe: bytes) -> None: ...

    def write(self, packet: Packet) -> None: ...

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("V380_PASSWORD", PASSWORD)
    monkeypatch.setattr(discover, "find_beacon", lambda **_: None)


@pytest.fixture
def front() -> Iterator[SimulatedCamera]:
    with open_camera() as camera:
        add_to_list(make_device(camera, "front"), "home")
        yield camera


def test_who_is_off_does_not_keep_others_from_recording(front: SimulatedCamera, v380: V380) -> None:
    done = v380("record", "front", OFF, "fornt", "--duration", "1", "--json")
    recorded, off, unknown = done.json
    assert done.code == 10
    assert ("error" in recorded, len(recorded["files"])) == (False, 1)
    assert (off["device"], off["error"]["code"]) == (OFF, "not_found")
    assert (unknown["device"], unknown["files"]) == ("fornt", [])
    assert "did you mean 'front'?" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("snapshot", "front", OFF),
        ("info", "front", OFF, "--no-streams"),
        ("ptz", OFF, "front", "up"),
    ],
    ids=lambda words: words[0],
)
def test_who_is_off_fails_alone(words: tuple[str, ...], front: SimulatedCamera, v380: V380) -> None:
    done = v380(*words)
    assert done.code == 10
    assert "front" in done.out
    assert f"1 of 2 cameras failed: {OFF}: no camera answers" in done.err


def test_alone_it_fails_at_once_and_the_way_to_wait_is_told(v380: V380) -> None:
    add_to_list(Device(name="porch", device_id=5, host="127.0.0.1", port=find_closed_port()))
    for words in (
        ("record", "porch"),
        ("record", OFF),
        ("stream", "porch", "--serve", "127.0.0.1:0"),
        ("snapshot", "porch", "--every", "5"),
    ):
        done = v380(*words, "--json")
        assert done.code in (3, 4)
        assert "--wait" in json.loads(done.out.splitlines()[-1])["error"]["hint"]
    assert "--wait" not in v380("record", "nobody").err


def test_wait_waits_to_the_end(v380: V380) -> None:
    add_to_list(Device(name="porch", device_id=5, host="127.0.0.1", port=find_closed_port()))
    done = v380("record", "porch", "--wait", "--duration", "1", "--jsonl")
    events = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 4
    assert [event["reason"] for event in events if event.get("event") == "lost"]


@pytest.mark.parametrize(
    "words",
    [
        ("record", "front", "porch", "--duration", "20s"),
        ("stream", "porch", "--to", "udp://127.0.0.1:9", "--wait", "--duration", "20s"),
        ("stream", "porch", "--serve", "127.0.0.1:0", "--wait", "--duration", "20s"),
        ("snapshot", "porch", "--every", "1", "--count", "1", "--wait", "-o", "porch.jpg"),
    ],
    ids=["record", "stream --to", "stream --serve", "snapshot --every"],
)
def test_who_is_off_at_the_start_and_comes_later_is_not_missed(
    words: tuple[str, ...], front: SimulatedCamera, v380: V380, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is switched on in the pause behind the first attempt."""
    porch = replace(SMALL, device_id=5, port=find_closed_port())
    host = Device(name="porch", device_id=5, host="127.0.0.1", port=porch.port)
    add_to_list(replace(host, password=SMALL.password))
    wait = Interrupt.wait
    with ExitStack() as stack:
        cameras: list[SimulatedCamera] = []

        def switch_on(interrupt: Interrupt, seconds: float) -> bool:
            if not cameras:
                cameras.extend(stack.enter_context(open_cameras(porch)))
            return wait(interrupt, seconds)

        monkeypatch.setattr(Interrupt, "wait", switch_on)
        done = v380(*words)
    assert done.code == 0, done.err
    assert cameras[0].sent_access_units
    if words[0] == "record":
        assert len(list(Path.cwd().glob("*.mp4"))) == 2
    if words[0] == "snapshot":
        assert Path("porch.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_the_live_table_has_the_reason_of_an_outage() -> None:
    recorder = Recorder(Access(Device(name="porch")), NullSink())
    recorder.enter(RecorderState.RECONNECTING, "the camera hung up")
    assert _format_progress(recorder, BitRate())[:2] == (
        "porch",
        "reconnecting: the camera hung up",
    )


def test_a_loss_and_the_return_are_lines_at_once(data_dir: Path) -> None:
    with open_camera("hang-up@1s*1", pace=Pace.CAMERA) as camera:
        args = ("--duration", "2m", "--jsonl", "-o", "clip.mp4")
        with start_v380(data_dir, "record", *address_args(camera), *args) as process:
            assert process.stderr
            lost, back = process.stderr.readline(), process.stderr.readline()
            process.terminate()
            out, _ = process.communicate(timeout=TIMEOUT_S)
    assert lost == "87654321: the camera hung up; trying again\n"
    assert back.startswith("87654321: back after ")
    events = [read_line(line, "record lines") for line in out.splitlines()]
    kinds = [each["event"] for each in events if each["event"] in ("lost", "back", "gap", "failed")]
    assert kinds == ["lost", "back"]


def test_what_is_missing_at_the_end_counts_for_max_gap(v380: V380) -> None:
    with open_camera("silence@1s", pace=Pace.CAMERA) as camera:
        args = ("--duration", "5", "--max-gap", "2s", "--json")
        done = v380("record", *address_args(camera), *args)
    (document,) = done.json
    assert done.code == 10
    assert len(document["gaps"]) == 1
    assert "error" not in document


def test_a_bug_in_one_thread_leaves_the_others_their_results(
    v380: V380, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Recorder.run

    def run_or_crash(recorder: Recorder) -> Recording:
        if recorder.device.name == "yard":
            raise OSError(24, "Too many open files")
        return run(recorder)

    monkeypatch.setattr(Recorder, "run", run_or_crash)
    with open_cameras(SMALL, replace(SMALL, device_id=11)) as cameras:
        for camera, name in zip(cameras, ("front", "yard"), strict=True):
            add_to_list(make_device(camera, name))
        done = v380("record", "--all", "--duration", "1", "--json")
    front, yard = done.json
    assert done.code == 1
    assert len(front["files"]) == 1
    assert yard["error"]["code"] == "bug"
