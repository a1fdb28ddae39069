"""Motion on scenes drawn small, and the words that say what counts as motion."""

import datetime as dt
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from v380cli.errors import InvalidInput
from v380cli.media.access_unit import classify_access_unit
from v380cli.media.gate import KeyframeGate
from v380cli.media.sink import AudioFormat, Codec, Formats, Packet, Track
from v380cli.simulator.footage import FootageSpec, load_footage
from v380cli.simulator.scenes import ACTION_S, LOOP_S, PLOTS, SceneName
from v380cli.sinks.motion import Box, MotionDetector, MotionOptions, parse_box
from v380cli.sinks.motion_sink import MotionSink, Sighting

FPS = 5
HALF, TINY = (320, 180), (160, 88)
SCENES = sorted(PLOTS, key=list(PLOTS).index)
OBJECTS = [scene for scene in SCENES if PLOTS[scene].moves]
TRAPS = [scene for scene in SCENES if not PLOTS[scene].moves]
EVERYWHERE = MotionOptions()


@cache
def film(scene: SceneName, size: tuple[int, int] = HALF) -> tuple[Formats, list[Packet]]:
    """A scene as packets, as a camera's SD stream of half the usual size."""
    spec = FootageSpec(
        scene=scene,
        device_id=3,
        width=size[0],
        height=size[1],
        fps=FPS,
        bitrate=250_000,
        gop_s=2.0,
        loop_s=LOOP_S,
        clock=dt.time(9, 59, 45),
    )
    gate, packets = KeyframeGate(), []
    for number, access_unit in enumerate(load_footage(spec).access_units):
        unit = classify_access_unit(access_unit.data, spec.codec)
        gated = gate.admit(unit) if unit else None
        assert gated
        packets.append(Packet(Track.VIDEO, gated.data, number * 1000 // FPS, gated.is_keyframe))
    assert gate.format
    return Formats(gate.format), packets


class Witness:
    """What a sink says of a scene, with the time of the packet at which it said it."""

    def __init__(self, options: MotionOptions = EVERYWHERE, *, keyframes_only: bool = False):
        self.said: list[tuple[str, int]] = []
        self.best: list[Sighting] = []
        self.now_ms = 0
        self.sink = MotionSink(
            options,
            on_start=lambda _: self.said.append(("start", self.now_ms)),
            on_end=self._note_end,
            keyframes_only=keyframes_only,
        )

    def _note_end(self, best: Sighting) -> None:
        self.said.append(("end", self.now_ms))
        self.best.append(best)

    def watch(self, scene: SceneName, size: tuple[int, int] = HALF) -> "Witness":
        formats, packets = film(scene, size)
        self.sink.open(formats, packets[0].data)
        for packet in packets:
            self.now_ms = packet.pts_ms
            self.sink.write(packet)
        self.sink.close()
        return self


@pytest.mark.parametrize("scene", OBJECTS)
def test_what_moves_is_found_once(scene: SceneName) -> None:
    """Keyframes alone show what is there for longer than from one to the next."""
    witness = Witness().watch(scene)
    assert [word for word, _ in witness.said] == ["start", "end"]
    assert ACTION_S * 1000 <= witness.said[0][1] <= (ACTION_S + 3) * 1000
    assert 0 < witness.best[0].look.score < 1
    assert bool(Witness(keyframes_only=True).watch(scene).said) is (scene is not SceneName.QUICK)


@pytest.mark.parametrize("scene", TRAPS)
def test_what_only_seems_to_move_is_no_event(scene: SceneName) -> None:
    assert Witness().watch(scene).said == []
    assert Witness(keyframes_only=True).watch(scene).said == []


@pytest.mark.parametrize("scene", SCENES)
def test_small_pictures_show_the_same(scene: SceneName) -> None:
    """Noise, drops and the digits of the clock are large in them."""
    assert bool(Witness().watch(scene, TINY).said) is PLOTS[scene].moves


def test_a_sleeping_eye_sees_nothing() -> None:
    witness = Witness()
    witness.sink.is_awake = False
    assert witness.watch(SceneName.PERSON).sink.looks == 0


def test_the_largest_sighting_is_kept() -> None:
    """With its picture and the place of what moved: on the ground, not in the sky."""
    (best,) = Witness().watch(SceneName.PERSON).best
    assert (best.picture.width, best.picture.height) == (320, 180)
    assert best.look.boxes[0].y > 0.3
    assert best.look.area == pytest.approx(0.02, abs=0.015)


def test_only_zones_count_and_masks_do_not() -> None:
    """The cat walks along the lower edge."""
    sky, ground = Box(0, 0, 1, 0.5), Box(0, 0.5, 1, 0.5)
    assert Witness(MotionOptions(zones=(sky,))).watch(SceneName.CAT).said == []
    assert Witness(MotionOptions(masks=(ground,))).watch(SceneName.CAT).said == []
    assert Witness(MotionOptions(zones=(ground,), masks=(sky,))).watch(SceneName.CAT).said


def test_what_is_small_counts_if_that_is_wanted() -> None:
    assert Witness(MotionOptions(min_area=0.05)).watch(SceneName.FAR).said == []
    assert MotionOptions(sensitivity=10).least_area < MotionOptions(sensitivity=1).least_area
    assert MotionOptions(sensitivity=10).least_difference < MotionOptions().least_difference


def test_sound_is_nothing_to_see() -> None:
    witness = Witness()
    formats, packets = film(SceneName.PERSON)
    witness.sink.open(Formats(formats.video, AudioFormat(Codec.PCM, 8000)), packets[0].data)
    witness.sink.write(Packet(Track.AUDIO, b"\0" * 1010, 0))
    assert witness.sink.looks == 0


def draw_squares() -> Iterator[np.ndarray]:
    """A grey picture, in which a white square appears with each step further right."""
    for number in range(100):
        picture = np.full((180, 320), 90, np.uint8)
        if number > 20:
            picture[80:110, 10 + number * 2 : 40 + number * 2] = 220
        yield picture


def test_a_new_size_or_a_long_gap_begins_anew() -> None:
    """What was there before says nothing then."""
    detector = MotionDetector()
    pictures = list(draw_squares())
    for number, picture in enumerate(pictures[:20]):
        detector.look(picture, number / FPS)
    assert detector.look(pictures[30], 20 / FPS).boxes
    assert not detector.look(pictures[40], 60.0).boxes
    assert not detector.look(pictures[60][:90], 60.2).boxes


def test_what_appears_and_stays_has_not_moved() -> None:
    """The minutes of a clock, a lamp that goes on: it differs at once, and stirs no more."""
    detector, picture = MotionDetector(), np.full((180, 320), 90, np.uint8)
    for number in range(25):
        detector.look(picture, number / FPS)
    changed = picture.copy()
    changed[80:110, 100:140] = 220
    assert detector.look(changed, 25 / FPS).boxes
    assert not detector.look(changed, 26 / FPS).boxes


@pytest.mark.parametrize(
    "text", ["", "1", "0,0,1", "0,0,0,1", "0.5,0,0.6,1", "a,b,c,d", "-1,0,1,1"]
)
def test_what_is_no_part_of_a_picture_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_box(text)


def test_a_part_of_a_picture() -> None:
    assert parse_box("0.5, 0, 0.25,1") == Box(0.5, 0, 0.25, 1)
