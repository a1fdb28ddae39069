"""What the tests of watching share: who is told, and a watch that runs beside the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.commands.recording_lab import wait_until
from v380cli.camera.fleet import TICK_S
from v380cli.work.watch.events import Event, EventName
from v380cli.work.watch.watcher import Watched, Watcher


class Listener:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    @property
    def names(self) -> list[EventName]:
        return [event.name for event in self.events]

    def wait_for(self, name: EventName) -> Event:
        wait_until(lambda: name in self.names)
        return next(event for event in self.events if event.name is name)


@contextmanager
def running(watcher: Watcher) -> Iterator[list[Watched]]:
    """It runs and ticks until the block ends; then its result is in the list."""
    results: list[Watched] = []
    is_over = threading.Event()

    def tick() -> None:
        while not is_over.wait(TICK_S / 10):
            watcher.tick()

    threads = [
        threading.Thread(target=lambda: results.append(watcher.run())),
        threading.Thread(target=tick),
    ]
    for thread in threads:
        thread.start()
    try:
        yield results
    finally:
        watcher.stop()
        is_over.set()
        for thread in threads:
            thread.join()
