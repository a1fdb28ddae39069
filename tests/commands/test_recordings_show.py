"""`v380 recordings play` on a terminal, as a person meets it."""

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from tests.camera.card import SMALL_CARD, simulate_card
from tests.virtual_terminal import ALTERNATE_SCREEN, TerminalRun, start_on_terminal
from v380cli.simulator.firmware import SimulatedCamera

ID = "20261120-080000-1"


@pytest.fixture
def camera() -> Iterator[SimulatedCamera]:
    with simulate_card() as camera:
        yield camera


@contextlib.contextmanager
def open_show(
    camera: SimulatedCamera, folder: Path, *args: str, id_: str = ID, **options: str
) -> Iterator[TerminalRun]:
    target = f"{camera.host}:{camera.port}"
    command = ["recordings", "play", target, id_, "--id", str(camera.spec.device_id), *args]
    env = {"V380_PASSWORD": "secret1", **options}
    with start_on_terminal(folder / "data", *command, env=env, folder=folder) as show:
        yield show


def test_keys_pause_save_and_quit(camera: SimulatedCamera, tmp_path: Path) -> None:
    with open_show(camera, tmp_path) as show:
        show.wait_for_text("0/0:12.0  playing")
        show.type(" ")
        show.wait_for_text("paused")
        show.type("s")
        show.wait_for_text("saved 87654321-20261120-080000.jpg")
        show.type("?")
        show.wait_for_text("pause, and go on")
        show.type("q")
        assert show.wait() == 0
        assert ALTERNATE_SCREEN not in show.terminal.modes
        assert "87654321-20261120-080000.jpg" in show.terminal.read_text()
        assert "secret1" not in show.written
    with av.open(tmp_path / "87654321-20261120-080000.jpg") as picture:
        stream = picture.streams.video[0]
        assert (stream.width, stream.height) == (SMALL_CARD.width, SMALL_CARD.height)


def test_a_key_jumps(camera: SimulatedCamera, tmp_path: Path) -> None:
    with open_show(camera, tmp_path) as show:
        show.wait_for_text("08:00:0")
        show.type("\x1b[C")
        show.wait_for_text("08:00:1")


def test_the_end_of_the_recording_is_the_end(camera: SimulatedCamera, tmp_path: Path) -> None:
    with open_show(camera, tmp_path, "--seek", "11s", "--terminal") as show:
        show.wait_for_text("08:00:11")
        assert show.wait() == 0


def test_a_signal_ends_it(camera: SimulatedCamera, tmp_path: Path) -> None:
    with open_show(camera, tmp_path) as show:
        show.wait_for_text("playing")
        show.type("\x03")
        assert show.wait() == 128 + signal.SIGINT
        assert ALTERNATE_SCREEN not in show.terminal.modes


def test_a_camera_that_plays_nothing_is_told(tmp_path: Path) -> None:
    with (
        simulate_card(SMALL_CARD, "play-hang-up@frame:0") as camera,
        open_show(camera, tmp_path) as show,
    ):
        assert show.wait() == 4
        assert "hung up in the middle of the recording" in show.terminal.read_text()
