"""Sound from a file in any format that FFmpeg reads, or from a pipe. Imports PyAV."""

import os
import stat
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

from v380cli.errors import MediaError, StorageError
from v380cli.sources.conversion import Converter
from v380cli.sources.pipe import PcmForm, PipeReader
from v380cli.sources.sound import Runs

# A playlist may name other files, but not make this program ask anybody on a network.
OPEN_OPTIONS = {"protocol_whitelist": "file"}
# A title that is not in UTF-8 does not keep a sound from being played: PyAV 18 has to be told so,
# and later ones no longer know the word.
LENIENT: dict[str, Any] = (
    {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}
)


class SoundFile:
    """The sound of a regular file; what else is in it does not matter.

    Raises StorageError when it cannot be read, MediaError when there is no sound in it.
    """

    def __init__(self, path: Path, *, gain_db: float = 0.0) -> None:
        self._name, self._gain_db = str(path), gain_db
        # "file:" keeps FFmpeg from taking a name with a colon in it for a URL
        self._container = open_container(f"file:{path.absolute()}", self._name)
        self._is_interrupted = False

    @property
    def duration_s(self) -> float | None:
        stream = self._container.streams.audio[0]
        if stream.duration and stream.time_base:
            return float(stream.duration * stream.time_base)
        length = self._container.duration
        return float(Fraction(length, av.time_base)) if length else None

    def read_runs(self) -> Runs:
        for run in decode_runs(self._container, self._name, self._gain_db):
            if self._is_interrupted:
                return
            yield run

    def interrupt(self) -> None:
        self._is_interrupted = True

    def close(self) -> None:
        self._container.close()


class SoundPipe:
    """Sound that comes through a descriptor, which it then owns: a known container, or raw PCM.

    It is not looked at before `read_runs`, because there may be nothing yet.
    """

    duration_s = None

    def __init__(self, fd: int, name: str, form: PcmForm, *, gain_db: float = 0.0) -> None:
        self._reader, self._name = PipeReader(fd), name
        self._form, self._gain_db = form, gain_db

    def read_runs(self) -> Runs:
        pcm = None if self._reader.begins_with_container() else self._form
        if self._reader.is_at_end:
            return
        with open_container(self._reader, self._name, pcm) as container:
            yield from decode_runs(container, self._name, self._gain_db)

    def interrupt(self) -> None:
        self._reader.interrupt()

    def close(self) -> None:
        self._reader.close()


def open_path(path: Path, form: PcmForm, *, gain_db: float = 0.0) -> SoundFile | SoundPipe:
    """The sound at `path`, a file or a named pipe; `form` is for raw PCM from a pipe."""
    try:
        mode = path.stat().st_mode
        # without O_NONBLOCK a named pipe would wait here for a writer, deaf to Ctrl-C
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from None
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        os.close(fd)
        return SoundFile(path, gain_db=gain_db)
    return SoundPipe(fd, str(path), form, gain_db=gain_db)


def open_container(
    source: str | PipeReader, name: str, pcm: PcmForm | None = None
) -> InputContainer:
    """Open what has sound in it; MediaError when that fails."""
    options: dict[str, Any] = {"options": OPEN_OPTIONS}
    if pcm:
        layout = {"sample_rate": str(pcm.sample_rate), "ch_layout": f"{pcm.channels}c"}
        options = {"format": "s16le", "options": OPEN_OPTIONS | layout}
    try:
        container: InputContainer = av.open(source, **LENIENT, **options)
    except (av.FFmpegError, OSError) as error:
        raise MediaError(
            f"{name} cannot be read as sound: {_describe(error)}",
            hint="any format that FFmpeg reads will do: WAV, MP3, Ogg, FLAC, M4A, ...",
        ) from None
    if not container.streams.audio:
        container.close()
        raise MediaError(f"there is no sound in {name}")
    return container


def decode_runs(container: InputContainer, name: str, gain_db: float) -> Runs:
    """All of its sound; a packet that cannot be decoded is left out, as players do."""
    stream, converter = container.streams.audio[0], Converter(gain_db)
    has_sound, broken = False, ""
    try:
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.InvalidDataError as error:
                broken = _describe(error)
                continue
            for frame in frames:
                has_sound = True
                yield from converter.convert(frame)
        yield from converter.flush()
    except (av.FFmpegError, OSError) as error:
        raise MediaError(
            f"{name} cannot be read to its end: {_describe(error)}",
            hint="some formats, such as M4A, cannot be read from a pipe: name the file",
        ) from None
    if not has_sound and broken:
        raise MediaError(f"the sound of {name} cannot be decoded: {broken}")


def _describe(error: Exception) -> str:
    return str(getattr(error, "strerror", "") or error).lower()
