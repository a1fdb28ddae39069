"""How a growing file comes onto the disk before a power cut, without anyone waiting for it."""

import contextlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from v380cli.disk import sync_file, sync_folder

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

SYNC_S = 5.0
MAX_BUSY = 64  # files that are synced at the same time; each may lie on a disk that hangs


class SyncSchedule:
    """Says after which packets to sync, so that no more than `period_s` is not on the disk.

    What ends in a keyframe is best: by then the muxer has written all that came before it.
    """

    def __init__(self, period_s: float) -> None:
        self.period_s = period_s
        self._last_ms = 0

    def restart(self) -> None:
        """Another file begins, with its times."""
        self._last_ms = 0

    def is_due(self, pts_ms: int, *, is_keyframe: bool) -> bool:
        """Whether to sync now: at a keyframe as soon as half of the time is over."""
        waited_ms = pts_ms - self._last_ms
        if waited_ms < (self.period_s * 1000 / 2 if is_keyframe else self.period_s * 1000):
            return False
        self._last_ms = pts_ms
        return True


class BackgroundSync:
    """Syncs one open file beside the recording, since a slow disk takes seconds; one at a time."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self.error: OSError | None = None
        self._descriptor = descriptor
        self._path = path
        self._present: Future[None] | None = None
        self._has_name = False

    def begin(self) -> None:
        """Have what was written so far on the disk soon, unless it is still busy with that."""
        if self._present is not None and not self._present.done():
            return
        with contextlib.suppress(RuntimeError):  # no thread to be had: the recording goes on
            self._present = _open_pool().submit(self._sync)

    def finish(self) -> None:
        """Wait for it; the descriptor may be closed then."""
        if self._present is not None:
            self._present.exception()

    def _sync(self) -> None:
        try:
            sync_file(self._descriptor)
            if not self._has_name:
                sync_folder(self._path.parent)
                self._has_name = True
        except OSError as error:
            self.error = error


@cache
def _open_pool() -> "ThreadPoolExecutor":
    """For all files: one idle thread does for many, and to begin one takes as long as to sync."""
    from concurrent.futures import ThreadPoolExecutor  # a command's help needs none

    return ThreadPoolExecutor(MAX_BUSY, thread_name_prefix="sync")
