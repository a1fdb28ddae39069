"""What is deleted so that a recorder keeps to its disk: files of its own, the oldest first."""

import contextlib
import datetime as dt
import logging
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from v380cli.sinks.naming import part_path
from v380cli.store.footage import FileState, Footage, open_footage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How much is kept: so old, so much of each camera, and so much of the disk left free."""

    keep: dt.timedelta | None = None
    keep_bytes: int | None = None
    min_free_bytes: int | None = None

    @property
    def is_wanted(self) -> bool:
        return any(limit is not None for limit in (self.keep, self.keep_bytes, self.min_free_bytes))


def make_retention(
    keep_days: int | None, keep_bytes: int | None, min_free_bytes: int | None
) -> Retention:
    """The same in days and bytes; None is no limit."""
    keep = dt.timedelta(days=keep_days) if keep_days else None
    return Retention(keep=keep, keep_bytes=keep_bytes, min_free_bytes=min_free_bytes)


def tidy(
    output: str, retention: Retention, now: dt.datetime, companions: Sequence[str] = ()
) -> list[Path]:
    """Delete what is too much in an output and return its paths.

    Only whole files that the list of recorded files has are touched, and their `companions`: files
    that are named like them, with these endings. What cannot be deleted is told in the log, and
    stays in the list. Raises StorageError where the list cannot be read.
    """
    with open_footage() as footage:
        known = footage.list_files(output)
        sizes = {file.path: _measure(file) for file in known}
        gone = [file for file in known if sizes[file.path] is None]
        there = [replace(file, size_bytes=sizes[file.path] or 0) for file in known]
        chosen = _choose(there, retention, now)
        deleted = [file for file in chosen if _delete(file.path, companions)]
        for file in (*gone, *deleted):
            footage.forget(file.path)
    return [file.path for file in deleted]


def _measure(file: Footage) -> int | None:
    """Its size on the disk; None for a whole file that is not there any more."""
    is_written = file.state is FileState.WRITING
    try:
        return os.lstat(part_path(file.path) if is_written else file.path).st_size
    except OSError:
        return 0 if is_written else None


def _choose(files: Sequence[Footage], retention: Retention, now: dt.datetime) -> Iterator[Footage]:
    """Those to delete, the oldest first; how much is free is looked at again after each.

    Files that are being written count, and stay.
    """
    sizes: dict[str, int] = defaultdict(int)
    for file in files:
        sizes[file.camera] += file.size_bytes
    for file in files:
        if file.state is FileState.WRITING or not file.size_bytes:
            continue
        is_old = retention.keep is not None and file.start < now - retention.keep
        is_much = retention.keep_bytes is not None and sizes[file.camera] > retention.keep_bytes
        if is_old or is_much or _is_disk_low(file.path, retention.min_free_bytes):
            sizes[file.camera] -= file.size_bytes
            yield file


def _is_disk_low(path: Path, min_free_bytes: int | None) -> bool:
    if min_free_bytes is None:
        return False
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < min_free_bytes


def _delete(path: Path, companions: Sequence[str]) -> bool:
    try:
        path.unlink()
        for ending in companions:
            path.with_suffix(ending).unlink(missing_ok=True)
    except OSError as error:
        log.warning("cannot delete %s: %s", path, error.strerror or error)
        return False
    log.info("deleted %s", path)
    with contextlib.suppress(OSError):  # others are in it
        path.parent.rmdir()
    return True
