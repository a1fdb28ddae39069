"""Links that gather deal with their bursts one after the other, and hold nobody up for long."""

import threading
from collections.abc import Iterator

import pytest

from tests.commands.recording_lab import TIMEOUT_S
from v380cli.camera import gathered_link
from v380cli.camera.gathered_link import MAX_TURN_WAITS, GatheredLink, Turns
from v380cli.wire.session import MediaReceived

MEDIA = MediaReceived(0, 1, 15, 0, b"", "video")


class QuietChannel:
    def gather(self, low_water_bytes: int, wait_s: float) -> None:
        pass


class StubLink(GatheredLink):
    """Brings a picture with each reading."""

    def __init__(self) -> None:
        super().__init__(QuietChannel())  # type: ignore[arg-type]
        self.set_prompt(False)
        self._readings = 0

    def _take_burst(self) -> list[MediaReceived]:
        return [MEDIA] * min(self._readings, 1)

    def _receive(self) -> None:
        self._readings += 1


@pytest.fixture(autouse=True)
def turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else of this process has it."""
    monkeypatch.setattr(gathered_link, "_turns", Turns())


@pytest.fixture
def busy(turn: None) -> Iterator[Iterator[MediaReceived]]:
    """What a link brings that is in the middle of its burst."""
    media = StubLink().read_media()
    next(media)
    yield media
    media.close()  # type: ignore[attr-defined]


def read_beside() -> threading.Event:
    """Set when another link has brought its picture."""
    came = threading.Event()

    def read() -> None:
        next(StubLink().read_media())
        came.set()

    threading.Thread(target=read, daemon=True).start()
    return came


def test_a_burst_waits_for_the_one_before(
    monkeypatch: pytest.MonkeyPatch, busy: Iterator[MediaReceived]
) -> None:
    monkeypatch.setattr(gathered_link, "TURN_WAIT_S", 4 * TIMEOUT_S)
    came = read_beside()
    assert not came.wait(0.1)
    busy.close()  # type: ignore[attr-defined]
    assert came.wait(TIMEOUT_S)


def test_one_that_is_held_up_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch, busy: Iterator[MediaReceived]
) -> None:
    monkeypatch.setattr(gathered_link, "TURN_WAIT_S", 0.01)
    assert read_beside().wait(TIMEOUT_S)


class MovingQueue:
    """Stands in for the lock: so many others have their turns before us, each for a whole wait."""

    def __init__(self, turns: Turns, others: int) -> None:
        self._turns, self._others = turns, others

    def acquire(self, *, timeout: float) -> bool:
        assert timeout
        if not self._others:
            return True
        self._others -= 1
        self._turns._taken += 1
        return False


@pytest.mark.parametrize(
    ("others", "has_turn"), [(0, True), (MAX_TURN_WAITS - 1, True), (MAX_TURN_WAITS, False)]
)
def test_a_queue_that_goes_on_is_waited_for(others: int, has_turn: bool) -> None:
    turns = Turns()
    turns._lock = MovingQueue(turns, others)  # type: ignore[assignment]
    assert turns.take() is has_turn
