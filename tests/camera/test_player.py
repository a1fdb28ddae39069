"""A recording is played at the pace of life; pauses, jumps and lost links leave nothing out."""

import contextlib
import datetime as dt
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.camera.card import (
    ENTRIES,
    GENERATIONS,
    SECONDS,
    SMALL_CARD,
    find_recording,
    list_units,
    make_reader,
    simulate_card,
)
from tests.readback import split_units
from v380cli.camera import playback
from v380cli.camera.access import Access
from v380cli.camera.fetch import Fetcher, Interrupted
from v380cli.camera.playback import EmptyRecording
from v380cli.camera.player import PlayState, RecordingPlayer
from v380cli.camera.recordings import CardReader, CardRecording
from v380cli.errors import NetworkError
from v380cli.media.sink import Formats, Packet
from v380cli.models import Device
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.store.spool import Spool

FPS = SMALL_CARD.fps
TIMEOUT_S = 60.0
SILENCE_S = 0.3


class Audience:
    """A sink that remembers what came, and when."""

    def __init__(self) -> None:
        self.units: list[list[bytes]] = []
        self.times_s: list[float] = []
        self._news = threading.Condition()

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        self._codec = formats.video.codec

    def write(self, packet: Packet) -> None:
        with self._news:
            self.units.append(split_units(self._codec, packet.data))
            self.times_s.append(time.monotonic())
            self._news.notify_all()

    def close(self) -> None: ...

    def await_more(self, count: int = 1) -> None:
        self.await_units(len(self.units) + count)

    def await_units(self, count: int) -> None:
        """Wait until so many have come in all."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.units) >= count, TIMEOUT_S)


class Show:
    """A player at work on the first recording of a card."""

    def __init__(self, camera: SimulatedCamera, start_s: float) -> None:
        reader = make_reader(camera)
        self.audience = Audience()
        self.player = RecordingPlayer(reader, find_recording(reader), self.audience, start_s)
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.player.run()
        except NetworkError as error:
            self.error = error

    def await_end(self) -> None:
        self._thread.join(TIMEOUT_S)
        assert not self._thread.is_alive()


@contextlib.contextmanager
def show(start_s: float, *faults: str, **options: Any) -> Iterator[tuple[Show, list[list[bytes]]]]:
    """A player, and all units of what it plays."""
    with simulate_card(SMALL_CARD, *faults, **options) as camera:
        running = Show(camera, start_s)
        try:
            yield running, list_units(camera, ENTRIES[0])
        finally:
            running.player.stop()
            running.await_end()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A camera may be silent for a moment only."""
    set_silence(monkeypatch, SILENCE_S)


def set_silence(monkeypatch: pytest.MonkeyPatch, silence_s: float) -> None:
    """How long a camera may be silent."""
    reading = playback.CardPlayback.read_frames
    monkeypatch.setattr(reading, "__kwdefaults__", {"silence_s": silence_s})


@pytest.mark.parametrize("variant", GENERATIONS.values(), ids=GENERATIONS.keys())
def test_it_takes_as_long_as_it_took(variant: str) -> None:
    with show(SECONDS - 2, variant=variant) as (running, units):
        running.await_end()
        assert running.audience.units == units[-2 * FPS :]
    took_s = running.audience.times_s[-1] - running.audience.times_s[0]
    assert took_s > 2 - 1 / FPS - 0.3
    assert running.player.position_s == pytest.approx(SECONDS - 1 / FPS, abs=0.01)


def test_a_recording_without_a_picture_is_no_success() -> None:
    with simulate_card(SMALL_CARD, "play-empty") as camera:
        reader = make_reader(camera)
        for start_s in (0, SECONDS - 1):
            player = RecordingPlayer(reader, find_recording(reader), Audience(), start_s)
            with pytest.raises(EmptyRecording):
                player.run()


def test_a_jump_goes_on_at_a_keyframe() -> None:
    with show(0) as (running, units):
        running.audience.await_units(3)
        with running.player._changed:  # two presses of a key, before the first is done
            running.player.skip(5)
            running.player.skip(5.5)
        running.await_end()
        before = len(running.audience.units) - 2 * FPS
        assert running.audience.units[:before] == units[:before]
        assert before < FPS
        assert running.audience.units[before:] == units[-2 * FPS :]


