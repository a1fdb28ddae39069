"""Pictures in a terminal, over ssh too: only what changes, and never more than it takes."""

import os
import sys
import time
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Self

from v380cli.errors import InvalidInput
from v380cli.sinks.screen.scene import Label, Scene
from v380cli.sinks.screen.terminal_keys import ANSWER, ASK, TerminalInput
from v380cli.sinks.screen.terminal_output import TerminalOutput

if TYPE_CHECKING:
    from v380cli.sinks.screen.cells import CellCoding, Run

# Alternate screen, no cursor, no wrapping at the right edge.
ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
BEGIN_FRAME, END_FRAME = "\x1b[?2026h", "\x1b[?2026l"  # shown at once; unknown to some, ignored
CLEAR = "\x1b[0m\x1b[2J"
REVERSE, PLAIN = "\x1b[7m", "\x1b[0m"
HELP_COLUMN = 18

# One picture is drawn while the next is on its way: 5 a second at 400 ms of round trip.
FRAMES_UNDER_WAY = 2
ANSWER_TIMEOUT_S = 2.0  # one that has never answered by then never does
FAREWELL_S = 0.5
FALLBACK_SIZE = os.terminal_size((80, 24))
UNKNOWN_SIZE = os.terminal_size((0, 0))

# What cannot show 24-bit colours, by TERM. COLORTERM is not passed on by ssh, so it does not count.
COLORLESS_TERMINALS = ("", "dumb", "linux", "screen")  # tmux calls itself screen, too


