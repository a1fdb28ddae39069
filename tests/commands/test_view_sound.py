"""The sound of `v380 view`, with a stand-in for sounddevice that writes what it plays to a file."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.recording_lab import PASSWORD, address_args, open_camera
from tests.virtual_terminal import TerminalRun, start_on_terminal
from v380cli.simulator.camera import Pace

LINES = 24
SOUNDDEVICE = """
import pathlib, threading

class PortAudioError(Exception):
    pass

class RawOutputStream:
    def __init__(self, *, samplerate, channels, dtype, callback):
        {check}
        self.samplerate, self._callback = float(samplerate), callback
        self._file = open({path!r}, "wb", buffering=0)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._play)

    def start(self):
        self._thread.start()

    def close(self):
        self._is_over.set()
        self._thread.join()

    def _play(self):
        while not self._is_over.wait(0.04):
            out = bytearray(int(self.samplerate * 0.04) * 2)
            self._callback(memoryview(out), len(out) // 2, None, None)
            if any(out):
                self._file.write(out)
"""


@pytest.fixture
def heard(tmp_path: Path) -> Path:
    """What the stand-in plays: each run of it that is not silence."""
    return tmp_path / "heard"


def install(folder: Path, heard: Path, check: str = "pass") -> dict[str, str]:
    """Variables with which `import sounddevice` finds the stand-in."""
    folder.mkdir()
    (folder / "sounddevice.py").write_text(SOUNDDEVICE.format(path=str(heard), check=check))
    return {
        "V380_PASSWORD": PASSWORD,
        "PYTHONPATH": os.pathsep.join([str(folder), os.environ["PYTHONPATH"]]),
    }


@pytest.fixture
def camera_words() -> Iterator[tuple[str, ...]]:
    with open_camera(pace=Pace.CAMERA) as camera:
        yield address_args(camera)


def wait_until_live(view: TerminalRun) -> None:
    view.wait_for(lambda: "live" in view.terminal.read_line(LINES - 1))


def test_the_key_turns_sound_on_and_off(
    data_dir: Path, tmp_path: Path, heard: Path, camera_words: tuple[str, ...]
) -> None:
    env = install(tmp_path / "packages", heard)
    with start_on_terminal(data_dir, "view", *camera_words, env=env) as view:
        wait_until_live(view)
        assert not heard.exists()  # a terminal may be far from who sits before it
        view.type("m")
        view.wait_for_text("sound on")
        view.wait_for(lambda: heard.exists() and heard.stat().st_size > 0)
        view.type("m")
        view.wait_for_text("sound off")
        view.type("q")
        assert view.wait() == 0


def test_a_machine_without_loudspeaker_says_so_and_shows_the_picture(
    data_dir: Path, tmp_path: Path, heard: Path, camera_words: tuple[str, ...]
) -> None:
    env = install(tmp_path / "packages", heard, 'raise PortAudioError("no device")')
    with start_on_terminal(data_dir, "view", *camera_words, env=env) as view:
        wait_until_live(view)
        view.type("m")
        view.wait_for_text("no sound: the loudspeaker cannot be opened: no device")
        wait_until_live(view)
        view.type("q")
        assert view.wait() == 0
