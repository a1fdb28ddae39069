"""A viewer's place in a live stream: a bounded queue between two threads."""

import threading
from collections import deque
from collections.abc import Callable

from v380cli.sinks.chunks import Chunk

# More than a group of chunks, with which a viewer begins. Chunks are shared between viewers, so
# that many slow ones hold little more than one.
MAX_QUEUED_BYTES = 8 << 20
MAX_QUEUED_CHUNKS = 1024


class Viewer:
    """Takes chunks on one side and gives bytes on the other; a full one loses what it holds.

    It goes on at the next chunk that can be begun with. `wake` is called, in the giver's thread,
    when there is something to take again.
    """

    def __init__(self, wake: Callable[[], None], leave: Callable[["Viewer"], None]) -> None:
        self.dropped_pictures = 0
        self._wake = wake
        self._leave = leave
        self._lock = threading.Lock()
        self._queue: deque[tuple[bytes, int]] = deque()  # with how many pictures begin there
        self._queued_bytes = 0
        self._waits_for_start = self._needs_head = True
        self._is_ended = False

    def take(self) -> bytes | None:
        """The next bytes; none if they are not there yet, None after the last ones."""
        with self._lock:
            if not self._queue:
                return None if self._is_ended else b""
            data, _ = self._queue.popleft()
            self._queued_bytes -= len(data)
            return data

    def close(self) -> None:
        """Take nothing more."""
        self._leave(self)

    def put(self, chunk: Chunk) -> None:
        """Queue a chunk, or drop it."""
        with self._lock:
            if self._queue and self._is_full(chunk):
                self._drop_queue()
            if self._waits_for_start and not chunk.is_start:
                self.dropped_pictures += chunk.pictures
                return
            was_empty = not self._queue
            self._append(chunk)
        if was_empty:
            self._wake()

    def restart(self) -> None:
        """What comes next is another stream, with a head of its own."""
        with self._lock:
            self._waits_for_start = self._needs_head = True

    def end(self) -> None:
        """Nothing more will come."""
        with self._lock:
            self._is_ended = True
        self._wake()

    def _is_full(self, chunk: Chunk) -> bool:
        size_bytes = self._queued_bytes + len(chunk.data)
        return size_bytes > MAX_QUEUED_BYTES or len(self._queue) >= MAX_QUEUED_CHUNKS

    def _drop_queue(self) -> None:
        self.dropped_pictures += sum(pictures for _, pictures in self._queue)
        self._queue.clear()
        self._queued_bytes = 0
        self._waits_for_start = True

    def _append(self, chunk: Chunk) -> None:
        data = chunk.head + chunk.data if self._needs_head else chunk.data
        self._waits_for_start = self._needs_head = False
        self._queue.append((data, chunk.pictures))
        self._queued_bytes += len(data)
