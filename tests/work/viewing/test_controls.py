"""What the keys of `v380 view` send, without a camera."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from v380cli.camera.recorder import Recorder
from v380cli.errors import NetworkError
from v380cli.wire.control import (
    HELD_INTERVAL_S,
    Pan,
    PtzControl,
    Tilt,
    ZoomControl,
    ZoomDirection,
    decode_control,
)
from v380cli.work.viewing.controls import HELP, ControlKeys


class Link:
    """A recorder that only takes notes."""

    ticket = SimpleNamespace(abilities=None)

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.is_up = True

    def send_control(self, packet: bytes) -> None:
        if not self.is_up:
            raise NetworkError("the camera is not connected at the moment")
        self.sent.append(decode_control(packet))


class Clock:
    """Monotonic seconds that a test sets."""

    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def link() -> Link:
    return Link()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(link: Link, clock: Clock) -> ControlKeys:
    return ControlKeys(cast(Recorder, link), clock=clock)


@pytest.mark.parametrize(
    ("names", "control"),
    [
        (("left", "h"), PtzControl(pan=Pan.LEFT, step=1)),
        (("right", "l"), PtzControl(pan=Pan.RIGHT, step=1)),
        (("up", "k"), PtzControl(tilt=Tilt.UP, step=1)),
        (("down", "j"), PtzControl(tilt=Tilt.DOWN, step=1)),
        (("+", "="), ZoomControl(direction=ZoomDirection.IN)),
        (("-",), ZoomControl(direction=ZoomDirection.OUT)),
    ],
)
def test_every_key_of_a_move(
    names: tuple[str, ...], control: object, keys: ControlKeys, link: Link, clock: Clock
) -> None:
    for name in names:
        clock.now_s += 1
        assert keys.press(name).startswith("sent: ")
    assert link.sent == [control] * len(names)


def test_a_held_key_does_not_flood(keys: ControlKeys, link: Link, clock: Clock) -> None:
    """A keyboard repeats 30 times a second, the vendor's app 5 times."""
    for _ in range(60):
        keys.press("left")
        clock.now_s += 1 / 30
    assert len(link.sent) == pytest.approx(2 / HELD_INTERVAL_S, abs=1)


def test_another_key_is_not_held_up(keys: ControlKeys, link: Link) -> None:
    for name in ("left", "up", "space", "+", "space"):
        keys.press(name)
    assert len(link.sent) == 5


def test_a_link_that_is_down_is_told(keys: ControlKeys, link: Link) -> None:
    link.is_up = False
    assert keys.press("i") == "light on: the camera is not connected at the moment"
    link.is_up = True
    assert keys.press("x") == ""
    assert link.sent == []


def test_the_help_names_keys_that_do_something(keys: ControlKeys, clock: Clock) -> None:
    named = {name for words in HELP for name in words.split()} - {"arrows,"}
    assert len(named) > 8
    for name in named:
        clock.now_s += 1
        assert keys.press(name).startswith("sent: ")
