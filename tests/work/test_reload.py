"""A device list that is read again: who joins, leaves or has changed, and what they share."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.commands.recording_lab import (
    SMALL,
    list_sent,
    make_device,
    open_cameras,
    wait_until,
)
from v380cli.camera.access import Access
from v380cli.camera.recorder import Recorder
from v380cli.camera.recorder_state import RecorderState
from v380cli.models import Device, Quality, Secret
from v380cli.net.control_socket import list_sockets
from v380cli.simulator.camera import Pace
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.segmented import SegmentedSink
from v380cli.store.paths import find_run_dir
from v380cli.work.recording import RecordJob, RecordPlan
from v380cli.work.recording_result import CameraResult
from v380cli.work.roster import Roster, has_changed

LISTED = Device(name="porch", device_id=7, host="192.0.2.7", password=Secret("one"))


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "192.0.2.8"},
        {"port": 9000},
        {"username": "owner"},
        {"password": Secret("two")},
        {"quality": Quality.SD},
        {"name": "yard"},
    ],
)
def test_what_an_owner_sets_is_news(changes: dict[str, object]) -> None:
    assert has_changed(replace(LISTED, **changes), LISTED, LISTED)  # type: ignore[arg-type]


def test_what_we_have_learnt_ourselves_is_no_news() -> None:
    moved = replace(LISTED, host="192.0.2.9", login_variant="31/zero48")
    assert not has_changed(moved, LISTED, moved)
    assert not has_changed(LISTED, LISTED, moved)  # the list could not be written
    assert has_changed(replace(moved, host="192.0.2.8"), LISTED, moved)


def make_recorder(device: Device, tmp_path: Path) -> Recorder:
    sink = SegmentedSink(lambda _: tmp_path, ContainerFormat.MP4, lambda: None)  # type: ignore[arg-type,return-value]
    return Recorder(Access(device), sink)


def test_each_reading_is_compared_with_the_last(tmp_path: Path) -> None:
    roster, recorder = Roster(), make_recorder(LISTED, tmp_path)
    roster.note(LISTED, recorder)
    other = Device(name="yard", device_id=8)
    assert roster.compare([LISTED, other]) == ([other], [], [])
    changed = replace(LISTED, port=9000)
    assert roster.compare([changed]) == ([], [], [(recorder, changed)])
    recorder.state = RecorderState.FAILED
    assert roster.compare([LISTED]) == ([LISTED], [], [])
    assert roster.compare([]) == ([], [recorder], [])
    assert roster.compare([]) == ([], [], [])


@contextlib.contextmanager
def run(job: RecordJob) -> Iterator[list[CameraResult]]:
    """Record in a thread; the results are there behind the block."""
    results: list[CameraResult] = []
    thread = threading.Thread(target=lambda: results.extend(job.run()))
    thread.start()
    try:
        yield results
    finally:
        job.stop()
        thread.join()


def is_shared(device: Device) -> bool:
    return bool(list_sockets(find_run_dir(), str(device.device_id)))


def test_who_joins_is_shared_and_who_leaves_is_not(data_dir: Path, tmp_path: Path) -> None:
    with open_cameras(*(replace(SMALL, device_id=number) for number in (1, 2))) as cameras:
        leaves, joins = map(make_device, cameras)
        job = RecordJob([leaves], RecordPlan(output=f"{tmp_path}/v/"))
        with run(job) as results:
            wait_until(lambda: is_shared(leaves))
            job.reload(lambda: [joins])
            wait_until(lambda: is_shared(joins) and not is_shared(leaves))
    assert [result.recording.device.device_id for result in results] == [1, 2]


def test_what_is_changed_takes_effect_after_the_file_is_closed(
    data_dir: Path, tmp_path: Path
) -> None:
    """The camera has moved to another port, and to another password."""
    specs = [replace(SMALL, pace=Pace.CAMERA, password=Secret(text)) for text in ("one", "two")]
    with open_cameras(*specs) as cameras:
        before, after = map(make_device, cameras)
        job = RecordJob([before], RecordPlan(output=f"{tmp_path}/v/"))
        with run(job) as results:
            wait_until(lambda: job.recorders[0].video_frames > 0)
            job.reload(lambda: [before])
            job.reload(lambda: [after])
            wait_until(lambda: len(job.recorders) == 2 and job.recorders[1].video_frames > 0)
            assert job.recorders[0].state is RecorderState.DONE
    assert list_sent(cameras[1])
    assert [len(result.files) for result in results] == [1, 1]
    assert [result.error for result in results] == [None, None]
