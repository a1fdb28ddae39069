"""Pictures on a screen and what the keys do: the ground of every viewer."""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from v380cli.sinks.picture_sink import PictureSink
from v380cli.sinks.screen.scene import MAX_FPS, Scene, Screen
from v380cli.text import clean_text

if TYPE_CHECKING:
    from v380cli.sinks.screen.scene import Picture

LOOK_S = 0.01  # how long a picture waits for us at most
NOTE_S = 3.0  # how long what was told stays on the screen
QUIT_KEYS = ("q", "esc")
HELP = {"?": "this help", "q, Esc": "quit"}


class ScreenLoop(ABC):
    """Shows what comes into `pictures` until its person has seen enough.

    At most `fps` pictures a second are shown. `greeting` is told first.
    """

    KEYS: ClassVar[tuple[Mapping[str, str], ...]] = ()  # those of a viewer, and what they do

    def __init__(self, screen: Screen, *, fps: float = MAX_FPS, greeting: str = "") -> None:
        self.pictures = PictureSink()
        self.picture: Picture | None = None  # the one that is shown
        self._screen = screen
        self._pace = Pace(fps)
        self._scene: Scene | None = None
        self._help: tuple[tuple[str, str], ...] = ()
        self.is_over = False
        self._note, self._note_until_s = "", math.inf
        self.tell(greeting)

    def stop(self) -> None:
        """Ask for the end; safe in a signal handler."""
        self.is_over = True

    def show_while(self, is_going_on: Callable[[], bool]) -> None:
        """Show pictures and take keys: desktops want it in the main thread."""
        with self._screen:
            while is_going_on() and not (self.is_over or self._screen.is_closed):
                for key in self._screen.read_keys(LOOK_S):
                    self._press(key)
                if self._screen.is_ready:
                    self._look(time.monotonic())

    def take_newest(self) -> "Picture | None":
        """The newest picture that was not shown yet, if there is one."""
        return self.pictures.take_newest()

    def tell(self, note: str) -> None:
        """Show a line for a moment, which begins when the screen takes it."""
        if note:
            self._note, self._note_until_s = clean_text(note), math.inf

    @abstractmethod
    def press(self, key: str) -> str:
        """Do what a key means; what to tell the person, empty if there is nothing to tell."""

    @abstractmethod
    def compose(self, now_s: float) -> Scene:
        """What there is to see besides picture and help; a `note` stands when nothing is told."""

    def _press(self, key: str) -> None:
        if key in QUIT_KEYS:
            self.stop()
        elif key == "?":
            self._toggle_help()
        else:
            self.tell(self.press(key))

    def _toggle_help(self) -> None:
        keys = chain.from_iterable(table.items() for table in (*self.KEYS, self._screen.KEYS, HELP))
        self._help = () if self._help else tuple(keys)

    def _look(self, now_s: float) -> None:
        """Show what has changed since the last look."""
        if self._pace.is_due(now_s) and (newest := self.take_newest()):
            self.picture = newest
            self._pace.count(now_s)
        scene = self._complete(self.compose(now_s), now_s)
        if scene != self._scene:
            self._screen.show(scene)
            self._scene = scene

    def _complete(self, scene: Scene, now_s: float) -> Scene:
        words = [
            scene.status,
            f"{self.picture.width}x{self.picture.height}" if self.picture else "",
            f"{self._pace.rate} fps",
            "? help",
        ]
        return replace(
            scene,
            picture=self.picture,
            status=clean_text("  ".join(filter(None, words))),
            note=self._take_note(now_s) or scene.note,
            help=self._help,
        )

    def _take_note(self, now_s: float) -> str:
        """What was told, empty when it has been shown for long enough."""
        self._note_until_s = min(self._note_until_s, now_s + NOTE_S)
        return self._note if now_s < self._note_until_s else ""


class Pace:
    """Holds pictures to so many a second; `rate` is how many there were in the last one."""

    def __init__(self, fps: float) -> None:
        self.rate = 0
        self._interval_s = 1 / fps
        self._due_s = 0.0
        self._second = 0
        self._shown = 0

    def is_due(self, now_s: float) -> bool:
        """Whether another one may be shown."""
        if int(now_s) != self._second:
            self.rate, self._shown, self._second = self._shown, 0, int(now_s)
        return now_s >= self._due_s

    def count(self, now_s: float) -> None:
        """Note that one is shown; one that came late does not put off the next."""
        self._due_s = max(self._due_s, now_s - self._interval_s) + self._interval_s
        self._shown += 1
