"""The microphone, with a stand-in for sounddevice: no test machine has one."""

import sys
from types import ModuleType
from typing import Any

import pytest

from tests.sounds import correlate, make_voice
from v380cli.errors import InvalidInput, MediaError
from v380cli.sources.microphone import Microphone
from v380cli.sources.pump import SoundPump

VOICE = make_voice(1.0)


class PortAudioError(Exception):
    pass


class Stream:
    """Says the voice again and again, in no time, each sample as often as the rate wants."""

    def __init__(self, *, samplerate: int, channels: int, dtype: str) -> None:
        assert (channels, dtype) == (1, "int16")
        self._repeat = samplerate // 8000
        self._position = 0
        self.closed = False

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read(self, frames: int) -> tuple[bytes, bool]:
        data = bytearray()
        for _ in range(frames):
            start = self._position // self._repeat * 2 % len(VOICE)
            data += VOICE[start : start + 2]
            self._position += 1
        return bytes(data), False

    def close(self) -> None:
        self.closed = True


def install(
    monkeypatch: pytest.MonkeyPatch, *, rates: tuple[int, ...] = (8000,), stream: Any = Stream
) -> None:
    """Make `import sounddevice` find a device that knows these rates."""

    def check(*, samplerate: int, channels: int, dtype: str) -> None:
        if samplerate not in rates:
            raise PortAudioError("Invalid sample rate")

    module: Any = ModuleType("sounddevice")
    module.PortAudioError = PortAudioError
    module.RawInputStream = stream
    module.check_input_settings = check
    module.query_devices = lambda kind: {"default_samplerate": float(rates[0])}
    monkeypatch.setitem(sys.modules, "sounddevice", module)


def listen(seconds: float) -> bytes:
    pcm = bytearray()
    with SoundPump(Microphone()) as pump:
        pump.start()
        while len(pcm) < seconds * 16000:
            pcm += pump.read(1010, 5.0) or b""
        pump.interrupt()
    return bytes(pcm)


def test_what_it_hears(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    assert listen(0.5).startswith(VOICE[:8000])


def test_one_that_does_not_know_8_khz_is_resampled(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, rates=(48000,))
    heard = listen(0.5)
    assert correlate(heard, VOICE[: len(heard)]) > 0.9


def test_none_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise PortAudioError("Error querying device -1")

    install(monkeypatch, stream=fail)
    with pytest.raises(MediaError, match="cannot be opened: Error querying"):
        Microphone()


def test_one_that_is_pulled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pulled(Stream):
        def read(self, frames: int) -> tuple[bytes, bool]:
            raise PortAudioError("Device unavailable")

    install(monkeypatch, stream=Pulled)
    with pytest.raises(MediaError, match="broke off"):
        listen(0.1)


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(InvalidInput) as caught:
        Microphone()
    assert "[microphone]" in caught.value.hint


def test_without_portaudio_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    with pytest.raises(InvalidInput) as caught:
        Microphone()
    assert "libportaudio2" in caught.value.hint
