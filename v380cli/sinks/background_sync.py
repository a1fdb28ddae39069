"""How a growing file comes onto the disk before a power cut, without anyone waiting for it."""

import contextlib
import threading
from pathlib import Path

from v380cli.disk import sync_file, sync_folder

SYNC_S = 5.0


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
    """Syncs one open file in a thread, since a slow disk takes seconds; one at a time."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self.error: OSError | None = None
        self._descriptor = descriptor
        self._path = path
        self._thread: threading.Thread | None = None
        self._has_name = False

    def begin(self) -> None:
        """Have what was written so far on the disk soon, unless it is still busy with that."""
        if self._thread is not None and self._thread.is_alive():
            return
        thread = threading.Thread(target=self._sync, name=f"sync-{self._descriptor}")
        with contextlib.suppress(RuntimeError):  # no thread to be had: the recording goes on
            thread.start()
            self._thread = thread

    def finish(self) -> None:
        """Wait for the thread; the descriptor may be closed then."""
        if self._thread is not None:
            self._thread.join()

    def _sync(self) -> None:
        try:
            sync_file(self._descriptor)
            if not self._has_name:
                sync_folder(self._path.parent)
                self._has_name = True
        except OSError as error:
            self.error = error
