"""The sound of `v380 view`, with a stand-in for sounddevice that writes what it plays to a file."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import pytest

from tests.cli import RunHere
from tests.commands.recording_lab import PASSWORD, address_args, open_camera
from tests.virtual_terminal import TerminalRun, start_on_terminal
from tests.warm import COLD_V380
from v380cli.commands import _view_screen
from v380cli.simulator.camera import Pace
from v380cli.sinks.screen.scene import Scene

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
        self._file.close()

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
    with start_on_terminal(data_dir, "view", *camera_words, env=env, command=COLD_V380) as view:
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
    with start_on_terminal(data_dir, "view", *camera_words, env=env, command=COLD_V380) as view:
        wait_until_live(view)
        view.type("m")
        view.wait_for_text("no sound: the loudspeaker cannot be opened: no device")
        wait_until_live(view)
        view.type("q")
        assert view.wait() == 0


class Window:
    """A screen that is no terminal, and is closed as soon as there is sound, or pictures enough."""

    KEYS: ClassVar[dict[str, str]] = {}
    is_ready = True

    def __init__(self, heard: Path, most: int) -> None:
        self._heard, self._most = heard, most
        self._shown = 0

    def __enter__(self) -> "Window":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    @property
    def is_closed(self) -> bool:
        has_sound = self._heard.exists() and self._heard.stat().st_size > 0
        return has_sound or self._shown > self._most

    def show(self, scene: Scene) -> None:
        self._shown += scene.picture is not None

    def read_keys(self, timeout_s: float) -> list[str]:
        time.sleep(timeout_s)
        return []


@pytest.mark.parametrize(("words", "has_sound"), [((), True), (("--no-audio",), False)])
def test_a_window_has_sound_from_the_start(
    words: tuple[str, ...],
    has_sound: bool,
    data_dir: Path,
    heard: Path,
    camera_words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = ModuleType("sounddevice")
    exec(SOUNDDEVICE.format(path=str(heard), check="pass"), module.__dict__)
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    window = Window(heard, most=1_000_000 if has_sound else 20)
    monkeypatch.setattr(_view_screen, "choose_screen", lambda *_, **__: (window, ""))
    env = {"V380_PASSWORD": PASSWORD}
    done = RunHere(data_dir)("view", *camera_words, *words, env=env)
    assert (done.returncode, heard.exists()) == (0, has_sound)
