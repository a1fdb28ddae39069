"""The command `v380`, also as `python -m v380cli`: from its first moment on Ctrl-C just ends it."""

import os
import signal
from types import FrameType

EXIT_INTERRUPTED = 130


def main() -> None:
    """Run `v380` with the arguments of this process and exit."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave_at_once)
    from v380cli.app import main

    main()


def _leave_at_once(_number: int, _frame: FrameType | None) -> None:
    """Nothing has begun yet, or all is done: an exception would be a traceback from an import."""
    os._exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    main()
