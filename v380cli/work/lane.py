"""Tasks that are done one after the other, in a thread of their own."""

import logging
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from v380cli.errors import V380Error

Task = Callable[[], None]

log = logging.getLogger(__name__)


class Lane:
    """Does what is put into it; whoever puts it there does not wait.

    `tell` gets a sentence for a person about a task that failed: the next one is done all the same.
    Every `period_s` seconds without one, `idle` is done.
    """

    def __init__(
        self,
        name: str,
        tell: Callable[[str], None],
        *,
        idle: Task | None = None,
        period_s: float | None = None,
    ) -> None:
        self._tell, self._idle, self._period_s = tell, idle, period_s
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name)

    def put(self, task: Task) -> None:
        """Have it done; safe from any thread."""
        self._tasks.put(task)

    def __enter__(self) -> "Lane":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Wait until all is done."""
        self._tasks.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                task = self._tasks.get(timeout=self._period_s)
            except Empty:
                task = self._idle
            if task is None:
                return
            self._do(task)

    def _do(self, task: Task) -> None:
        try:
            task()
        except V380Error as error:
            self._tell(error.message)
        except Exception as bug:
            log.error("unexpected", exc_info=bug)
            self._tell(f"an unexpected error in the background: {type(bug).__name__}")
