"""A stream that is opened when it is wanted: again after a failure, which is told once."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from tests.commands.recording_lab import wait_until
from tests.media_samples import make_video
from v380cli.camera import retry
from v380cli.camera.access import Access
from v380cli.camera.gaps import GapList
from v380cli.camera.media_hub import MediaHub
from v380cli.commands import _on_demand
from v380cli.commands._on_demand import OnDemandStream
from v380cli.errors import NetworkError, V380Error
from v380cli.media.sink import Codec, Formats, Sink
from v380cli.models import Device

PORCH = Device(name="porch", device_id=1, host="127.0.0.1")


@dataclass
class ScriptedRecorder:
    """Shows a picture or not, and fails."""

    device: Device
    sink: Sink
    has_picture: bool
    state = "recording"
    video_frames = bytes_received = dropped_frames = reconnects = 0

    def __post_init__(self) -> None:
        self.gaps = GapList()
        self.access = Access(self.device)

    def run(self) -> Any:
        if self.has_picture:
            video = make_video(Codec.H264)
            self.sink.open(Formats(video.format), video.keyframe)
        return SimpleNamespace(error=NetworkError("the camera is off"))

    def stop(self) -> None:
        """It ends by itself."""


class NotedHub(MediaHub):
    """Tells what it was told."""

    is_idle = False

    def set_idle(self, is_idle: bool) -> None:
        self.is_idle = is_idle


class WaitingRecorder(ScriptedRecorder):
    """Goes on until it is stopped."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.access.hub = self.hub = NotedHub()
        self._is_stopped = threading.Event()

    def run(self) -> Any:
        self._is_stopped.wait()
        return SimpleNamespace(error=None)

    def stop(self) -> None:
        self._is_stopped.set()


def script(*has_pictures: bool) -> tuple[Callable[[Device, Sink], Any], list[ScriptedRecorder]]:
    """What opens one recorder after the other, the last again and again; and those opened."""
    opened: list[ScriptedRecorder] = []

    def open_recorder(device: Device, sink: Sink) -> Any:
        number = min(len(opened), len(has_pictures) - 1)
        opened.append(ScriptedRecorder(device, sink, has_pictures[number]))
        return opened[-1]

    return open_recorder, opened


@pytest.mark.parametrize(("has_pictures", "told"), [((False,), 1), ((False, True, False), 2)])
def test_a_failure_is_told_once_and_again_after_it_was_over(
    has_pictures: tuple[bool, ...],
    told: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(retry, "FIRST_RETRY_S", 0.0)
    open_recorder, opened = script(*has_pictures)
    stream = OnDemandStream(PORCH, open_recorder, is_always=False)

    def is_tried_often() -> bool:
        stream.tick()
        return len(opened) > 5

    with stream.hold():
        wait_until(is_tried_often)
    stream.stop()
    stream.join()
    assert capsys.readouterr().err == "porch: the camera is off\n" * told


def test_what_is_always_open_is_prompt_while_somebody_holds_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_on_demand, "LINGER_S", 0.0)
    recorders: list[WaitingRecorder] = []

    def open_recorder(device: Device, sink: Sink) -> Any:
        recorders.append(WaitingRecorder(device, sink, has_picture=False))
        return recorders[-1]

    stream = OnDemandStream(PORCH, open_recorder, is_always=True)

    def has_pace(*, is_idle: bool) -> bool:
        stream.tick()
        return recorders[0].hub.is_idle is is_idle

    try:
        wait_until(lambda: has_pace(is_idle=True))
        with stream.hold():
            assert has_pace(is_idle=False)
        wait_until(lambda: has_pace(is_idle=True))
    finally:
        stream.stop()
        stream.join()


def test_what_failed_is_not_tried_again_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(retry, "FIRST_RETRY_S", 3600.0)
    open_recorder, opened = script(False)
    stream = OnDemandStream(PORCH, open_recorder, is_always=False)

    def has_failed() -> bool:
        try:
            stream.is_ready()
        except V380Error as error:
            return error.message == "the camera is off"
        return False

    for _ in range(3):
        with stream.hold():
            wait_until(has_failed)
    stream.stop()
    assert len(opened) == 1
    assert capsys.readouterr().err.count("\n") == 1
