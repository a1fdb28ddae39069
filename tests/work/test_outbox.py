"""Events on their way: in order, bounded, and nobody waits for anybody else."""

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.commands.recording_lab import wait_until
from v380cli.camera.retry import BackOff
from v380cli.errors import NetworkError
from v380cli.models import Device
from v380cli.work.watch.events import Event, EventName
from v380cli.work.watch.outbox import Outbox, Unwanted

NOW = dt.datetime(2026, 11, 27, 12, 0, tzinfo=dt.UTC)


def make_event(number: int = 0) -> Event:
    device = Device(name="porch", device_id=number)
    name = EventName.MOTION_START
    return Event(name=name, device=device, time=NOW, start=NOW, source="test", picture=b"jpeg")


class Listener:
    """Notes what it is told; fails while it is `down`, and waits while it is `held`."""

    name = "listener"
    wants_pictures = False

    def __init__(self, *, retries: bool = True) -> None:
        self.retries = retries
        self.heard: list[int] = []
        self.events: list[Event] = []
        self.tries = 0
        self.error: Exception | None = None
        self.free = threading.Event()
        self.free.set()

    def tell(self, event: Event) -> None:
        self.tries += 1
        self.free.wait()
        if self.error:
            raise self.error
        self.heard.append(event.device.device_id)
        self.events.append(event)

    def close(self) -> None:
        self.free.set()


@contextmanager
def open_outbox(listener: Listener, **bounds: float) -> Iterator[Outbox]:
    outbox = Outbox(listener, **bounds)  # type: ignore[arg-type]
    try:
        yield outbox
    finally:
        outbox.close(60.0 if listener.error is None else 0.0)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause before a new attempt is long."""
    monkeypatch.setattr(BackOff, "next_pause_s", lambda *_: 0.001)


def test_events_come_in_order_and_all_before_the_end() -> None:
    listener = Listener()
    with open_outbox(listener) as outbox:
        for number in range(100):
            outbox.post(make_event(number))
    assert listener.heard == list(range(100))
    assert outbox.dropped == 0
    assert listener.events[0].picture == b""


def test_what_is_down_gets_all_when_it_is_back(caplog: pytest.LogCaptureFixture) -> None:
    listener = Listener()
    listener.error = NetworkError("nobody there")
    with open_outbox(listener) as outbox:
        for number in range(50):
            outbox.post(make_event(number))
        wait_until(lambda: listener.tries > 3)
        assert listener.heard == []
        listener.error = None
    assert listener.heard == list(range(50))
    assert caplog.text.count("nobody there") == 1
    assert "works again" in caplog.text


def test_too_many_are_dropped_the_oldest_first_and_told(caplog: pytest.LogCaptureFixture) -> None:
    listener = Listener()
    listener.free.clear()
    with open_outbox(listener, max_events=10) as outbox:
        outbox.post(make_event(0))
        wait_until(lambda: listener.tries == 1)
        for number in range(1, 31):
            outbox.post(make_event(number))
        listener.free.set()
    assert listener.heard == [0, *range(21, 31)]
    assert outbox.dropped == 20
    assert "too many wait" in caplog.text


def test_what_waited_too_long_is_dropped() -> None:
    listener = Listener()
    listener.error = NetworkError("nobody there")
    with open_outbox(listener, max_age_s=0.0) as outbox:
        outbox.post(make_event())
        wait_until(lambda: outbox.dropped == 1)
        listener.error = None
    assert listener.heard == []


@pytest.mark.parametrize(
    ("error", "retries"),
    [(Unwanted("no"), True), (NetworkError("no"), False), (ZeroDivisionError(), True)],
)
def test_what_is_no_use_to_try_again_ends_that_event_only(error: Exception, retries: bool) -> None:
    listener = Listener(retries=retries)
    listener.error = error
    with open_outbox(listener) as outbox:
        outbox.post(make_event(1))
        wait_until(lambda: outbox.dropped == 1)
        listener.error = None
        outbox.post(make_event(2))
    assert listener.heard == [2]


def test_the_end_does_not_wait_for_what_is_down(caplog: pytest.LogCaptureFixture) -> None:
    listener = Listener()
    listener.error = NetworkError("nobody there")
    with open_outbox(listener) as outbox:
        outbox.post(make_event())
        outbox.post(make_event())
    assert outbox.dropped == 2
    assert "never told" in caplog.text
