"""A recording that has once worked goes on, and what is missing of it is told."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.camera.conftest import AfterWrite
from tests.camera.test_reconnecting import Run
from tests.commands.recording_lab import (
    SMALL,
    find_closed_port,
    list_sent,
    make_device,
    open_camera,
    open_cameras,
    wait_until,
)
from tests.readback import read_video
from v380cli.camera import retry as retry_room
from v380cli.camera.access import Search
from v380cli.camera.fleet import Fleet
from v380cli.camera.incidents import Incident, IncidentKind
from v380cli.camera.pipeline import MediaPipeline
from v380cli.camera.recording import Recording
from v380cli.camera.retry import may_mend
from v380cli.errors import (
    Bug,
    CameraNotFound,
    CredentialsRefused,
    DamagedMedia,
    MediaError,
    NetworkError,
    PartialFailure,
    Refused,
    StorageError,
    UnsupportedFirmware,
    V380Error,
)
from v380cli.media.sink import Packet, Track
from v380cli.models import Device
from v380cli.simulator.camera import Pace
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.server import Simulator
from v380cli.wire.commands import Result

LIVE = replace(SMALL, pace=Pace.CAMERA)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry_room, "FIRST_RETRY_S", 0.05)
    monkeypatch.setattr(retry_room, "REFUSED_RETRIES_S", (0.05,))


def record(
    camera: SimulatedCamera, folder: Path, find_again: Search | None = None, **options: float
) -> tuple[Recording, Run, list[Incident]]:
    run = Run(make_device(camera), folder, find_again, **options)
    incidents: list[Incident] = []
    run.recorder.listen_to(incidents.append)
    run._run()
    assert run.recording
    return run.recording, run, incidents


def parse(*faults: str) -> tuple:  # type: ignore[type-arg]
    from v380cli.simulator.faults import parse_fault

    return tuple(parse_fault(text) for text in faults)


@pytest.mark.parametrize("frame", [0, 9])
def test_a_damaged_parameter_set_costs_until_the_next_keyframe(frame: int, tmp_path: Path) -> None:
    with open_camera(f"damaged-parameters@frame:{frame}*1", audio=None) as camera:
        recording, run, _ = record(camera, tmp_path, duration_s=3.0, audio=False)
        sent = list_sent(camera)
    gop = round(SMALL.gop_s * SMALL.fps)
    assert (recording.error, recording.reconnects) == (None, 0)
    recorded = [unit for file in run.sink.files for unit in read_video(file.path)]
    start = -(-frame // gop) * gop
    assert recorded == [*sent[:start], *sent[start + gop :]][: len(recorded)]
    assert len(recorded) > start + gop
    assert recording.dropped_frames == gop


@pytest.mark.parametrize("fault", ["no-video", "junk-video"])
def test_silence_is_judged_by_pictures_that_can_be_used(fault: str, tmp_path: Path) -> None:
    with open_camera(f"{fault}@1s*1", pace=Pace.CAMERA) as camera:
        recording, _, incidents = record(camera, tmp_path, duration_s=5.0, silence_s=1.5)
    (gap,) = recording.gaps
    assert (recording.error, recording.reconnects) == (None, 1)
    assert gap.reason == "no usable picture for 1.5 s"
    assert gap.duration_s >= 1.5
    kinds = [incident.kind for incident in incidents]
    assert kinds == [IncidentKind.LOST, IncidentKind.BACK]
    assert [incident.reason for incident in incidents] == [gap.reason] * 2


def test_a_picture_a_second_is_no_silence(tmp_path: Path) -> None:
    with open_camera(pace=Pace.CAMERA, fps=1, gop_s=2.0, loop_s=4.0) as camera:
        recording, _, incidents = record(camera, tmp_path, duration_s=6.0)
    assert (recording.error, recording.reconnects, recording.gaps) == (None, 0, ())
    assert incidents == []


def test_what_is_missing_at_the_end_is_a_gap(tmp_path: Path) -> None:
    """The recording ends in time, before the watch would take the link for lost."""
    with open_camera("silence@1s", pace=Pace.CAMERA) as camera:
        recording, run, incidents = record(camera, tmp_path, duration_s=4.0)
    (gap,) = recording.gaps
    assert (recording.error, recording.reconnects) == (None, 0)
    assert run.sink.files[0].duration_s == pytest.approx(1.0, abs=0.1)  # without the gap
    assert gap.duration_s == pytest.approx(3.0, abs=0.5)
    assert [incident.kind for incident in incidents] == [IncidentKind.GAP]


def test_a_slow_disk_is_no_silence_of_the_camera(tmp_path: Path, after_write: AfterWrite) -> None:
    naps = [0.9]

    def nap(pipeline: MediaPipeline) -> None:
        if naps and pipeline.video_frames > 5:
            time.sleep(naps.pop())

    after_write(nap)
    with open_camera(pace=Pace.CAMERA) as camera:
        recording, _, _ = record(camera, tmp_path, duration_s=2.5, silence_s=0.8)
    assert (recording.error, recording.reconnects) == (None, 0)


def test_after_a_lost_link_it_goes_on_at_a_keyframe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the camera begins in the middle of a group, those pictures cannot be shown."""
    packets: list[tuple[int, Packet]] = []
    begins_late = replace(LIVE, faults=parse("start-on-p-frame"))
    with (
        Simulator([LIVE], discovery=None) as before,
        open_cameras(begins_late) as (after,),
    ):
        run = Run(make_device(before.cameras[0]), tmp_path, lambda _: make_device(after))
        write = run.sink.write

        def note(packet: Packet) -> None:
            packets.append((run.recorder.reconnects, packet))
            write(packet)

        monkeypatch.setattr(run.sink, "write", note)
        with run.beside() as recorder:
            wait_until(lambda: recorder.video_frames > 3)
            before.stop()
            wait_until(lambda: recorder.reconnects == 1 and recorder.state == "recording")
    first = next(packet for links, packet in packets if links and packet.track is Track.VIDEO)
    assert first.is_keyframe


