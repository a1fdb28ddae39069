"""A disk that stands still for 40 s: file, result and lines tell the same of it."""

import logging
import threading
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import pytest

from tests.camera.test_reconnecting import Run
from tests.commands.recording_lab import FPS, SMALL, make_device, open_cameras, wait_until
from v380cli.camera.incidents import Incident, IncidentKind
from v380cli.media.sink import Packet
from v380cli.simulator.camera import Pace
from v380cli.simulator.firmware import SimulatedCamera

STALL_S = 40.0
# more than a camera and both ends of a connection can hold for so long
LIVE = replace(SMALL, pace=Pace.CAMERA, bitrate=3_000_000, audio=None)


class SteppedClock:
    """The monotonic clock of this process, put forward as if that time had passed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._read, self._ahead_s = time.monotonic, 0.0
        monkeypatch.setattr(time, "monotonic", lambda: self._read() + self._ahead_s)

    def step(self, seconds: float) -> None:
        self._ahead_s += seconds


def has_filmed(camera: SimulatedCamera, pictures: int) -> bool:
    """Whether it has sent or thrown away so many."""
    return sum(map(len, list(camera.sent_access_units))) + camera.dropped_frames >= pictures


def read_times(path: Path) -> list[float]:
    with av.open(path) as source:
        return [float(p.pts * p.time_base) for p in source.demux(video=0) if p.pts is not None]


def test_a_disk_that_stands_still_for_40_s_costs_what_file_result_and_lines_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    clock = SteppedClock(monkeypatch)
    stalled = threading.Event()
    incidents: list[Incident] = []
    with open_cameras(LIVE) as (camera,):
        run = Run(make_device(camera), tmp_path)
        run.recorder.listen_to(incidents.append)
        write = run.sink.write

        def write_or_stall(packet: Packet) -> None:
            write(packet)
            if run.recorder.video_frames > FPS and not stalled.is_set():
                stalled.set()
                clock.step(STALL_S)
                wait_until(lambda: has_filmed(camera, round((STALL_S + 1) * FPS)))

        monkeypatch.setattr(run.sink, "write", write_or_stall)
        with run.beside() as recorder:
            wait_until(lambda: len(incidents) > 0 and recorder.duration_s > STALL_S + 2)
    assert run.recording
    ((gap,), (incident,)) = run.recording.gaps, incidents
    (file,) = run.sink.files
    times = read_times(file.path)
    holes = [after - before for before, after in pairwise(times) if after - before > 1]
    lost_s = camera.dropped_frames / FPS
    assert lost_s > STALL_S / 2
    assert holes == [pytest.approx(gap.duration_s, abs=0.1)]
    assert gap.duration_s == pytest.approx(lost_s, abs=2 / FPS)
    assert gap.reason.startswith("writing stood still for 40.")
    assert (incident.kind, incident.reason) == (IncidentKind.GAP, gap.reason)
    assert incident.duration_s == gap.duration_s
    label = run.recorder.device.label
    assert caplog.messages == [f"{label}: {gap.duration_s:.1f} s are missing: {gap.reason}"]
    assert file.duration_s == pytest.approx(len(times) / FPS + gap.duration_s, abs=0.2)
    assert run.recording.reconnects == 0
