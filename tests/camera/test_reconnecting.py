"""What the recorder does about a lost link: when and where it tries again, what it tells."""

import contextlib
import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from tests.commands.recording_lab import (
    SMALL,
    make_device,
    open_camera,
    open_cameras,
    wait_until,
)
from tests.readback import count_pictures
from v380cli.camera import recorder as recorder_room
from v380cli.camera import retry as retry_room
from v380cli.camera import watch as watch_room
from v380cli.camera.access import Access, Search
from v380cli.camera.recorder import Recorder, RecordOptions
from v380cli.camera.recording import Recording
from v380cli.camera.retry import FIRST_RETRY_S, BackOff
from v380cli.errors import (
    CameraNotFound,
    CredentialsRefused,
    NetworkError,
    NetworkTimeout,
    StorageError,
    V380Error,
)
from v380cli.models import Device
from v380cli.simulator.camera import Pace
from v380cli.simulator.server import Simulator
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.segmented import SegmentedSink

TRIES = 6


class Run:
    """A recorder in a thread, and what it came to."""

    def __init__(
        self, device: Device, folder: Path, find_again: Search | None = None, **options: float
    ) -> None:
        self.sink = SegmentedSink(lambda _: folder / "clip.mp4", ContainerFormat.MP4, now)
        chosen = RecordOptions(**options)  # type: ignore[arg-type]
        self.recorder = Recorder(Access(device, search=find_again), self.sink, chosen)
        self.recording: Recording | None = None
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        self.recording = self.recorder.run()

    @contextlib.contextmanager
    def beside(self) -> Iterator[Recorder]:
        """Let it run for the length of a block."""
        self.thread.start()
        try:
            yield self.recorder
        finally:
            self.recorder.stop()
            self.thread.join()


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def test_pauses_double_up_to_ten_seconds() -> None:
    back_off, error = BackOff(), NetworkError("gone")
    pauses = [back_off.next_pause_s(error) for _ in range(9)]
    assert pauses == [0.5, 1, 2, 4, 8, 10, 10, 10, 10]
    back_off.reset()
    assert back_off.next_pause_s(error) == 0.5


def test_refused_credentials_are_tried_seldom() -> None:
    back_off, refusal = BackOff(), CredentialsRefused("no")
    assert [back_off.next_pause_s(refusal) for _ in range(5)] == [30, 120, 600, 1800, 1800]
    assert back_off.next_pause_s(NetworkError("gone")) == 0.5
    back_off.reset()
    assert back_off.next_pause_s(refusal) == 30


def test_a_camera_that_stays_away_is_asked_less_and_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a link that was good for long: that one alone begins at the shortest pause."""
    pauses: list[float] = []

    class Watched(BackOff):
        def next_pause_s(self, error: V380Error) -> float:
            pauses.append(super().next_pause_s(error))
            return pauses[-1]

    monkeypatch.setattr(retry_room, "FIRST_RETRY_S", 0.001)
    monkeypatch.setattr(recorder_room, "GOOD_LINK_S", 0.0)
    monkeypatch.setattr(recorder_room, "BackOff", Watched)
    spec = replace(SMALL, pace=Pace.CAMERA)
    with Simulator([spec], discovery=None) as simulator:
        run = Run(make_device(simulator.cameras[0]), tmp_path)
        with run.beside() as recorder:
            wait_until(lambda: recorder.video_frames > 0)
            simulator.stop()
            wait_until(lambda: len(pauses) >= TRIES)
            assert recorder.state == "reconnecting"
    assert all(after == 2 * before for before, after in pairwise(pauses[:TRIES]))
    assert run.recording
    assert len(run.recording.gaps) == 1
    assert run.recording.error is None


def test_a_camera_with_a_new_address_is_found_and_goes_on_in_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(SMALL, pace=Pace.CAMERA)
    asked: list[Device] = []
    with (
        Simulator([spec], discovery=None) as before,
        Simulator([spec], discovery=None) as after,
    ):
        old, new = make_device(before.cameras[0]), make_device(after.cameras[0])

        def find_again(device: Device) -> Device:
            asked.append(device)
            if len(asked) == 1:  # it is still starting
                raise CameraNotFound("nobody answers")
            if len(asked) == 2:  # and now the device list cannot be read
                raise StorageError("the list is open to others")
            return replace(device, port=new.port)

        monkeypatch.setattr(retry_room, "FIRST_RETRY_S", 0.01)
        run = Run(old, tmp_path, find_again)
        with run.beside() as recorder:
            wait_until(lambda: recorder.video_frames > 0)
            before.stop()
            wait_until(lambda: recorder.reconnects == 1 and recorder.state == "recording")
    assert run.recording
    assert (run.recording.error, run.recording.device.port) == (None, new.port)
    assert [device.port for device in asked] == [old.port] * 3
    (file,) = run.sink.files
    assert count_pictures(file.path) == file.video_packets


def test_another_camera_at_the_address_is_not_recorded(tmp_path: Path) -> None:
    with open_cameras(SMALL, replace(SMALL, device_id=11)) as (ours, other):
        right = make_device(ours)
        wrong = replace(right, port=other.port)
        run = Run(wrong, tmp_path, lambda _: right, duration_s=1.0)
        run._run()
        assert other.sent_access_units == []
    assert run.recording
    assert (run.recording.error, run.recording.device.port) == (None, right.port)


def test_a_camera_that_is_not_found_elsewhere_is_told_as_it_was(tmp_path: Path) -> None:
    with open_camera() as camera:
        device = make_device(camera)

    def find_again(_: Device) -> Device:
        raise CameraNotFound("nobody answers")

    recording = Recorder(Access(device, search=find_again), Run(device, tmp_path).sink).run()
    assert isinstance(recording.error, NetworkError)
    assert device.address in recording.error.message


def test_a_gap_begins_with_the_silence(tmp_path: Path) -> None:
    with open_camera("silence@0.8s*1") as camera:
        run = Run(make_device(camera), tmp_path, silence_s=0.6, duration_s=30.0)
        began = now()
        run._run()
    assert run.recording
    (gap,) = run.recording.gaps
    assert gap.duration_s >= 0.6 + FIRST_RETRY_S
    assert began < gap.start < now() - dt.timedelta(seconds=gap.duration_s)
    assert run.sink.files[0].duration_s == pytest.approx(30.0, abs=0.2)


def test_a_start_without_a_keyframe_is_final(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_room, "KEYFRAME_TIMEOUT_S", 0.3)
    with open_camera("start-on-p-frame", pace=Pace.CAMERA, gop_s=1.2) as camera:
        run = Run(make_device(camera), tmp_path)
        run._run()
    assert run.recording
    assert isinstance(run.recording.error, NetworkTimeout)
    assert "no keyframe" in run.recording.error.message
    assert run.recording.bytes_received > 0
    assert run.sink.files == []
