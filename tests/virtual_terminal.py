"""A terminal in software: it understands what `v380 view` writes, answers, and can be looked at."""

import codecs
import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.cli import make_environment
from tests.warm import V380, Process

UPPER_HALF = "▀"
FRAME, ALTERNATE_SCREEN, CURSOR, WRAPPING = "2026", "1049", "25", "7"  # private modes
TIMEOUT_S = 60.0
READ_BYTES = 1 << 16
ANSWER = b"\x1b[0n"

_TOKEN = re.compile(r"\x1b\[([?]?)([0-9;]*)([A-Za-z])|([^\x1b])", re.DOTALL)
_CUT_SHORT = re.compile(r"\x1b(\[[?0-9;]*)?$")


@dataclass
class Cell:
    """A character and its colours, None for the terminal's own."""

    character: str = " "
    front: tuple[int, ...] | None = None
    back: tuple[int, ...] | None = None


@dataclass
class VirtualTerminal:
    """What an xterm would show. Answers to questions gather in `answers`."""

    columns: int
    lines: int
    modes: set[str] = field(default_factory=lambda: {CURSOR, WRAPPING})  # private ones that are on
    answers: int = 0
    frames: int = 0  # synchronized updates
    unknown: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._rest = ""
        self._row = self._column = 0
        self._front: tuple[int, ...] | None = None
        self._back: tuple[int, ...] | None = None
        self._is_reversed = False
        self.clear()
        self._main_screen = self.cells, 0, 0

    @property
    def is_between_frames(self) -> bool:
        """Whether nothing is half drawn."""
        return FRAME not in self.modes and not self._rest

    def clear(self) -> None:
        self.cells = [[Cell() for _ in range(self.columns)] for _ in range(self.lines)]

    def feed(self, text: str) -> None:
        """Do what the text says; an escape sequence may be cut in two."""
        text = self._rest + text
        cut = _CUT_SHORT.search(text)
        self._rest = text[cut.start() :] if cut else ""
        for private, arguments, final, character in _TOKEN.findall(
            text[: cut.start()] if cut else text
        ):
            if character:
                self._put(character)
            else:
                self._obey(private, arguments, final)

    def read_line(self, row: int) -> str:
        return "".join(cell.character for cell in self.cells[row])

    def read_text(self) -> str:
        return "\n".join(self.read_line(row).rstrip() for row in range(self.lines))

    def draw(self) -> NDArray[np.uint8]:
        """The picture in half blocks, two pixels in each cell; other characters are not drawn."""
        picture = np.zeros((self.lines * 2, self.columns, 3), np.uint8)
        for row, cells in enumerate(self.cells):
            for column, cell in enumerate(cells):
                back = cell.back or (0, 0, 0)
                front = cell.front or (0, 0, 0)
                picture[2 * row, column] = front if cell.character == UPPER_HALF else back
                picture[2 * row + 1, column] = back
        return picture

    def _put(self, character: str) -> None:
        if character == "\r":
            self._column = 0
        elif character == "\n":
            self._row = min(self._row + 1, self.lines - 1)
        elif self._column < self.columns:
            self.cells[self._row][self._column] = Cell(character, self._front, self._back)
            self._column += 1

    def _obey(self, private: str, arguments: str, final: str) -> None:
        numbers = [int(number or 0) for number in arguments.split(";")]
        if private and final in "hl":
            self._switch(arguments, is_on=final == "h")
        elif final == "H":
            row, column = (*numbers, 1, 1)[:2]
            self._row = min(row, self.lines) - 1
            self._column = min(column, self.columns) - 1
        elif final == "J" and numbers == [2]:
            self.clear()
        elif final == "m":
            self._color(numbers)
        elif final == "n" and numbers == [5]:
            self.answers += 1
        else:
            self.unknown.add(private + arguments + final)

    def _switch(self, mode: str, *, is_on: bool) -> None:
        self.frames += is_on and mode == FRAME
        if mode == ALTERNATE_SCREEN and is_on and mode not in self.modes:
            self._main_screen = self.cells, self._row, self._column
            self.clear()
        if mode == ALTERNATE_SCREEN and not is_on and mode in self.modes:
            self.cells, self._row, self._column = self._main_screen
        (self.modes.add if is_on else self.modes.discard)(mode)

    def _color(self, numbers: list[int]) -> None:
        while numbers:
            number = numbers.pop(0)
            if number == 0:
                self._front = self._back = None
            elif number in (38, 48):
                kind, *color = numbers[:4]
                assert kind == 2
                del numbers[:4]
                if number == 38:
                    self._front = tuple(color)
                else:
                    self._back = tuple(color)
            elif number != 7:
                self.unknown.add(f"{number}m")


class TerminalRun:
    """`v380 ARGS` on a terminal of its own, which only lives while it is waited for."""

    def __init__(self, process: "subprocess.Popen[bytes]", master: int, size: tuple[int, int]):
        self.process = process
        self.terminal = VirtualTerminal(*size)
        self.written = ""
        self.answers_questions = True
        self._master = master
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def wait_for(self, check: Callable[[], bool]) -> None:
        """Be a terminal until it is so; fails when it takes too long."""
        deadline = time.monotonic() + TIMEOUT_S
        while not check():
            assert time.monotonic() < deadline, self.terminal.read_text()
            self._serve(0.02)

    def wait_for_text(self, text: str) -> None:
        self.wait_for(lambda: text in self.terminal.read_text())

    def wait(self) -> int:
        """Be a terminal until it ends; its exit code."""
        self.wait_for(lambda: self.process.poll() is not None)
        while self._serve(0):
            pass
        return self.process.returncode

    def resize(self, columns: int, lines: int) -> None:
        self.terminal = VirtualTerminal(columns, lines, self.terminal.modes)
        set_size(self._master, columns, lines)

    def read_modes(self) -> list[object]:
        """Of the terminal, as `stty` shows them."""
        return termios.tcgetattr(self._master)

    def _serve(self, timeout_s: float) -> bool:
        if not select.select([self._master], [], [], timeout_s)[0]:
            return False
        try:
            text = self._decoder.decode(os.read(self._master, READ_BYTES))
        except OSError:  # nobody is at the other end
            return False
        self.written += text
        self.terminal.feed(text)
        if self.answers_questions and self.terminal.answers:
            os.write(self._master, ANSWER * self.terminal.answers)
            self.terminal.answers = 0
        return bool(text)


@contextlib.contextmanager
def start_on_terminal(
    data_dir: Path,
    *args: str,
    size: tuple[int, int] = (80, 24),
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
    command: tuple[str, ...] = V380,
) -> Iterator[TerminalRun]:
    """Run `v380 ARGS` with a terminal as its input, its output and the one it can be stopped by."""
    master, slave = pty.openpty()
    set_size(master, *size)
    environment = make_environment(data_dir, {"TERM": "xterm-256color", **(env or {})})
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "TMUX", "COLUMNS", "LINES"):  # of xdist, perhaps
        if name not in (env or {}):
            environment.pop(name, None)
    with Process[bytes](
        ["setsid", "--ctty", *command, *args],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment,
        cwd=folder,
    ) as process:
        try:
            yield TerminalRun(process, master, size)
        finally:
            process.kill()
            os.close(slave)
            os.close(master)


def set_size(descriptor: int, columns: int, lines: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
