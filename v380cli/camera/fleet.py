"""Several cameras at once: a plain thread for each, one caller that watches and stops them."""

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from v380cli.camera.recorder import Recorder, Recording

TICK_S = 0.5


class Fleet:
    """Runs recorders to their end; `stop` may be called from a signal handler."""

    def __init__(self, recorders: Sequence[Recorder]) -> None:
        self.recorders = tuple(recorders)
        self._recordings: dict[int, Recording] = {}
        self._crash: BaseException | None = None
        # SimpleQueue.put is reentrant: safe in a signal handler, where an Event is not
        self._inbox: SimpleQueue[str] = SimpleQueue()

    def stop(self) -> None:
        """Ask every recorder to close its files and end."""
        self._inbox.put("stop")

    def run(self, on_tick: Callable[[], None]) -> list[Recording]:
        """Record until all are done; `on_tick` is called twice a second by this thread.

        Returns a recording per recorder, in their order.
        """
        threads = [
            threading.Thread(target=self._run_one, args=(index,), name=f"record-{index}")
            for index in range(len(self.recorders))
        ]
        for thread in threads:
            thread.start()
        try:
            self._wait(on_tick)
        finally:
            self._stop_all()
            for thread in threads:
                thread.join()
        if self._crash:
            raise self._crash
        return [self._recordings[index] for index in range(len(self.recorders))]

    def _wait(self, on_tick: Callable[[], None]) -> None:
        running = len(self.recorders)
        while running:
            try:
                message = self._inbox.get(timeout=TICK_S)
            except Empty:
                on_tick()
                continue
            if message == "stop":
                self._stop_all()
            else:
                running -= 1

    def _run_one(self, index: int) -> None:
        try:
            self._recordings[index] = self.recorders[index].run()
        except BaseException as crash:
            self._crash = crash
        finally:
            self._inbox.put("done")

    def _stop_all(self) -> None:
        for recorder in self.recorders:
            recorder.stop()
