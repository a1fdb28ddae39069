"""The first bodies that cameras posted here, redacted by who keeps them: for a report."""

import os

from v380cli import disk
from v380cli.errors import StorageError
from v380cli.store import paths

FILE_NAME = "alarm-posts.jsonl"
MAX_SAMPLES = 8
SAMPLE_MAX_BYTES = 8 << 10


def keep_sample(line: str) -> None:
    """Keep a line, unless there are enough; raises StorageError."""
    where = paths.find_data_dir() / FILE_NAME
    if len(read_samples().splitlines()) >= MAX_SAMPLES:
        return
    try:
        paths.make_private_dir(where.parent)
        descriptor = disk.open_own_file(where, os.O_WRONLY | os.O_APPEND)
        with os.fdopen(descriptor, "wb") as file:
            file.write(line.encode()[:SAMPLE_MAX_BYTES] + b"\n")
    except OSError as error:
        raise StorageError(f"cannot write {where}: {error.strerror or error}") from error


def read_samples() -> str:
    """All lines; empty where there are none."""
    where = paths.find_data_dir() / FILE_NAME
    try:
        with where.open("rb") as file:
            return file.read(MAX_SAMPLES * (SAMPLE_MAX_BYTES + 1)).decode(errors="replace")
    except OSError:
        return ""
