"""What a person sees who types commands on a terminal, as text.

A transcript has each command line behind `$ `, the lines that stayed on the screen, and the exit
code where it is not 0. Digits that differ from run to run are written as `#`.
"""

import re
import shlex
import termios
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.lan import Host
from tests.virtual_terminal import start_on_terminal
from tests.warm import V380

LINES = 200  # more than any command prints
CONTROL = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])|([^\x1b])", re.DOTALL)
# Times, lengths, sizes and counts; they keep their widths.
VARYING = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d|\d{8}-\d{6}|\d+:\d\d\.\d|\d+\.\d+(?= (?:s|kB)\b)"
    r"|\d+(?= (?:frames|packets)\b)"
)


@dataclass
class Transcript:
    """Commands run one after the other on a terminal of the same width, on one machine."""

    host: Host
    folder: Path
    columns: int
    environment: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    def type(self, line: str, *passwords: str) -> None:
        """Run a command line, and answer what it asks for without showing it."""
        screen = Screen()
        with start_on_terminal(
            self.folder / "data",
            *shlex.split(line)[1:],
            size=(self.columns, LINES),
            env={"V380_INTERFACE": "lo", **self.environment},
            folder=self.folder,
            command=("ip", "netns", "exec", self.host.namespace, *V380),
        ) as run:
            for number, password in enumerate(passwords, start=1):
                run.wait_for(
                    lambda number=number: (  # type: ignore[misc]
                        run.written.count("Password of") == number and not shows_typing(run)
                    )
                )
                run.type(f"{password}\n")
            code = run.wait()
        screen.feed(run.written)
        shown = VARYING.sub(lambda found: re.sub(r"\d", "#", found[0]), screen.read())
        self.text += f"$ {line}\n{shown}" + (f"[exit {code}]\n" if code else "")


def shows_typing(run: object) -> bool:
    modes = run.read_modes()  # type: ignore[attr-defined]
    return bool(modes[3] & termios.ECHO)


BOLD = "1"
STYLED = re.compile(r"^\*(.*)\*$|<[\d;]+>", re.MULTILINE)


def remove_styles(text: str) -> str:
    """A transcript as it would be of a terminal without any."""
    return STYLED.sub(lambda found: found[1] or "", text)


class Screen:
    """Lines without an end, on which the cursor goes up and down as live tables want it."""

    def __init__(self) -> None:
        self.lines: list[list[tuple[str, str]]] = [[]]
        self._row = self._column = 0
        self._style = ""

    def feed(self, text: str) -> None:
        for private, numbers, final, character in CONTROL.findall(text):
            if character:
                self._put(character)
            elif not private:
                self._obey(numbers, final)

    def read(self) -> str:
        """What is on it, lines without blanks at their ends; bold text is between asterisks."""
        lines = "\n".join(map(self._read_line, self.lines)).strip("\n")
        return f"{lines}\n" if lines else ""

    def _read_line(self, line: list[tuple[str, str]]) -> str:
        text = "".join(
            character if style in ("", BOLD) else f"<{style}>{character}"
            for character, style in line
        ).rstrip()
        is_bold = any(style == BOLD for _, style in line)
        return f"*{text}*" if is_bold else text

    def _put(self, character: str) -> None:
        if character == "\r":
            self._column = 0
        elif character == "\n":
            self._row += 1
            if self._row == len(self.lines):
                self.lines.append([])
        elif character.isprintable():
            line = self.lines[self._row]
            line += [(" ", "")] * (self._column + 1 - len(line))
            line[self._column] = (character, self._style)
            self._column += 1

    def _obey(self, numbers: str, final: str) -> None:
        match final:
            case "m":
                self._style = "" if numbers in ("", "0") else numbers
            case "A":
                self._row = max(0, self._row - int(numbers or 1))
            case "K":
                del self.lines[self._row][0 if numbers == "2" else self._column :]
