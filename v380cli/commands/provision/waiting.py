"""How an attempt is shown while it runs."""

import sys
import time

from v380cli.commands import _console
from v380cli.work.provisioning import Teller

CLEAR_LINE = "\r\x1b[K"


class Waiting(Teller):
    """An interrupt whose being asked shows a person that time goes by."""

    def __init__(self) -> None:
        super().__init__()
        self._began_s = time.monotonic()
        self._shown = ""
        self._doing = ""

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._began_s

    def say(self, text: str) -> None:
        """Tell a step on stderr; the last one stays in view with the time that it takes."""
        self.clear()
        _console.talk(text)
        self._doing = text

    def clear(self) -> None:
        """Take the line with the time away."""
        if self._shown:
            sys.stderr.write(CLEAR_LINE)
            self._shown = ""

    def __call__(self) -> bool:
        line = f"  {self.elapsed_s:.0f} s"
        if sys.stderr.isatty() and self._doing and line != self._shown:
            sys.stderr.write(f"\r{line}")
            sys.stderr.flush()
            self._shown = line
        return super().__call__()
