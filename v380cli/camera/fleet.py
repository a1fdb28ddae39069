"""Several cameras at once: a plain thread for each, one caller that watches and stops them."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from queue import Empty, SimpleQueue
from typing import Any, Generic, Protocol, TypeVar

from v380cli.errors import Bug, V380Error
from v380cli.models import Device

TICK_S = 0.5
# A signal that comes between the last look and the wait does not end the wait: Python's handlers
# run when the main thread wakes up.
LOOK_FOR_SIGNALS_S = 5.0

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

log = logging.getLogger(__name__)


class Worker(Protocol[T_co]):
    """Works for one camera: a recorder, or what fetches recordings."""

    @property
    def device(self) -> Device: ...

    def run(self) -> T_co: ...

    def stop(self) -> None: ...

    def fail(self, error: V380Error) -> T_co:
        """The result when `run` was ended by an exception that nobody expected."""
        ...


class Fleet(Generic[T]):
    """Runs workers to their end; `stop` and `call` may be called from a signal handler.

    What is `around` a worker is entered by its thread while it runs.
    """

    def __init__(
        self,
        workers: Sequence[Worker[T]],
        around: Callable[[Any], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._workers = list(workers)
        self._around = around
        self._threads: list[threading.Thread] = []
        self._results: dict[int, T] = {}
        self._running = 0
        # SimpleQueue.put is reentrant: safe in a signal handler, where an Event is not
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def stop(self) -> None:
        """Ask every worker to close its files and end."""
        self.call(self._stop_all)

    def call(self, task: Callable[[], None]) -> None:
        """Have it done by the thread of `run`, soon."""
        self._inbox.put(task)

    def add(self, worker: Worker[T]) -> None:
        """Let another one join those that run; for the thread of `run`."""
        self._workers.append(worker)
        self._start(len(self._workers) - 1)

    def replace(self, worker: Worker[T], successor: Worker[T]) -> None:
        """Stop one, and let another begin when it has ended; for the thread of `run`."""
        former = self._threads[self._workers.index(worker)]
        worker.stop()
        self._workers.append(successor)
        self._start(len(self._workers) - 1, former)

    def run(self, on_tick: Callable[[], None] | None = None, tick_s: float = TICK_S) -> list[T]:
        """Run until all are done; `on_tick`, if given, is called that often by this thread.

        Returns a result per worker, in their order. A bug in one of them ends that one only.
        """
        for index in range(len(self._workers)):
            self._start(index)
        try:
            self._wait(on_tick or _do_nothing, tick_s if on_tick else LOOK_FOR_SIGNALS_S)
        finally:
            self._stop_all()
            for thread in self._threads:
                thread.join()
        return [self._results[index] for index in range(len(self._workers))]

    def _start(self, index: int, former: threading.Thread | None = None) -> None:
        thread = threading.Thread(
            target=self._run_one, args=(index, former), name=f"camera-{index}"
        )
        self._threads.append(thread)
        self._running += 1
        thread.start()

    def _wait(self, on_tick: Callable[[], None], tick_s: float) -> None:
        while self._running:
            try:
                task = self._inbox.get(timeout=min(tick_s, LOOK_FOR_SIGNALS_S))
            except Empty:
                task = on_tick
            task()

    def _run_one(self, index: int, former: threading.Thread | None) -> None:
        if former:
            former.join()
        try:
            with self._around(self._workers[index]):
                self._results[index] = self._workers[index].run()
        except Exception as crash:
            worker = self._workers[index]
            log.error("%s: %s", worker.device.label, type(crash).__name__, exc_info=crash)
            self._results[index] = worker.fail(Bug(crash))
        finally:
            self.call(self._note_end)

    def _note_end(self) -> None:
        self._running -= 1

    def _stop_all(self) -> None:
        for worker in self._workers:
            worker.stop()


def _do_nothing() -> None:
    pass