class TerminalScreen:
    """Draws with half blocks in 24-bit colours, or in grey characters without colours.

    The terminal answers for each picture when it has drawn it, so none wait on a slow link. It
    gets back its former screen, cursor and modes. Signals stay what they are, but Ctrl-Z.
    """

    KEYS: ClassVar[dict[str, str]] = {}

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        from v380cli.sinks.screen.cells import (  # numpy is slow to load
            Canvas,
            GreyCharacters,
            HalfBlocks,
        )

        if not sys.stdout.isatty():
            raise InvalidInput(
                "standard output is not a terminal",
                hint="for a player or a file: `v380 stream` and `v380 recordings play` with -o -",
            )
        self._output = TerminalOutput(sys.stdout.fileno())
        self._input = TerminalInput()
        self._coding: CellCoding = HalfBlocks() if has_colors(environment) else GreyCharacters()
        self._canvas = Canvas(self._coding)
        self._size = UNKNOWN_SIZE  # of what is drawn
        self._scene: Scene | None = None
        self._asked_s: list[float] = []  # when, of what is not answered yet
        self._asks = True
        self._has_answered = False

    @property
    def is_closed(self) -> bool:
        """Never: it ends with its program."""
        return False

    @property
    def is_ready(self) -> bool:
        if self._asked_s and time.monotonic() - self._asked_s[0] > ANSWER_TIMEOUT_S:
            self._asks = self._has_answered
            self._asked_s.clear()
        return len(self._asked_s) < FRAMES_UNDER_WAY

    def __enter__(self) -> Self:
        sys.stdout.flush()
        self._input.open()
        self._output.open()
        self._output.write(ENTER)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._output.write(LEAVE)
            self._await_answers()
        finally:
            self._output.close()
            self._input.close()

    def show(self, scene: Scene) -> None:
        """Draw what differs from the scene before."""
        former, self._scene = self._scene, scene
        text = ""
        if (size := self._read_size()) != self._size or _is_uncovered(former, scene):
            self._size, former = size, None
            self._canvas.forget()
            text = CLEAR
        if former is None or (former.picture, former.is_live) != (scene.picture, scene.is_live):
            text += self._draw_picture(scene)
        if former is None or former.help != scene.help:
            text += self._draw_help(scene)
        if former is None or _compose_line(former) != _compose_line(scene):
            text += self._draw_line(self._size.lines - 1, _compose_line(scene))
        if text and not self._output.write(BEGIN_FRAME + text + END_FRAME + self._ask()):
            self._size = UNKNOWN_SIZE  # next time all is drawn again

    def read_keys(self, timeout_s: float) -> list[str]:
        names = self._input.read(timeout_s)
        if ANSWER in names:
            self._has_answered = True
            del self._asked_s[: names.count(ANSWER)]
        return [name for name in names if name != ANSWER]

    # -- what is drawn -----------------------------------------------------------------------

    def _draw_picture(self, scene: Scene) -> str:
        from v380cli.sinks.screen.cells import fit_picture, scale_picture

        columns, rows = self._size.columns, max(1, self._size.lines - 1)
        picture = scene.picture
        if picture is None:
            return ""
        width, height = fit_picture(picture.width, picture.height, columns, rows, self._coding)
        pixels = scale_picture(picture, width, height, self._coding, is_dark=not scene.is_live)
        top, left = (rows - height) // 2, (columns - width) // 2
        covered = max(0, len(scene.help) - top)
        labels = [(label.text, _locate(label, width, height)) for label in scene.labels]
        drawn = self._canvas.draw(
            pixels, top=top, left=left, covered=covered, spared=[run for _, run in labels]
        )
        return drawn + "".join(
            f"\x1b[{top + row + 1};{left + columns.start + 1}H"
            f"{fit_text(text, columns.stop - columns.start)}"
            for text, (row, columns) in labels
            if row >= covered
        )

    def _draw_help(self, scene: Scene) -> str:
        lines = scene.help[: self._size.lines - 1]
        texts = [f"{keys:<{HELP_COLUMN}}{meaning}" for keys, meaning in lines]
        return "".join(self._draw_line(row, text) for row, text in enumerate(texts))

    def _draw_line(self, row: int, text: str) -> str:
        line = fit_text(f" {text}", self._size.columns)
        return f"\x1b[{row + 1};1H{REVERSE}{line}{PLAIN}"

    # -- the terminal itself -------------------------------------------------------------------

    def _read_size(self) -> os.terminal_size:
        size = self._output.read_size()
        return size if min(size) > 0 else FALLBACK_SIZE

    def _ask(self) -> str:
        if not (self._asks and self._input.is_open):
            return ""
        self._asked_s.append(time.monotonic())
        return ASK

    def _await_answers(self) -> None:
        """Answers that come later would be typed into the shell."""
        deadline_s = time.monotonic() + FAREWELL_S
        while self._asked_s and time.monotonic() < deadline_s:
            self.read_keys(FAREWELL_S / 10)


def has_colors(environment: Mapping[str, str]) -> bool:
    """Whether 24-bit colours are wanted and probably there."""
    if environment.get("NO_COLOR"):
        return False
    terminal = environment.get("TERM", "")
    is_colorless = terminal in COLORLESS_TERMINALS or terminal.startswith("vt")
    return not is_colorless or "TMUX" in environment


def fit_text(text: str, columns: int) -> str:
    """The text, cut or filled with spaces to so many columns."""
    used = 0
    for end, character in enumerate(text):
        width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        width -= bool(unicodedata.combining(character))
        if used + width > columns:
            return text[:end] + " " * (columns - used)
        used += width
    return text + " " * (columns - used)


def _locate(label: Label, columns: int, rows: int) -> "Run":
    """The cells of a label in a picture of so many."""
    from v380cli.sinks.screen.cells import Run

    start = int(label.x * columns)
    stop = max(start + 1, int((label.x + label.width) * columns))
    return Run(min(rows - 1, int(label.y * rows)), slice(start, stop))


def _compose_line(scene: Scene) -> str:
    """The line below the picture."""
    return "  ".join(filter(None, [scene.badge, scene.note or scene.status]))


def _is_uncovered(former: Scene | None, scene: Scene) -> bool:
    """Whether help lay on what is to be seen now."""
    return former is not None and len(former.help) > len(scene.help)
