"""Numbers for Prometheus: what they are called, what they count, and of whom."""

import shutil
import subprocess
from pathlib import Path

import pytest

from v380cli.camera.access import Access
from v380cli.camera.recorder import Recorder, RecordOptions
from v380cli.camera.recorder_state import RecorderState
from v380cli.media.sink import Formats, Packet
from v380cli.models import Device, Quality
from v380cli.work.metrics import Counts, Reading, find_folder, read_all, render

PORCH = Device(name='Front "porch"', device_id=12345678)
COUNTS = Counts(video_frames=1500, received_bytes=10_000, gaps=1, gap_seconds=2.5, reconnects=3)


class NoSink:
    """Takes all and keeps nothing."""

    def open(self, formats: Formats, first_keyframe: bytes) -> None: ...

    def write(self, packet: Packet) -> None: ...

    def close(self) -> None: ...


def make_recorder(name: str, state: RecorderState) -> Recorder:
    recorder = Recorder(Access(Device(name=name)), NoSink(), RecordOptions(quality=Quality.SD))
    recorder.state = state
    return recorder


def test_each_number_has_its_camera(tmp_path: Path) -> None:
    reading = Reading(
        device=PORCH, quality=Quality.HD, counts=COUNTS, is_up=True, last_picture_s=0.0
    )
    text = render([reading], tmp_path).decode()
    whose = 'camera="Front \\"porch\\"",id="12345678",quality="hd"'
    for line in (
        f"v380_camera_video_frames_total{{{whose}}} 1500.0",
        f"v380_camera_received_bytes_total{{{whose}}} 10000.0",
        f"v380_camera_dropped_frames_total{{{whose}}} 0.0",
        f"v380_camera_gaps_total{{{whose}}} 1.0",
        f"v380_camera_gap_seconds_total{{{whose}}} 2.5",
        f"v380_camera_reconnects_total{{{whose}}} 3.0",
        f"v380_camera_up{{{whose}}} 1.0",
    ):
        assert f"\n{line}\n" in text
    assert f"\nv380_camera_last_frame_age_seconds{{{whose}}} " in text
    assert f'\nv380_disk_free_bytes{{path="{tmp_path}"}} ' in text


def test_what_is_not_known_is_left_out() -> None:
    text = render([Reading(device=PORCH, quality=Quality.HD, counts=COUNTS)]).decode()
    assert "v380_camera_gaps_total{" in text
    for name in ("v380_camera_up{", "age_seconds{", "free_bytes{"):
        assert name not in text


def test_recorders_one_after_the_other_are_one_camera() -> None:
    """A camera that left by a reload and came again; one that left for good is ours no more."""
    states = RecorderState.DONE, RecorderState.RECORDING
    recorders = [make_recorder("stays", state) for state in states]
    for number, recorder in enumerate(recorders, start=1):
        recorder.reconnects = number
    recorders.append(make_recorder("leaves", RecorderState.DONE))
    recorders.append(make_recorder("given up", RecorderState.FAILED))
    stays, given_up = read_all(recorders)
    assert (stays.is_up, stays.counts.reconnects, stays.labels[2]) == (True, 3, "sd")
    assert (given_up.device.name, given_up.is_up) == ("given up", False)


def test_the_disk_is_that_of_the_output(tmp_path: Path) -> None:
    assert find_folder(f"{tmp_path}/{{name}}/{{date}}.mp4") == tmp_path
    assert find_folder(f"{tmp_path}/new/folder/porch.mp4") == tmp_path


@pytest.mark.skipif(not shutil.which("promtool"), reason="needs promtool")
def test_promtool_has_nothing_to_say(tmp_path: Path) -> None:
    reading = Reading(
        device=PORCH, quality=Quality.HD, counts=COUNTS, is_up=True, last_picture_s=0.0
    )
    text = render([reading], tmp_path)
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
