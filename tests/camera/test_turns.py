"""Pictures of two lenses under the same frame types are told apart, or left out."""

from collections.abc import Iterator
from itertools import count

import pytest

from v380cli.camera.turns import LensTurns
from v380cli.media.access_unit import AccessUnit, classify_access_unit
from v380cli.media.nal import START_CODE, split_nal_units
from v380cli.media.sink import Codec
from v380cli.simulator.footage import FootageSpec, load_footage
from v380cli.wire.commands import FrameType
from v380cli.wire.session import MediaReceived

GOP = 8
CODECS = pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])


def make_lens(codec: Codec, width: int, height: int) -> list[AccessUnit]:
    spec = FootageSpec(
        codec=codec, width=width, height=height, bitrate=100_000, gop_s=GOP / 15, loop_s=GOP / 15
    )
    units = [classify_access_unit(unit.data, codec) for unit in load_footage(spec).access_units]
    assert len(units) == GOP
    return [unit for unit in units if unit]


def repeat(lens: list[AccessUnit], start: int = 0) -> Iterator[AccessUnit]:
    for index in count(start):
        yield lens[index % GOP]


class Stream:
    """What a camera of two lenses sends, and whose each picture is said to be."""

    def __init__(self, codec: Codec, *, start: int = 0) -> None:
        self.turns = LensTurns()
        self.told: list[int | None] = []
        self.true: list[int] = []
        self._lenses = repeat(make_lens(codec, 192, 128)), repeat(make_lens(codec, 256, 144), start)
        self._ids = count(1)

    def send(self, order: str, times: int = 1) -> None:
        for name in order * times:
            lens = "ABab".index(name) % 2
            unit, frame_id = next(self._lenses[lens]), next(self._ids)
            if name.islower():
                continue  # lost on the way
            media = MediaReceived(FrameType.H264_DELTA, frame_id, 15, 0, unit.data, "video")
            if self.turns.is_on:
                self.turns.note(media)
            self.told.append(self.turns.find(unit, frame_id / 30))
            self.true.append(lens)

    def count_untold(self, since: int) -> int:
        """How many could not be told; none may be told wrongly."""
        pairs = list(zip(self.told[since:], self.true[since:], strict=True))
        assert [told for told, _ in pairs if told is not None] == [
            true for told, true in pairs if told is not None
        ]
        return sum(told is None for told, _ in pairs)


@CODECS
@pytest.mark.parametrize(
    ("order", "start"), [("AB", 0), ("AB", GOP // 2), ("AAAB", 0), ("AAAB", 5), ("ABBA", 3)]
)
def test_each_picture_is_told_once_both_have_begun(codec: Codec, order: str, start: int) -> None:
    stream = Stream(codec, start=start)
    while not stream.turns.is_on:
        stream.send(order)
        assert len(stream.told) < 30 * GOP
    stream.send(order, 4 * GOP)
    settled = len(stream.told)
    stream.send(order, 10 * GOP)
    first_told = stream.told.index(1)
    stream.count_untold(first_told)
    assert stream.count_untold(settled) == 0


@CODECS
@pytest.mark.parametrize("lost", ["aB", "Ab", "aBAb", "ab"])
def test_after_a_loss_nothing_is_told_wrongly(codec: Codec, lost: str) -> None:
    stream = Stream(codec)
    stream.send("AB", 6 * GOP)
    settled = len(stream.told)
    stream.send("AB", 3)
    stream.send(lost)
    stream.send("AB", 3 * GOP)
    assert 0 < stream.count_untold(settled) <= 2 * GOP


@CODECS
def test_pictures_of_one_lens_are_never_looked_into(codec: Codec) -> None:
    turns = LensTurns()
    lens = make_lens(codec, 192, 128)
    assert [turns.find(unit, 0.0) for unit in lens * 5] == [0] * 5 * GOP
    assert not turns.is_on


@CODECS
def test_parameter_sets_that_come_one_by_one_are_of_one_lens(codec: Codec) -> None:
    turns = LensTurns()
    keyframe = make_lens(codec, 192, 128)[0].data
    for _ in range(10):
        for nal in split_nal_units(keyframe):
            unit = classify_access_unit(START_CODE + nal, codec)
            assert unit is not None
            assert turns.find(unit, 0.0) == 0
    assert not turns.is_on


def test_sizes_that_change_seldom_are_of_one_lens() -> None:
    turns = LensTurns()
    lenses = make_lens(Codec.H264, 192, 128), make_lens(Codec.H264, 256, 144)
    for day in range(10):
        assert turns.find(lenses[day % 2][0], day * 43_200.0) == 0
    assert not turns.is_on


def test_a_third_size_ends_it() -> None:
    stream = Stream(Codec.H264)
    stream.send("AB", 3 * GOP)
    assert stream.turns.is_on
    assert stream.turns.find(make_lens(Codec.H264, 320, 180)[0], 10.0) == 0
    assert not stream.turns.is_on
