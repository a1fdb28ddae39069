"""The microphone of this machine; the only owner of sounddevice."""

from fractions import Fraction
from typing import Any

import av

from v380cli.errors import InvalidInput, MediaError
from v380cli.sources.conversion import Converter
from v380cli.sources.sound import SAMPLE_RATE, Runs

RUN_S = 0.04  # how long one read takes, and so a Ctrl-C


class Microphone:
    """The default input of this machine, until it is interrupted.

    Raises InvalidInput when what it needs is not installed, MediaError when there is no
    microphone.
    """

    duration_s = None

    def __init__(self, *, gain_db: float = 0.0) -> None:
        self._sounddevice = load_sounddevice("--microphone")
        self._gain_db = gain_db
        self._is_interrupted = False
        try:
            self._rate = self._choose_rate()
            self._stream: Any = self._sounddevice.RawInputStream(
                samplerate=self._rate, channels=1, dtype="int16"
            )
        except (self._sounddevice.PortAudioError, ValueError) as error:
            raise MediaError(f"the microphone cannot be opened: {error}") from None

    def read_runs(self) -> Runs:
        converter = Converter(self._gain_db)
        try:
            with self._stream:
                while not self._is_interrupted:
                    data, _overflowed = self._stream.read(int(self._rate * RUN_S))
                    yield from converter.convert(self._make_frame(bytes(data)))
        except self._sounddevice.PortAudioError as error:
            raise MediaError(f"the microphone broke off: {error}") from None

    def interrupt(self) -> None:
        self._is_interrupted = True

    def close(self) -> None:
        self._stream.close()

    def _choose_rate(self) -> int:
        """8 kHz where the sound system has it, else what it likes best."""
        try:
            self._sounddevice.check_input_settings(
                samplerate=SAMPLE_RATE, channels=1, dtype="int16"
            )
        except self._sounddevice.PortAudioError:
            return int(self._sounddevice.query_devices(kind="input")["default_samplerate"])
        return SAMPLE_RATE

    def _make_frame(self, data: bytes) -> av.AudioFrame:
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(data) // 2)
        frame.sample_rate, frame.time_base = self._rate, Fraction(1, self._rate)
        frame.planes[0].update(data)
        return frame


def load_sounddevice(user: str) -> Any:
    """The package, for the `user` that an error names; InvalidInput says what is not installed."""
    try:
        import sounddevice
    except ModuleNotFoundError:
        raise InvalidInput(
            f"{user} needs the Python package sounddevice",
            hint="install v380cli with its extra: pip install '.[microphone]'",
        ) from None
    except OSError:  # what it says without the C library
        raise InvalidInput(
            f"{user} needs the library PortAudio, which is not installed here",
            hint="on Debian and Ubuntu: apt install libportaudio2",
        ) from None
    return sounddevice
