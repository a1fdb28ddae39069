"""A mirror of a card on the disk: what is left out, checked and deleted."""

import contextlib
import datetime as dt
import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from v380cli import disk
from v380cli.camera.recordings import CardRecording
from v380cli.errors import MediaError, StorageError
from v380cli.models import Device
from v380cli.sinks.probe import probe_file
from v380cli.store.catalogue import FetchedFile, open_catalogue
from v380cli.work.card.fetching import FetchJob, FetchPlan
from v380cli.work.card.inventory import hash_file, measure
from v380cli.work.card.selection import Selection
from v380cli.work.card.workplace import set_aside

LOCK_NAME = ".v380-sync.lock"
# What ended so short ago may still be written, and the camera's clock may be behind ours.
GROWING = dt.timedelta(minutes=2)


class MirrorTaken(StorageError):
    """Another sync is at work in this folder."""

    code = "locked"


class MirrorJob(FetchJob):
    """Fetches what a mirror lacks: nothing that is still growing, or older than it keeps."""

    def __init__(
        self, device: Device, selection: Selection, plan: FetchPlan, oldest: dt.datetime | None
    ) -> None:
        super().__init__(device, selection, plan)
        self._oldest = oldest

    def choose(self, recordings: list[CardRecording]) -> list[CardRecording]:
        """Which of those found are to be fetched."""
        newest = dt.datetime.now(dt.UTC) - GROWING
        return [
            recording
            for recording in recordings
            if recording.end <= newest and (self._oldest is None or recording.end >= self._oldest)
        ]


@contextlib.contextmanager
def lock_mirror(folder: Path) -> Iterator[None]:
    """Be alone in a folder. Raises MirrorTaken, or StorageError for one that cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = disk.open_own_file(folder / LOCK_NAME, os.O_WRONLY)
    except OSError as error:
        raise StorageError(f"cannot write in {folder}: {error.strerror or error}") from error
    with os.fdopen(descriptor, "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MirrorTaken(f"another sync is at work in {folder}") from None
        except OSError as error:
            raise StorageError(f"cannot lock {folder}: {error.strerror or error}") from error
        yield


def verify_files(folder: Path, devices: Sequence[Device]) -> list[Path]:
    """Read back every file of the mirror; those that changed are set aside and returned."""
    damaged = [file.path for file in list_mirror(folder, devices) if not is_intact(file)]
    for path in damaged:
        set_aside(path)
    return damaged


def is_intact(file: FetchedFile) -> bool:
    """Whether a file holds what was fetched; one that the user deleted is not damaged."""
    size = measure(file.path)
    if size is None:
        return True
    if size != file.size_bytes or hash_file(file.path) != file.sha256:
        return False
    try:
        return probe_file(file.path).video_packets == file.video_packets
    except MediaError:
        return False


def prune_files(
    folder: Path,
    devices: Sequence[Device],
    oldest: dt.datetime | None,
    keep_bytes: int | None,
) -> list[Path]:
    """Delete fetched files, the oldest first, until no more are kept than should be."""
    files = [file for file in list_mirror(folder, devices) if file.path.exists()]
    total_bytes = sum(file.size_bytes for file in files)
    pruned = []
    for file in files:
        is_old = oldest is not None and file.start < oldest
        if not is_old and (keep_bytes is None or total_bytes <= keep_bytes):
            continue
        _delete(file.path)
        total_bytes -= file.size_bytes
        pruned.append(file.path)
    return pruned


def list_mirror(folder: Path, devices: Sequence[Device]) -> list[FetchedFile]:
    """What the catalogue knows of these cameras in the folder, the oldest first."""
    with open_catalogue() as catalogue:
        files = [
            file for device in devices for file in catalogue.list_files(folder, device.device_id)
        ]
    return sorted(files, key=lambda file: file.start)


def _delete(path: Path) -> None:
    """Delete a file, after it was noted: it must not be fetched again."""
    with open_catalogue() as catalogue:
        catalogue.mark_pruned(path)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"cannot delete {path}: {error.strerror or error}") from error
    with contextlib.suppress(OSError):  # not empty yet
        path.parent.rmdir()
