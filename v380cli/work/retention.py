"""What is deleted so that a recorder keeps to its disk: files of its own, the oldest first."""

import contextlib
import datetime as dt
import logging
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from v380cli.sinks.naming import part_path
from v380cli.store.footage import FileState, Footage, FootageList, open_footage

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
        broom = _Broom(footage, output, companions)
        if retention.keep is not None:
            broom.remove_before(now - retention.keep)
        if retention.keep_bytes is not None:
            broom.shrink_cameras(retention.keep_bytes)
        if retention.min_free_bytes is not None:
            broom.free_disk(retention.min_free_bytes)
    return broom.deleted


class _Broom:
    """Deletes files of an output, the oldest first; those that are being written stay.

    There may be a month of them: nothing here holds more than a page of the list.
    """

    def __init__(self, footage: FootageList, output: str, companions: Sequence[str]) -> None:
        self.deleted: list[Path] = []
        self._footage, self._output, self._companions = footage, output, companions

    def remove_before(self, moment: dt.datetime) -> None:
        for file in self._footage.walk(self._output):
            if file.start >= moment:
                return
            if self._is_there(file):
                self._remove(file)

    def shrink_cameras(self, keep_bytes: int) -> None:
        written = self._measure_written()
        for camera, size in self._footage.sum_sizes(self._output).items():
            if size + written[camera] > keep_bytes:
                self._shrink(camera, keep_bytes - written[camera])

    def free_disk(self, min_free_bytes: int) -> None:
        for file in self._footage.walk(self._output):
            if not self._is_there(file):  # and perhaps its folder: that says nothing
                continue
            if not _is_disk_low(file.path, min_free_bytes):
                return
            self._remove(file)

    def _shrink(self, camera: str, keep_bytes: int) -> None:
        """What the user has deleted makes room, too, and is looked for first."""
        files = self._footage.walk(self._output, camera)
        surplus = sum(file.size_bytes for file in files if self._is_there(file)) - keep_bytes
        for file in self._footage.walk(self._output, camera):
            if surplus <= 0:
                return
            if self._is_there(file):
                surplus -= self._remove(file)

    def _is_there(self, file: Footage) -> bool:
        """Whether it can be deleted; one that is not there any more is forgotten."""
        if os.path.lexists(file.path):
            return True
        if not file.is_away():
            self._footage.forget(file.path)
        return False

    def _measure_written(self) -> dict[str, int]:
        """How large by now what is being written is, by camera."""
        sizes: dict[str, int] = defaultdict(int)
        for file in self._footage.list_files(self._output, FileState.WRITING):
            with contextlib.suppress(OSError):
                sizes[file.camera] += part_path(file.path).stat(follow_symlinks=False).st_size
        return sizes

    def _remove(self, file: Footage) -> int:
        """How many bytes of it are not there any more."""
        if not _delete(file.path, self._companions):
            return 0
        self.deleted.append(file.path)
        self._footage.forget(file.path)
        return file.size_bytes


def _is_disk_low(path: Path, min_free_bytes: int) -> bool:
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
