"""What every viewer shows, on a screen that only takes notes."""

from typing import ClassVar

import pytest

from v380cli.sinks.screen.scene import Scene
from v380cli.work.viewing import loop
from v380cli.work.viewing.loop import NOTE_S, ScreenLoop


class Clock:
    """Monotonic seconds, of which one passes with each look at the keys."""

    now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s


class BusyScreen:
    """Takes nothing for a while; it is closed after `lifetime_s`."""

    KEYS: ClassVar[dict[str, str]] = {}

    def __init__(self, clock: Clock, busy_s: float, lifetime_s: float) -> None:
        self._clock = clock
        self._ready_s, self._end_s = clock.now_s + busy_s, clock.now_s + lifetime_s
        self.notes: dict[float, str] = {}  # when each began to be shown

    def __enter__(self) -> "BusyScreen":
        return self

    def __exit__(self, *_: object) -> None: ...

    @property
    def is_ready(self) -> bool:
        return self._clock.now_s >= self._ready_s

    @property
    def is_closed(self) -> bool:
        return self._clock.now_s >= self._end_s

    def read_keys(self, timeout_s: float) -> list[str]:
        self._clock.now_s += 1
        return []

    def show(self, scene: Scene) -> None:
        self.notes[self._clock.now_s] = scene.note


class Viewer(ScreenLoop):
    def press(self, key: str) -> str:
        return ""

    def compose(self, now_s: float) -> Scene:
        return Scene(is_live=True, status="porch")


def test_what_is_told_stays_for_a_moment_from_when_the_screen_takes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr(loop, "time", clock)
    screen = BusyScreen(clock, busy_s=10, lifetime_s=20)
    Viewer(screen, greeting="no sound").show_while(lambda: True)
    assert screen.notes == {1010.0: "no sound", 1010.0 + NOTE_S: ""}
