"""Ctrl-C and TERM as a request to finish, not as an exception in the middle of a write."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from v380cli.commands._boundary import EXIT_INTERRUPTED, EXIT_TERMINATED

EXIT_BY_SIGNAL = {signal.SIGINT: EXIT_INTERRUPTED, signal.SIGTERM: EXIT_TERMINATED}


@dataclass
class Caught:
    """The exit code that the first signal asks for; 0 if none came."""

    exit_code: int = 0


@contextmanager
def stop_on_signals(stop: Callable[[], None]) -> Iterator[Caught]:
    """Call `stop` on SIGINT and SIGTERM while the block runs; it must be safe in a handler."""
    caught = Caught()

    def handle(number: int, _frame: FrameType | None) -> None:
        caught.exit_code = caught.exit_code or EXIT_BY_SIGNAL[signal.Signals(number)]
        stop()

    former = {number: signal.signal(number, handle) for number in EXIT_BY_SIGNAL}
    try:
        yield caught
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
