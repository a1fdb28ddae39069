"""Several workers to their end, and nobody woken often who has nothing to do."""

import threading
from queue import SimpleQueue

import pytest

from v380cli.camera import fleet as fleet_room
from v380cli.camera.fleet import Fleet
from v380cli.errors import V380Error
from v380cli.models import Device


class Worker:
    """Works until it is stopped."""

    device = Device()

    def __init__(self) -> None:
        self.began, self._stopped = threading.Event(), threading.Event()

    def run(self) -> str:
        self.began.set()
        self._stopped.wait()
        return "done"

    def stop(self) -> None:
        self._stopped.set()

    def fail(self, error: V380Error) -> str:
        return error.message


class Inbox(SimpleQueue[str]):
    """Remembers how long was waited at most, each time."""

    def __init__(self) -> None:
        self.timeouts: list[float | None] = []

    def get(self, block: bool = True, timeout: float | None = None) -> str:
        self.timeouts.append(timeout)
        return super().get(block, timeout)


def test_without_ticks_it_wakes_for_events_and_early_signals(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inbox = Inbox()
    monkeypatch.setattr(fleet_room, "SimpleQueue", lambda: inbox)
    workers = [Worker(), Worker()]
    fleet = Fleet(workers)

    def stop_later() -> None:
        for worker in workers:
            worker.began.wait()
        fleet.stop()

    stopper = threading.Thread(target=stop_later)
    stopper.start()
    assert fleet.run() == ["done", "done"]
    stopper.join()
    assert set(inbox.timeouts) == {fleet_room.LOOK_FOR_SIGNALS_S}


def test_ticks_come_for_whom_they_are_asked_for() -> None:
    fleet = Fleet([Worker()])
    ticks = []

    def tick() -> None:
        ticks.append(1)
        fleet.stop()

    assert fleet.run(tick) == ["done"]
    assert ticks
