"""The WAV files into which a simulated camera writes what it hears."""

import datetime as dt
import errno
import os
import wave
from pathlib import Path
from typing import BinaryIO

from v380cli.disk import create_file
from v380cli.simulator.tone import SAMPLE_RATE

MAX_ALTERNATIVES = 1000


class WaveFile:
    """A new file of PCM s16le, 8 kHz mono, for its owner only; whole after every write."""

    def __init__(self, folder: Path, device_id: int) -> None:
        """Name it after the camera and the time; OSError when that is not possible."""
        stem = f"talk-{device_id}-{dt.datetime.now():%Y%m%d-%H%M%S}"
        self._file = _create_first(folder, stem)
        self._wave = wave.Wave_write(self._file)
        self._wave.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))

    def write(self, pcm: bytes) -> None:
        self._wave.writeframes(pcm)  # this one keeps the header right
        self._file.flush()

    def close(self) -> None:
        try:
            self._wave.close()
        finally:
            self._file.close()


def _create_first(folder: Path, stem: str) -> BinaryIO:
    """The first file of that name, or with a number behind it, that is not there yet."""
    for number in range(1, MAX_ALTERNATIVES):
        name = f"{stem}-{number}.wav" if number > 1 else f"{stem}.wav"
        try:
            return os.fdopen(create_file(folder / name), "wb")
        except FileExistsError:
            continue
    raise FileExistsError(errno.EEXIST, f"there are {MAX_ALTERNATIVES} files named like {stem}")
