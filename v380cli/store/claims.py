"""Who is at work on a file: one process at a time, and nobody once that one was killed."""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from v380cli.errors import StorageError
from v380cli.store import paths

FILE_NAME = "claims.lock"
PLACE_BYTES = 7  # of the hash: what fits into an offset


@contextlib.contextmanager
def claim(path: Path) -> Iterator[bool]:
    """Whether no other process is at work on `path`; inside the block none will be.

    What is locked is a byte of a file of our own, by the hash of the path: on a network share a
    lock of the file itself would keep others from reading it. Raises StorageError.
    """
    where = paths.find_data_dir() / FILE_NAME
    paths.make_private_dir(where.parent)
    paths.make_private_file(where)
    place = int.from_bytes(hashlib.sha256(os.fsencode(path)).digest()[:PLACE_BYTES])
    with where.open("r+b") as file:
        yield _lock(file.fileno(), place)


def _lock(descriptor: int, place: int) -> bool:
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
    except BlockingIOError:
        return False
    except OSError as error:
        raise StorageError(f"{FILE_NAME} cannot be locked: {error.strerror}") from error
    return True