def test_a_jump_before_the_beginning_is_to_the_beginning() -> None:
    with show(SECONDS - 1) as (running, units):
        running.audience.await_units(1)
        running.player.skip(-100)
        seen = len(running.audience.units)
        running.audience.await_more(3)
        assert units[0] in running.audience.units[seen - 1 :]


def test_nothing_comes_in_a_pause_and_nothing_is_left_out_after_it() -> None:
    with show(SECONDS - 1) as (running, units):
        running.audience.await_units(1)
        running.player.toggle_pause()
        assert running.player.state is PlayState.PAUSED
        seen = len(running.audience.units)
        time.sleep(0.4)
        assert len(running.audience.units) - seen <= 1  # one may have been on its way
        running.player.toggle_pause()
        running.await_end()
        assert running.audience.units == units[-FPS:]


@pytest.mark.usefixtures("impatient")
def test_a_pause_may_be_longer_than_a_camera_may_be_silent() -> None:
    with show(SECONDS - 1) as (running, units):
        running.audience.await_units(1)
        running.player.toggle_pause()
        time.sleep(2 * SILENCE_S)
        running.player.toggle_pause()
        running.await_end()
        assert running.audience.units == units[-FPS:]


def test_a_lost_link_is_mended() -> None:
    with show(SECONDS - 2, "play-hang-up@frame:15*1") as (running, units):
        running.await_end()
        before, after = running.audience.units[:15], running.audience.units[15:]
        assert before == units[-2 * FPS : -FPS // 2]
        assert after == units[-FPS:]  # from the last keyframe on
    assert running.error is None


def test_a_camera_that_breaks_off_at_the_same_place_again_and_again_is_told() -> None:
    with show(0, "play-hang-up@frame:5") as (running, _):
        running.await_end()
    assert isinstance(running.error, NetworkError)


@pytest.mark.usefixtures("impatient")
def test_the_end_need_not_be_told() -> None:
    with show(SECONDS - 1, "play-no-end") as (running, units):
        running.await_end()
        assert running.audience.units == units[-FPS:] * 2  # it looks once whether there is more
    assert running.error is None


def test_stop_does_not_wait_for_a_silent_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    set_silence(monkeypatch, 10 * TIMEOUT_S)
    with show(0, "play-silence@frame:5") as (running, _):
        running.audience.await_units(5)  # more never come
        running.player.stop()
        running.await_end()
    assert running.error is None


def test_a_stop_while_it_is_opened_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    set_silence(monkeypatch, 10 * TIMEOUT_S)
    opening = playback.CardPlayback.open
    with simulate_card(SMALL_CARD, "play-silence@frame:0") as camera:
        reader = make_reader(camera)
        player = RecordingPlayer(reader, find_recording(reader), Audience())

        def open_and_stop(*args: Any) -> playback.CardPlayback:
            opened = opening(*args)
            player.stop()
            return opened

        monkeypatch.setattr(playback.CardPlayback, "open", open_and_stop)
        thread = threading.Thread(target=player.run)
        thread.start()
        thread.join(TIMEOUT_S)
        is_over = not thread.is_alive()
        player.stop()
        thread.join()
        assert is_over


@pytest.mark.parametrize("kind", [RecordingPlayer, Fetcher])
def test_a_stop_ends_a_log_in_that_nobody_answers(
    kind: type, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("v380cli.camera.login.REPLY_TIMEOUT_S", 10 * TIMEOUT_S)
    start = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
    end = start + dt.timedelta(seconds=SECONDS)
    recording = CardRecording(start=start, end=end, entry=ENTRIES[0])
    with socket.create_server(("127.0.0.1", 0)) as server:
        device = Device(device_id=1, host="127.0.0.1", port=server.getsockname()[1])
        target = Audience() if kind is RecordingPlayer else Spool(tmp_path / "frames", "it")
        playing = kind(CardReader(Access(device)), recording, target)
        with contextlib.closing(target), ThreadPoolExecutor(1) as pool:
            running = pool.submit(playing.run)
            server.settimeout(TIMEOUT_S)
            with server.accept()[0] as camera:
                camera.recv(4)
                playing.stop()
                error = running.exception(TIMEOUT_S)
    assert isinstance(error, Interrupted if kind is Fetcher else type(None))
