"""`v380 watch --tune`: the picture with what is seen, on a screen that only takes notes."""

from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import pytest

from tests.commands.recording_lab import make_device, open_camera
from tests.commands.test_watch import PERSON
from v380cli.commands.watch.tune import TuneView, format_options
from v380cli.models import Device
from v380cli.sinks.motion import Box, MotionOptions
from v380cli.sinks.screen.scene import Scene


class Notes:
    """A screen that keeps scenes, and closes when an event and what moves are shown."""

    KEYS: ClassVar[dict[str, str]] = {}
    is_ready = True

    def __init__(self) -> None:
        self.scenes: list[Scene] = []

    @property
    def is_closed(self) -> bool:
        last = self.scenes[-1] if self.scenes else Scene()
        return last.badge == "MOTION" and "moves:" in last.status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, scene: Scene) -> None:
        self.scenes.append(scene)

    def read_keys(self, timeout_s: float) -> list[str]:
        return []


@pytest.fixture(autouse=True)
def own_data(data_dir: Path) -> Path:
    return data_dir


def test_what_moves_is_framed_and_what_does_not_count_is_dark() -> None:
    notes = Notes()
    options = MotionOptions(masks=(Box(0.0, 0.0, 0.1, 0.1),))
    with open_camera(**PERSON) as camera:
        watched = TuneView(make_device(camera), notes, options, economy=False).run()
    assert watched.error is None
    last = notes.scenes[-1]
    assert "moves:" in last.status
    assert "--sensitivity 5" in last.status
    assert last.picture
    pixels = last.picture.to_ndarray(format="rgb24").astype(int)
    assert (pixels == (90, 255, 90)).all(axis=2).any()
    height, width = pixels.shape[:2]
    corner, beside = pixels[: height // 12, : width // 12], pixels[: height // 12, width // 2 :]
    assert np.median(corner) * 2 < np.median(beside)


def test_keys_set_what_counts() -> None:
    view = TuneView(Device(name="porch"), Notes(), MotionOptions(), economy=False)
    assert [view.press(key) for key in "+++++++"][-1] == ""
    assert view.options.sensitivity == 10
    assert view.press("-") == "--sensitivity 9"
    view = TuneView(Device(name="porch"), Notes(), MotionOptions(), economy=False)
    assert view.press(">") == "--sensitivity 5 --min-area 0.0015"
    assert view.press("<") == "--sensitivity 5 --min-area 0.0012"
    assert view.press("x") == ""
    assert format_options(view.options) == "--sensitivity 5 --min-area 0.0012"


@pytest.mark.parametrize("key", ["<", ">"])
def test_an_area_of_nothing_can_be_changed(key: str) -> None:
    view = TuneView(Device(device_id=1), Notes(), MotionOptions(min_area=0.0), economy=False)
    assert view.press(key).startswith("--sensitivity 5 --min-area ")
    assert view.options.least_area > 0
