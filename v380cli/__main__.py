"""The command `v380`, also as `python -m v380cli`: from its first moment on Ctrl-C just ends it.

What a person waits for most often is answered here, without the parser: the help page, the version,
and the names of cameras for a TAB.
"""

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

EXIT_INTERRUPTED = 130
COMPLETION_VARIABLE = "_V380_COMPLETE"
CAMERAS, TARGETS, POSITIONS = "cameras", "targets", "positions"  # what a script may ask for
# Made by `python -m tests.reference`. Importing pathlib would take as long as all else here.
HELP_PAGE = os.path.join(os.path.dirname(__file__), "help.txt")  # noqa: PTH118, PTH120
PAGE_COLUMNS = 80


def main() -> None:
    """Run `v380` with the arguments of this process and exit."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave_at_once)
    if _answer(sys.argv[1:]):
        return
    from v380cli.app import main

    main()


def _leave_at_once(_number: int, _frame: FrameType | None) -> None:
    """Nothing has begun yet, or all is done: an exception would be a traceback from an import."""
    os._exit(EXIT_INTERRUPTED)


def _answer(args: Sequence[str]) -> bool:
    """Print what is asked for if it can be had at once; the parser has the same answers."""
    if (wanted := os.environ.get(COMPLETION_VARIABLE)) in (CAMERAS, TARGETS, POSITIONS):
        return _print("".join(f"{name}\n" for name in _read_names(wanted, args)))
    if COMPLETION_VARIABLE in os.environ:
        return False
    if args == ["--version"]:
        from v380cli import __version__

        return _print(f"v380 {__version__}\n")
    is_help = args in (["--help"], ["-h"]) and _find_columns() >= PAGE_COLUMNS
    return is_help and _print(_read_page())


def _print(text: str) -> bool:
    """Whether it went out; if not, the parser says what is wrong."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (OSError, AttributeError):  # None, if standard output is closed
        return False
    return True


def _read_page() -> str:
    with open(HELP_PAGE, encoding="utf-8") as file:  # noqa: PTH123
        return file.read()


def _read_names(wanted: str, args: Sequence[str]) -> list[str]:
    """Cameras; with groups; or positions of the camera that is named."""
    from v380cli.store.names import read_groups, read_names, read_positions
    from v380cli.store.paths import find_list_path

    path = find_list_path()
    if wanted == POSITIONS:
        return read_positions(path, args[0]) if args else []
    groups = [f"@{group}" for group in read_groups(path)] if wanted == TARGETS else []
    return [*(name for name, _, _ in read_names(path)), *groups]


def _find_columns() -> int:
    """How wide a page may be, as the parser sees it."""
    try:
        return int(os.environ.get("COLUMNS", "")) or PAGE_COLUMNS
    except ValueError:
        pass
    try:
        return os.get_terminal_size(1).columns or PAGE_COLUMNS
    except OSError:
        return PAGE_COLUMNS


if __name__ == "__main__":
    main()
