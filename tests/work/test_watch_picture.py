"""Our own eyes where links are scarce: one viewer only, or another v380 that has the camera."""

import threading
from pathlib import Path
from typing import Any

import pytest

from tests.commands.recording_lab import make_device, open_camera, wait_until
from tests.commands.test_watch import PERSON
from tests.readback import count_pictures
from tests.work.watching_lab import Listener, running
from v380cli.camera.recorder import Recorder, RecordOptions
from v380cli.camera.recorder_state import RecorderState
from v380cli.camera.transport import LiveLink
from v380cli.models import Quality
from v380cli.sinks.picture_sink import PictureSink
from v380cli.work.sharing import offer_controls
from v380cli.work.targets import reach
from v380cli.work.watch.events import EventName
from v380cli.work.watch.picture import PictureWatch
from v380cli.work.watch.plan import WatchPlan

SCENE = {**PERSON, "max_viewers": 1}


@pytest.fixture(autouse=True)
def own_data(data_dir: Path) -> Path:
    return data_dir


def test_a_camera_for_one_viewer_is_watched_over_one_link(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The eye comes second: the simulated camera lets both in who ask at the same moment."""
    told = Listener()
    with open_camera(**SCENE) as camera:
        plan = WatchPlan(record=str(tmp_path / "clips"), post_s=0.0)
        watch = PictureWatch(make_device(camera), plan, told, None)
        assert watch._eye
        access = watch._eye.access
        open_live = access.open_live

        def open_second(**options: Any) -> LiveLink:
            wait_until(lambda: watch.main.state is RecorderState.RECORDING)
            return open_live(**options)

        monkeypatch.setattr(access, "open_live", open_second)
        with running(watch) as results:
            wait_until(lambda: "one link is used, as with --economy" in caplog.text)
            wait_until(lambda: watch.main.state is RecorderState.RECORDING)
            wait_until(lambda: bool(list_clips(told)))
    assert results[0].error is None
    assert count_pictures(list_clips(told)[0]) > 0
    assert EventName.CAMERA_LOST not in told.names


def list_clips(told: Listener) -> list[Path]:
    """Those that are whole."""
    return [
        event.clip
        for event in list(told.events)
        if event.clip and event.name is EventName.MOTION_END
    ]


def test_a_camera_that_another_v380_has_is_watched_through_it() -> None:
    told = Listener()
    with open_camera(**SCENE) as camera:
        holder = Recorder(reach(make_device(camera)), PictureSink(), RecordOptions())
        holding = threading.Thread(target=holder.run)
        with offer_controls(holder):
            holding.start()
            wait_until(lambda: holder.state is RecorderState.RECORDING)
            watch = PictureWatch(make_device(camera), WatchPlan(), told, None)
            with running(watch):
                told.wait_for(EventName.MOTION_START)
            holder.stop()
            holding.join()
    assert watch.main.options.quality is Quality.HD
    assert watch.main.reconnects == 0
