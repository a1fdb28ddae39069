"""Files that a person names: read within bounds, written whole or not at all."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from v380cli.disk import (
    PRIVATE_FILE_MODE,
    PUBLIC_FILE_MODE,
    create_file,
    is_device,
    write_whole,
)
from v380cli.errors import StorageError
from v380cli.sinks.output_file import storage_error

STANDARD_STREAM = Path("-")
# 10,000 cameras are 4 MB of indented JSON.
TEXT_MAX_BYTES = 8 * 1024 * 1024


def read_text(path: Path) -> str:
    """The UTF-8 text of a file, or of standard input for `-`; raises StorageError."""
    try:
        if path == STANDARD_STREAM:
            data = sys.stdin.buffer.read(TEXT_MAX_BYTES + 1)
        else:
            with path.open("rb") as file:
                data = file.read(TEXT_MAX_BYTES + 1)
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > TEXT_MAX_BYTES:
        raise StorageError(f"{path} has more than the {TEXT_MAX_BYTES} bytes that are read")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StorageError(f"{path} is not UTF-8 text") from error


def write_bytes(path: Path, data: bytes, *, private: bool) -> None:
    """Write a file whole or not at all; a private one is never readable by others.

    Raises StorageError.
    """
    mode = PRIVATE_FILE_MODE if private else PUBLIC_FILE_MODE
    try:
        write_whole(path, data, mode)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from error


@contextlib.contextmanager
def open_output(path: Path) -> Iterator[int]:
    """A descriptor of standard output, of a FIFO or device that exists, or of a new file.

    StorageError if that is not possible; a file that exists is never overwritten.
    """
    if path == STANDARD_STREAM:
        sys.stdout.flush()
        yield sys.stdout.fileno()
        return
    is_special = is_device(path)
    try:
        if is_special:
            descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        else:
            descriptor = create_file(path, PUBLIC_FILE_MODE)
    except OSError as error:
        raise storage_error(path, error) from error
    try:
        yield descriptor
    finally:
        is_empty = not is_special and os.fstat(descriptor).st_size == 0
        os.close(descriptor)
        if is_empty:  # else the next try would find it in its way
            path.unlink(missing_ok=True)
