"""The log: warnings unless more is asked for, and a file that only its owner reads."""

import logging
import os
import sys
from pathlib import Path
from typing import TextIO

from v380cli.disk import is_device, open_own_file
from v380cli.errors import StorageError

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


STDERR_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)  # by the number of -v


class StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to what `sys.stderr` is at the moment: above a live table while there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        self.setStream(sys.stderr)
        super().emit(record)


def start_logging(verbose: int, log_file: str) -> None:
    """Log warnings, INFO (-v) or DEBUG (-vv) to stderr, and DEBUG to `log_file`.

    Asked for twice, stderr gets what the louder of them says.
    """
    root = logging.getLogger("v380cli")
    root.setLevel(logging.DEBUG)
    level = STDERR_LEVELS[min(verbose, len(STDERR_LEVELS) - 1)]
    talking = [handler for handler in root.handlers if isinstance(handler, StderrHandler)]
    for handler in talking:
        handler.setLevel(min(level, handler.level))
    if not talking:
        _add_handler(root, StderrHandler(), level)
    if log_file:
        _add_handler(root, _open_log_file(Path(log_file)), logging.DEBUG)


def _add_handler(root: logging.Logger, handler: logging.Handler, level: int) -> None:
    handler.setLevel(level)
    handler.setFormatter(logging.Formatter(FORMAT))
    root.addHandler(handler)


def _open_log_file(path: Path) -> logging.Handler:
    flags = os.O_WRONLY | os.O_APPEND
    try:
        descriptor = os.open(path, flags) if is_device(path) else open_own_file(path, flags)
    except OSError as error:
        raise StorageError(f"cannot write the log file {path}: {error.strerror}") from None
    return logging.StreamHandler(os.fdopen(descriptor, "a", encoding="utf-8"))
