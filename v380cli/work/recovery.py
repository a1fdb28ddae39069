"""Recordings that were broken off by a kill or a power cut: found, finished, named."""

import contextlib
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from v380cli.disk import give_free_name
from v380cli.errors import StorageError
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.naming import PART_SUFFIX, list_alternatives
from v380cli.sinks.repair import copy_readable

MAX_ALTERNATIVES = 10_000


class StillWritten(StorageError):
    """A recorder is at work on the file."""

    code = "in_use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """A finished file, what it was before, and what is in it; the duration in seconds."""

    part: Path
    path: Path
    duration_s: float
    video_packets: int
    audio_packets: int
    size_bytes: int


def find_parts(path: Path) -> Iterator[Path]:
    """The broken off recordings in a folder and below, or the one that is named itself."""
    if not path.is_dir():
        yield path
        return
    for folder, _, names in os.walk(path):
        yield from sorted(Path(folder, name) for name in names if is_part(name))


def is_part(name: str) -> bool:
    """Whether a file is called like a recording that is not finished."""
    return name.endswith(PART_SUFFIX) and _find_container(name) is not None


def recover(part: Path) -> Recovered:
    """Make an ordinary file of `part`, under the name that it was to have, and remove `part`.

    Raises StillWritten, StorageError, or MediaError for what has no picture; it stays then.
    """
    container = _find_container(part.name)
    if container is None or not is_part(part.name):
        raise StorageError(
            f"{part} is not called like a broken off recording",
            hint="they end in .mp4.part, .mkv.part or .ts.part",
        )
    with _own(part):
        copy = part.with_name(f".v380-{secrets.token_hex(8)}.part")
        found = copy_readable(part, copy, container)
        try:
            path = give_free_name(copy, _list_names(part))
            part.unlink()
        except OSError as error:
            raise StorageError(f"cannot finish {part}: {error.strerror or error}") from error
    size_bytes = path.stat().st_size
    return Recovered(part=part, path=path, size_bytes=size_bytes, **found._asdict())


@contextlib.contextmanager
def _own(part: Path) -> Iterator[None]:
    """Be the only one at a file; whoever writes it has it locked.

    NFS gives the lock to those only who may write.
    """
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(part, flags)
    except OSError as error:
        raise StorageError(f"cannot open {part}: {error.strerror or error}") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise StorageError(f"{part} is not a file")
        _lock(descriptor, part)
        if not os.fstat(descriptor).st_nlink:
            raise StillWritten(f"{part} was finished by another program just now")
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, part: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StillWritten(f"{part} is being recorded at the moment") from None
    except OSError as error:
        raise StorageError(f"cannot lock {part}: {error.strerror or error}") from error


def _find_container(name: str) -> ContainerFormat | None:
    ending = Path(name.removesuffix(PART_SUFFIX)).suffix[1:].lower()
    return ContainerFormat(ending) if ending in list(ContainerFormat) else None


def _list_names(part: Path) -> Iterator[Path]:
    """The name that it was to have, then the same with numbers."""
    wanted = part.with_name(part.name.removesuffix(PART_SUFFIX))
    return islice(list_alternatives(wanted), MAX_ALTERNATIVES)
