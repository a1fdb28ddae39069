"""The loudspeaker, with a stand-in for sounddevice: no test machine has one."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.media_samples import aac_packets, make_aac, make_tone
from v380cli.errors import MediaError
from v380cli.media.sink import AudioFormat, Codec, Formats, Packet, Track, VideoFormat
from v380cli.sinks.loudspeaker import HEADWAY_S, LONGEST_LAG_S, Loudspeaker, SoundBuffer

RATE = 8000
VIDEO = VideoFormat(Codec.H264, b"")
PCM = Formats(VIDEO, AudioFormat(Codec.PCM, RATE))
RUN_MS = 40


class PortAudioError(Exception):
    pass


class Stream:
    """Plays when it is asked to, into `hear`."""

    def __init__(self, rates: tuple[int, ...], **options: Any) -> None:
        rate = options["samplerate"] or rates[0]
        if rate not in rates:
            raise PortAudioError("Invalid sample rate")
        assert options["dtype"] == "int16"
        self.samplerate = float(rate)
        self._fill = options["callback"]
        self.is_started = self.is_closed = False

    def start(self) -> None:
        self.is_started = True

    def close(self) -> None:
        self.is_closed = True

    def hear(self, seconds: float) -> bytes:
        assert self.is_started
        out = bytearray(2 * int(seconds * self.samplerate))
        self._fill(memoryview(out), len(out) // 2, None, None)
        return bytes(out)


class Machine:
    """A sound system that knows these rates; `sounddevice` is the package for it."""

    def __init__(self, *rates: int) -> None:
        self.streams: list[Stream] = []
        self.sounddevice = SimpleNamespace(
            PortAudioError=PortAudioError, RawOutputStream=lambda **o: self._open(rates, o)
        )

    def _open(self, rates: tuple[int, ...], options: dict[str, Any]) -> Stream:
        if not rates:
            raise PortAudioError("Error querying device -1")
        self.streams.append(Stream(rates, **options))
        return self.streams[-1]


def play(speaker: Loudspeaker, sound: bytes) -> None:
    size = 2 * RATE * RUN_MS // 1000
    for number, start in enumerate(range(0, len(sound), size)):
        data = sound[start : start + size]
        speaker.write(Packet(Track.AUDIO, data, number * RUN_MS))


def test_what_comes_is_heard_once_there_is_some_headway() -> None:
    machine, sound = Machine(RATE), make_tone(3200)
    speaker = Loudspeaker(machine.sounddevice)
    speaker.open(PCM, b"")
    (stream,) = machine.streams
    play(speaker, sound[: len(sound) // 4])
    assert not any(stream.hear(0.05))  # silence, while it gathers
    play(speaker, sound[len(sound) // 4 :])
    speaker.write(Packet(Track.VIDEO, b"no sound", 0))
    assert stream.hear(0.3) + stream.hear(0.1) == sound
    assert not any(stream.hear(0.1))
    speaker.close()
    assert stream.is_closed
    speaker.write(Packet(Track.AUDIO, sound, 0))  # nobody hears it


def test_muted_it_goes_on_in_silence() -> None:
    machine, sound = Machine(RATE), make_tone(3200)
    speaker = Loudspeaker(machine.sounddevice)
    speaker.open(PCM, b"")
    play(speaker, sound)
    speaker.is_muted = True
    assert not any(machine.streams[0].hear(0.1))
    speaker.is_muted = False
    assert machine.streams[0].hear(0.1) == sound[2 * RATE // 10 :][: 2 * RATE // 10]


def test_a_rate_that_the_machine_does_not_know_is_resampled() -> None:
    machine = Machine(48000)
    speaker = Loudspeaker(machine.sounddevice)
    speaker.open(PCM, b"")
    play(speaker, make_tone(4000))
    heard = np.frombuffer(machine.streams[-1].hear(0.4), "<i2")
    crossings = np.count_nonzero(np.diff(np.signbit(heard)))
    assert crossings == pytest.approx(2 * 440 * 0.4, abs=8)


def test_aac_is_decoded() -> None:
    machine = Machine(RATE)
    speaker = Loudspeaker(machine.sounddevice)
    speaker.open(Formats(VIDEO, make_aac()[0]), b"")
    speaker.write(Packet(Track.AUDIO, b"\xff", 0))  # damaged
    for packet in aac_packets():
        speaker.write(packet)
    heard = np.frombuffer(machine.streams[-1].hear(HEADWAY_S), "<i2")
    assert heard.max() == pytest.approx(8000, rel=0.2)


def test_a_camera_without_sound_needs_no_loudspeaker() -> None:
    machine = Machine()
    Loudspeaker(machine.sounddevice).open(Formats(VIDEO), b"")
    assert machine.streams == []


def test_a_machine_without_one_says_so() -> None:
    with pytest.raises(MediaError, match="the loudspeaker cannot be opened: Error querying"):
        Loudspeaker(Machine().sounddevice).open(PCM, b"")


def test_one_that_opens_and_does_not_start_is_closed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_stream: Stream) -> None:
        raise PortAudioError("Unanticipated host error")

    monkeypatch.setattr(Stream, "start", refuse)
    machine = Machine(RATE)
    speaker = Loudspeaker(machine.sounddevice)
    with pytest.raises(MediaError, match="the loudspeaker cannot be opened: Unanticipated"):
        speaker.open(PCM, b"")
    assert machine.streams[0].is_closed
    speaker.write(Packet(Track.AUDIO, make_tone(100), 0))  # nobody hears it


def test_it_never_stays_behind() -> None:
    rate = 2 * RATE
    buffer = SoundBuffer(rate)
    buffer.put(bytes(int(LONGEST_LAG_S * rate)))
    buffer.put(b"\1" * int(HEADWAY_S * rate))
    assert set(buffer.take(int(HEADWAY_S * rate))) == {1}
