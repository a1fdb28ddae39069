"""Which screen a viewer takes: a window where there is a desktop, else the terminal."""

import io
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

from v380cli.sinks.screen.scene import Screen
from v380cli.sinks.screen.terminal import TerminalScreen
from v380cli.sinks.screen.window import NO_DISPLAY, Window, find_display_problem
from v380cli.text import clean_text

HELD_TEXTS = 1000


def choose_screen(title: str, *, wants_terminal: bool) -> tuple[Screen, str]:
    """The screen, and why it is not a window if that may be a surprise.

    Raises MediaError when OpenCV is broken, InvalidInput when there is no terminal either.
    """
    if wants_terminal:
        return TerminalScreen(), ""
    problem = find_display_problem()
    if not problem:
        return Window(clean_text(title)), ""
    return TerminalScreen(), "" if problem == NO_DISPLAY else f"no window: {problem}"


@contextmanager
def hold_back_talk(screen: Screen) -> Iterator[None]:
    """Keep what is said on stderr out of a picture that is drawn on the same terminal."""
    if not (isinstance(screen, TerminalScreen) and sys.stderr.isatty()):
        yield
        return
    held = HeldText()
    try:
        with redirect_stderr(held):
            yield
    finally:
        sys.stderr.write(held.read_all())


class HeldText(io.TextIOBase):
    """Keeps the last things that were written."""

    def __init__(self) -> None:
        self._texts: deque[str] = deque(maxlen=HELD_TEXTS)

    def write(self, text: str) -> int:
        """Keep it, and forget the oldest when there is too much."""
        self._texts.append(text)
        return len(text)

    def read_all(self) -> str:
        """All that is kept."""
        return "".join(self._texts)
