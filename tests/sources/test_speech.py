"""A synthetic voice: a stand-in for espeak-ng on the PATH, and the real one where it is."""

import shutil
import stat
import sys
import time
from pathlib import Path

import pytest

from tests.sounds import make_voice, write_wave
from tests.sources.listening import read_all
from v380cli.errors import InvalidInput, MediaError
from v380cli.sources.pump import SoundPump
from v380cli.sources.speech import TEXT_MAX_BYTES, Speech

TIMEOUT_S = 60.0
TEXT = "The postman is at the door."


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """Make `espeak-ng` this Python script, which is called in `folder`."""
    program = folder / "espeak-ng"
    program.write_text(f"#!{sys.executable}\nimport sys, pathlib, time\n{script}")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.chdir(folder)
    return program


def test_the_text_is_on_standard_input_and_the_voice_an_argument(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice = make_voice(0.5)
    write_wave(tmp_path / "voice.wav", voice)
    install(
        tmp_path,
        monkeypatch,
        "pathlib.Path('told').write_text(repr((sys.argv[1:], sys.stdin.read())))\n"
        "sys.stdout.buffer.write(pathlib.Path('voice.wav').read_bytes())",
    )
    assert read_all(Speech(f" {TEXT}\n", voice="de")) == voice
    told = (tmp_path / "told").read_text()
    assert told == repr((["--stdin", "--stdout", "-v", "de"], TEXT))


def test_a_failure_is_told_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, "sys.exit('Error: no such\\x1b[31m voice')")
    with pytest.raises(MediaError, match=r"espeak-ng failed: Error: no such\[31m voice"):
        read_all(Speech(TEXT))


def test_an_endless_one_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, "time.sleep(600)")
    began_s = time.monotonic()
    with SoundPump(Speech(TEXT)) as pump:
        pump.start()
        assert pump.read(1010, 0.05) is None
        pump.interrupt()
        assert pump.read(1010, TIMEOUT_S) == b""
    assert time.monotonic() - began_s < TIMEOUT_S


def test_without_it_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidInput) as caught:
        Speech(TEXT)
    assert "apt install espeak-ng" in caught.value.hint


@pytest.mark.parametrize("text", ["", " \n", "x" * (TEXT_MAX_BYTES + 1)])
def test_a_text_that_cannot_be_said(text: str) -> None:
    with pytest.raises(InvalidInput, match="text"):
        Speech(text)


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")
def test_the_real_one_speaks() -> None:
    seconds = len(read_all(Speech(TEXT))) / 16000
    assert 1 < seconds < 4
