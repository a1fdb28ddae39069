"""What a terminal sends: keys, and answers to what it was asked."""

import os
import re
import select
import sys
import termios
import time
from typing import Any

ANSWER = "answer"  # to ASK
ASK = "\x1b[5n"  # is it well? Every terminal says so as soon as it has drawn what came before

READ_BYTES = 1024
ESCAPE_S = 0.1  # what follows an escape comes with it, or a little later over a network
INPUT_FLAGS, LOCAL_FLAGS, CONTROLS = 0, 3, 6  # of what tcgetattr returns

_TOKEN = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: cursor keys, answers
    rb"|\x1bO[ -~]"  # SS3: cursor keys in application mode
    rb"|\x1b(?=\x1b|$)"  # escape alone
    rb"|\x1b[^\[O\x1b]"  # a key with Alt
    rb"|[^\x1b]",
    re.DOTALL,
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|O)?$")
_NAMES = {
    **dict.fromkeys((b"\x1b[A", b"\x1bOA"), "up"),
    **dict.fromkeys((b"\x1b[B", b"\x1bOB"), "down"),
    **dict.fromkeys((b"\x1b[C", b"\x1bOC"), "right"),
    **dict.fromkeys((b"\x1b[D", b"\x1bOD"), "left"),
    **dict.fromkeys((b"\x1b[0n", b"\x1b[3n"), ANSWER),
    b"\x1b": "esc",
    b" ": "space",
}


class KeyParser:
    """Bytes in, names out; what no key has a name for is left out."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """The keys in `data`; no data means that nothing follows a lone escape: it is the key."""
        pending = self._rest + data
        unfinished = _UNFINISHED.search(pending) if data else None
        end = unfinished.start() if unfinished else len(pending)
        self._rest = pending[end:]
        names = [_name_key(token) for token in _TOKEN.findall(pending[:end])]
        return [name for name in names if name]


def _name_key(token: bytes) -> str:
    is_character = len(token) == 1 and b"!" <= token <= b"~"
    return token.decode() if is_character else _NAMES.get(token, "")


class TerminalInput:
    """Keys of the terminal, one by one as they are pressed; signals stay signals, but Ctrl-Z.

    They come from standard input, or past it where a password came from there. Without a terminal
    to read from there are none, and `is_open` is false.
    """

    def __init__(self) -> None:
        self._parser = KeyParser()
        self._descriptor = -1
        self._is_ours = False
        self._modes: list[Any] = []
        self._heard_s = 0.0

    @property
    def is_open(self) -> bool:
        return self._descriptor >= 0

    def open(self) -> None:
        """Take the keys without their echo."""
        try:
            self._is_ours = not sys.stdin.isatty()
            self._descriptor = (
                os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
                if self._is_ours
                else sys.stdin.fileno()
            )
        except OSError:
            return
        self._modes = termios.tcgetattr(self._descriptor)
        modes = termios.tcgetattr(self._descriptor)
        modes[INPUT_FLAGS] &= ~(termios.IXON | termios.ICRNL)
        modes[LOCAL_FLAGS] &= ~(termios.ECHO | termios.ICANON)
        modes[LOCAL_FLAGS] |= termios.NOFLSH  # a Ctrl-C would cut what is being drawn
        for control in (termios.VSUSP, termios.VQUIT):  # they would leave the screen as it is
            modes[CONTROLS][control] = b"\0"
        termios.tcsetattr(self._descriptor, termios.TCSANOW, modes)

    def read(self, timeout_s: float) -> list[str]:
        """The names of what was pressed, and the answers."""
        if not self.is_open:
            time.sleep(timeout_s)
            return []
        is_readable, _, _ = select.select([self._descriptor], [], [], timeout_s)
        if is_readable:
            self._heard_s = time.monotonic()
            return self._parser.feed(os.read(self._descriptor, READ_BYTES))
        is_silent = time.monotonic() - self._heard_s >= ESCAPE_S
        return self._parser.feed(b"") if is_silent else []

    def close(self) -> None:
        """Leave the terminal as it was; what nobody has read is thrown away."""
        if not self.is_open:
            return
        termios.tcsetattr(self._descriptor, termios.TCSAFLUSH, self._modes)
        if self._is_ours:
            os.close(self._descriptor)
        self._descriptor = -1
