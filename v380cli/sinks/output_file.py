"""The file that a muxer writes to: ours, so that a disk error keeps its errno."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from v380cli.disk import PUBLIC_FILE_MODE, create_file, sync_file
from v380cli.errors import StorageError, V380Error
from v380cli.sinks.background_sync import BackgroundSync

HASTE_BYTES = 8 << 20


class OutputFile:
    """A new file for FFmpeg to write to, without a buffer: what a muxer flushed, a kill keeps.

    It never overwrites. After a failed write or sync it takes nothing more and `error` says why:
    half an index would spoil the fragments before it.
    """

    def __init__(self, path: Path) -> None:
        """Create the file; StorageError if that is not possible or it exists already."""
        try:
            self._fd = create_file(path, PUBLIC_FILE_MODE)
        except OSError as error:
            raise storage_error(path, error) from error
        with suppress(OSError):  # not every file system can; it tells a recovery to wait
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.path = path
        self.error: OSError | None = None
        self.closed = False
        self._syncing = BackgroundSync(self._fd, path)
        self._waiting_bytes = 0  # not on their way to the disk yet

    def write(self, data: bytes) -> int:
        """Write all: FFmpeg takes a short write, the first sign of a full disk, for success."""
        self.error = self.error or self._syncing.error
        if self.error is not None:
            raise self.error
        done = 0
        try:
            while done < len(data):
                done += os.write(self._fd, data[done:] if done else data)
        except OSError as error:
            self.error = error
            self._cut_tail(done)
            raise
        self._hasten(done)
        return done

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return os.lseek(self._fd, offset, whence)

    def tell(self) -> int:
        return os.lseek(self._fd, 0, os.SEEK_CUR)

    @property
    def size_bytes(self) -> int:
        """How much is in it, while it is open."""
        return os.fstat(self._fd).st_size

    def _hasten(self, written_bytes: int) -> None:
        """Start to write to the disk now and then, so that not all is left for the end.

        That is what this advice does on Linux, besides keeping a recording out of the cache, which
        nobody reads soon.
        """
        self._waiting_bytes += written_bytes
        if self._waiting_bytes >= HASTE_BYTES:
            self._waiting_bytes = 0
            with suppress(OSError):  # not every descriptor has a disk behind it
                os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_DONTNEED)

    def _cut_tail(self, tail_bytes: int) -> None:
        """Take back what was appended: half a fragment's header makes a whole MP4 unreadable."""
        with suppress(OSError):
            end = self.tell()
            if end == os.fstat(self._fd).st_size:
                os.ftruncate(self._fd, end - tail_bytes)

    def explain(self, error: OSError) -> V380Error:
        """What a failed write means for the user."""
        return storage_error(self.path, error)

    def sync_soon(self) -> None:
        """Have what was written so far on the disk, without waiting for it."""
        self._syncing.begin()

    def close(self) -> None:
        """Have all of it on the disk; raises `error` if that fails."""
        if self.closed:
            return
        self.closed = True
        self._syncing.finish()
        try:
            sync_file(self._fd)
        except OSError as error:
            self.error = error
            raise
        finally:
            os.close(self._fd)


def storage_error(path: Path, error: OSError) -> StorageError:
    """One sentence that names the file."""
    return StorageError(f"cannot write {path}: {error.strerror or error}")
