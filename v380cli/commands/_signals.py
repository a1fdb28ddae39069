"""Ctrl-C, TERM and HUP as a request to finish, not as an exception in the middle of a write."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import typer

from v380cli.commands import _console
from v380cli.commands._boundary import EXIT_HUNG_UP, EXIT_INTERRUPTED, EXIT_TERMINATED

EXIT_BY_SIGNAL = {
    signal.SIGINT: EXIT_INTERRUPTED,
    signal.SIGTERM: EXIT_TERMINATED,
    signal.SIGHUP: EXIT_HUNG_UP,
}


@dataclass
class Caught:
    """The exit code that the first signal asks for; 0 if none came."""

    exit_code: int = 0

    def leave(self, note: str = "") -> None:
        """End the command with the exit code of the signal, if one came; `note` is said first."""
        if not self.exit_code:
            return
        if note:
            _console.talk(note)
        raise typer.Exit(self.exit_code)


@contextmanager
def stop_on_signals(
    stop: Callable[[], None], reload: Callable[[], None] | None = None
) -> Iterator[Caught]:
    """Call `stop` on these signals while the block runs; it must be safe in a handler.

    So must `reload`, which is called on HUP in its place where no terminal can hang up.

    One that was ignored from the start stays so: a shell does that to SIGINT in the background, and
    `nohup` to SIGHUP.
    """
    caught = Caught()
    on_hang_up = None if _has_terminal() else reload

    def handle(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP and on_hang_up:
            on_hang_up()
            return
        caught.exit_code = caught.exit_code or EXIT_BY_SIGNAL[signal.Signals(number)]
        stop()

    former = {
        number: signal.signal(number, handle)
        for number in EXIT_BY_SIGNAL
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield caught
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _has_terminal() -> bool:
    """Whether this process has a controlling terminal."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def tell_how_to_stop() -> None:
    """Say what ends a command that runs until it is told to, where Ctrl-C does not."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        _console.talk(f"Ctrl-C is ignored, as the shell asked; this ends it: kill {os.getpid()}")
