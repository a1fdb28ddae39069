"""The log: off unless asked for, on stderr or in a file that only its owner reads."""

import logging
import os
from pathlib import Path

from v380cli.errors import StorageError

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def start_logging(verbose: int, log_file: str) -> None:
    """Log INFO (-v) or DEBUG (-vv) to stderr, and DEBUG to `log_file`."""
    root = logging.getLogger("v380cli")
    root.setLevel(logging.DEBUG)
    if verbose:
        _add_handler(root, logging.StreamHandler(), logging.DEBUG if verbose > 1 else logging.INFO)
    if log_file:
        _add_handler(root, _open_log_file(Path(log_file)), logging.DEBUG)


def _add_handler(root: logging.Logger, handler: logging.Handler, level: int) -> None:
    handler.setLevel(level)
    handler.setFormatter(logging.Formatter(FORMAT))
    root.addHandler(handler)


def _open_log_file(path: Path) -> logging.Handler:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise StorageError(f"cannot write the log file {path}: {error.strerror}") from None
    return logging.StreamHandler(os.fdopen(descriptor, "a", encoding="utf-8"))
