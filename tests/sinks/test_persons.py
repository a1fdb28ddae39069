"""Persons by a net of the user: tiny ones that take what is red for a person."""

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest

from tests.sinks.test_motion import film
from tests.sinks.tiny_onnx import make_brightness_net
from v380cli.errors import InvalidInput
from v380cli.simulator.scenes import SceneName
from v380cli.sinks.motion import Box, MotionOptions
from v380cli.sinks.motion_sink import Judge, MotionSink, Sighting
from v380cli.sinks.persons import PersonFinder


def make_finder(folder: Path, *, with_objectness: bool = False, size: int = 64) -> PersonFinder:
    path = folder / "model.onnx"
    path.write_bytes(make_brightness_net(size, 4, with_objectness=with_objectness))
    return PersonFinder(path)


def make_picture() -> av.VideoFrame:
    """Grey, with something red in the right lower quarter."""
    pixels = np.full((180, 320, 3), 60, np.uint8)
    pixels[120:170, 220:300] = (250, 20, 20)
    return av.VideoFrame.from_ndarray(pixels, format="rgb24")


@pytest.mark.parametrize("with_objectness", [False, True])
@pytest.mark.parametrize("size", [64, 320])
def test_only_what_moves_is_looked_at(tmp_path: Path, with_objectness: bool, size: int) -> None:
    finder = make_finder(tmp_path, with_objectness=with_objectness, size=size)
    red, grey = Box(0.7, 0.7, 0.22, 0.2), Box(0.1, 0.1, 0.2, 0.2)
    assert finder.find(make_picture(), [red]) > 0.7
    assert finder.find(make_picture(), [grey]) == 0.0
    assert finder.find(make_picture(), []) == 0.0
    assert finder.find(make_picture(), [Box(0.999, 0.999, 0.001, 0.001)]) == 0.0


def test_nothing_starts_that_is_no_person() -> None:
    asked: list[Sequence[Box]] = []

    def refuse(_picture: av.VideoFrame, boxes: Sequence[Box]) -> float:
        asked.append(boxes)
        return 0.0

    assert watch(refuse) == []
    assert asked
    (start,) = watch(lambda *_: 0.75)
    assert start.look.score == 0.75


def watch(judge: Judge) -> list[Sighting]:
    """What starts while a person crosses."""
    starts: list[Sighting] = []
    sink = MotionSink(MotionOptions(), on_start=starts.append, on_end=lambda _: None, judge=judge)
    formats, packets = film(SceneName.PERSON)
    sink.open(formats, packets[0].data)
    for packet in packets:
        sink.write(packet)
    return starts


@pytest.mark.parametrize(
    "data",
    [None, b"", b"no net", make_brightness_net(100, 4, with_objectness=False)],
    ids=["missing", "empty", "text", "a size of nobody's"],
)
def test_what_is_no_such_net_is_refused(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "model.onnx"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InvalidInput):
        PersonFinder(path)
