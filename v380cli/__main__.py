"""The command `v380`, also as `python -m v380cli`: from its first moment on Ctrl-C just ends it.

What a person waits for most often is answered here, without the parser: the help page, the version,
and the names of cameras for a TAB.
"""

import os
import sys
from collections.abc import Sequence

EXIT_INTERRUPTED = 130
COMPLETION_VARIABLE = "_V380_COMPLETE"
CAMERAS, TARGETS, POSITIONS = "cameras", "targets", "positions"  # what a script may ask for
HELP_PAGE = os.path.join(os.path.dirname(__file__), "help.txt")  # by `python -m tests.reference`
PAGE_COLUMNS = 80


def main() -> None:
    """Run `v380` with the arguments of this process and exit."""
    try:
        if _answer(sys.argv[1:]):
            return
        _leave_on_interrupts()
    except KeyboardInterrupt:
        os._exit(EXIT_INTERRUPTED)
    import gc

    gc.disable()  # until the command is there: nothing of what it needs is garbage
    from v380cli.app import main

    main()


def _leave_on_interrupts() -> None:
    """Nothing has begun yet, or all is done: an exception would be a traceback from an import."""
    import signal

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(EXIT_INTERRUPTED))


def _answer(args: Sequence[str]) -> bool:
    """Print what is asked for if it can be had at once; the parser has the same answers."""
    if (wanted := os.environ.get(COMPLETION_VARIABLE)) in (CAMERAS, TARGETS, POSITIONS):
        return _print("\n".join([*_read_names(wanted, args), ""]))
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
    with open(HELP_PAGE, encoding="utf-8") as file:
        return file.read()


def _read_names(wanted: str, args: Sequence[str]) -> list[str]:
    """Cameras, with groups, that begin with a word; or positions of the camera that is named."""
    from v380cli.store.names import read_groups, read_names, read_positions
    from v380cli.store.places import find_list

    path, word = find_list(), args[0] if args else ""
    if wanted == POSITIONS:
        return read_positions(path, word)
    names = read_names(path, word)
    if wanted == TARGETS:
        names += [name for group in read_groups(path) if (name := f"@{group}").startswith(word)]
    return names


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
