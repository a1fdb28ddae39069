"""One run of a campaign: a recorder on a camera that does what it wants, then the verdict."""

import contextlib
import datetime as dt
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from tests.fault_campaign.camera import TIMEOUT_S, CampaignCamera
from tests.fault_campaign.plan import SILENCE_S, Plan, draw_plan
from tests.fault_campaign.readout import read_pictures, read_sound
from tests.fault_campaign.verdict import Told, Verdict, judge
from v380cli.camera.access import Access
from v380cli.camera.recorder import Recorder, RecordOptions
from v380cli.camera.recording import Recording
from v380cli.camera.retry import BackOff
from v380cli.errors import V380Error
from v380cli.models import Device, Secret
from v380cli.sinks.segmented import SegmentedSink

PAUSE_S = 0.02  # between attempts to reconnect, whatever the recorder would wait


@dataclass(frozen=True)
class Outcome:
    """What a run showed, and what it was."""

    number: int
    description: str
    verdict: Verdict
    took_s: float


def run(seed: int, number: int, folder: Path | None = None) -> Outcome:
    """Do one run; its files stay in the folder, where one is given."""
    start = time.monotonic()
    plan = draw_plan(seed, number)
    with _open_folder(folder) as place:
        verdict = _record(plan, place)
    return Outcome(number, plan.describe(), verdict, time.monotonic() - start)


@contextlib.contextmanager
def _open_folder(folder: Path | None) -> Iterator[Path]:
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory() as temporary:
        yield Path(temporary)


class _Operator(threading.Thread):
    """Runs the recorder, keeps what it returns or the traceback of what it should not raise."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(name="campaign-recorder", daemon=True)
        self._recorder = recorder
        self.recording: Recording | None = None
        self.trace = ""

    def run(self) -> None:
        try:
            self.recording = self._recorder.run()
        except BaseException:  # whatever it is, it is a bug
            self.trace = traceback.format_exc()


def _record(plan: Plan, folder: Path) -> Verdict:
    sink = SegmentedSink(
        lambda _: folder / f"recording.{plan.container}",
        plan.container,
        lambda: dt.datetime.now(dt.UTC),
    )
    with CampaignCamera(plan) as camera, mock.patch.object(BackOff, "next_pause_s", _pause_s):
        device = Device(
            device_id=12345678, host="127.0.0.1", port=camera.port, password=Secret("campaign")
        )
        recorder = Recorder(Access(device), sink, RecordOptions(silence_s=SILENCE_S))
        operator = _Operator(recorder)
        operator.start()
        _wait_for_end(camera, operator)
        is_stopped = operator.is_alive()
        recorder.stop()
        operator.join(TIMEOUT_S)
    return _judge(plan, camera, operator, sink, is_stopped)


def _pause_s(_: BackOff, _error: V380Error) -> float:
    return PAUSE_S


def _wait_for_end(camera: CampaignCamera, operator: _Operator) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while operator.is_alive() and time.monotonic() < deadline:
        if camera.finished.wait(0.05):
            return


def _judge(
    plan: Plan, camera: CampaignCamera, operator: _Operator, sink: SegmentedSink, is_stopped: bool
) -> Verdict:
    recording = operator.recording
    if recording is None:
        what = "traceback" if operator.trace else "hang"
        return Verdict(faults={what: operator.trace.strip() or f"no end after {TIMEOUT_S:g} s"})
    dropped = recording.dropped_frames + sink.dropped_frames
    dropped += recording.unusable_audio + sink.unplaced_audio
    told = Told(dropped, tuple(gap.duration_s for gap in recording.gaps))
    try:
        pictures = [
            unit for file in sink.files for units in read_pictures(file.path) for unit in units
        ]
        sound = [read_sound(file.path, plan.sound) for file in sink.files] if plan.sound else []
    except Exception as error:
        return Verdict(faults={"unreadable file": repr(error)})
    blocks = None if None in sound else [block for blocks in sound for block in blocks or ()]
    verdict = judge(camera.journal, pictures, blocks, told)
    if not is_stopped:
        verdict.faults["given up"] = _explain(recording.error)
    elif not camera.finished.is_set():
        verdict.faults["hang"] = f"nothing new for {TIMEOUT_S:g} s"
    elif recording.error:
        verdict.faults["ended with an error"] = _explain(recording.error)
    return verdict


def _explain(error: V380Error | None) -> str:
    return f"{type(error).__name__}: {error.message}" if error else "without an error"