def test_a_camera_that_is_off_at_the_start_is_waited_for(tmp_path: Path) -> None:
    port = find_closed_port()
    device = Device(device_id=LIVE.device_id, host="127.0.0.1", port=port, password=LIVE.password)
    run = Run(device, tmp_path, wait=True, duration_s=60.0)
    incidents: list[Incident] = []
    run.recorder.listen_to(incidents.append)
    with run.beside() as recorder:
        wait_until(lambda: bool(incidents))
        with open_cameras(replace(LIVE, port=port)):
            wait_until(lambda: recorder.video_frames > 3)
            recorder.stop()
            run.thread.join()
    assert run.recording
    assert (run.recording.error, run.recording.reconnects) == (None, 0)
    assert len(run.recording.gaps) == 1
    assert [each.kind for each in incidents] == [IncidentKind.LOST, IncidentKind.BACK]


def test_a_camera_that_never_comes_is_an_error_at_the_end(tmp_path: Path) -> None:
    device = Device(device_id=5)
    run = Run(device, tmp_path, wait=True, duration_s=0.5)
    run._run()
    assert run.recording
    assert isinstance(run.recording.error, CameraNotFound)
    assert run.recording.gaps[0].duration_s == pytest.approx(0.5)


@pytest.mark.parametrize("result", [Result.WRONG_PASSWORD, Result.NO_PRIVILEGE])
def test_what_is_refused_from_the_start_is_final(result: int, tmp_path: Path) -> None:
    with open_camera("wrong-password", pace=Pace.CAMERA) as camera:
        recording, _, incidents = record(camera, tmp_path, wait=True)
    assert isinstance(recording.error, CredentialsRefused)
    assert [incident.kind for incident in incidents] == [IncidentKind.FAILED]


@pytest.mark.parametrize(
    ("error", "at_first", "waited_for", "later"),
    [
        (NetworkError("x"), False, True, True),
        (CameraNotFound("x"), False, True, True),
        (CredentialsRefused("x"), False, False, True),
        (Refused("x"), False, False, True),
        (UnsupportedFirmware("x"), False, False, True),
        (StorageError("x"), False, False, False),
        (MediaError("x"), False, False, False),
        (DamagedMedia("x"), False, False, False),
        (PartialFailure("x"), False, False, True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, V380Error) else "",
)
def test_what_a_new_link_may_mend(
    error: V380Error, at_first: bool, waited_for: bool, later: bool
) -> None:
    assert may_mend(error, has_worked=False, waits=False) is at_first
    assert may_mend(error, has_worked=False, waits=True) is waited_for
    assert may_mend(error, has_worked=True, waits=False) is later


def test_a_bug_in_one_thread_ends_that_camera_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash() -> Recording:
        raise OSError(24, os.strerror(24))

    with open_cameras(SMALL, replace(SMALL, device_id=11)) as cameras:
        runs = []
        for camera in cameras:
            folder = tmp_path / str(camera.spec.device_id)
            folder.mkdir()
            runs.append(Run(make_device(camera), folder, duration_s=1.0))
        monkeypatch.setattr(runs[0].recorder, "run", crash)
        broken, whole = Fleet([run.recorder for run in runs]).run(lambda: None)
    assert isinstance(broken.error, Bug)
    assert "OSError" in broken.error.message
    assert whole.error is None
    assert len(runs[1].sink.files) == 1
