"""A synthetic voice: espeak-ng, where it is installed."""

import os
import shutil
import subprocess

from v380cli.errors import InvalidInput, MediaError
from v380cli.sources.pipe import PcmForm
from v380cli.sources.sound import Runs
from v380cli.sources.sound_file import SoundPipe
from v380cli.text import clean_text

PROGRAM = "espeak-ng"
TEXT_MAX_BYTES = 16_000  # a quarter of an hour; a pipe takes it without blocking
END_S = 2.0


class Speech:
    """A text that is read out, in the voice of that name; the text is in no argument.

    Raises InvalidInput for a text that is empty or too long, and when espeak-ng is missing.
    """

    duration_s = None

    def __init__(self, text: str, *, voice: str = "", gain_db: float = 0.0) -> None:
        data = text.strip().encode(errors="replace")
        if not data:
            raise InvalidInput("there is no text to say")
        if len(data) > TEXT_MAX_BYTES:
            raise InvalidInput(f"the text is longer than {TEXT_MAX_BYTES} bytes")
        reader, writer = os.pipe()
        self._sound = SoundPipe(reader, "the synthetic voice", PcmForm(), gain_db=gain_db)
        try:
            self._process = _start(voice, data, writer)
        except BaseException:
            self._sound.close()
            raise
        finally:
            os.close(writer)

    def read_runs(self) -> Runs:
        yield from self._sound.read_runs()
        complaint = self._end()
        if self._process.returncode > 0:
            raise MediaError(f"{PROGRAM} failed: {_read_last_line(complaint)}")

    def interrupt(self) -> None:
        self._sound.interrupt()
        self._process.terminate()

    def close(self) -> None:
        self._sound.close()
        if self._process.returncode is None:
            self._end()

    def _end(self) -> bytes:
        """Wait for the program, which has said all; its complaints."""
        try:
            return self._process.communicate(timeout=END_S)[1]
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.communicate()[1]


def _start(voice: str, text: bytes, stdout: int) -> "subprocess.Popen[bytes]":
    program = shutil.which(PROGRAM)
    if program is None:
        raise InvalidInput(
            f"--say needs {PROGRAM}, which is not installed here",
            hint=f"on Debian and Ubuntu: apt install {PROGRAM}; or say a sound file",
        )
    stdin, writer = os.pipe()
    with os.fdopen(stdin, "rb"), os.fdopen(writer, "wb") as pipe:
        pipe.write(text)
        pipe.close()
        return subprocess.Popen(  # noqa: S603 - our own words, no shell
            [program, "--stdin", "--stdout", *(["-v", voice] if voice else [])],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            start_new_session=True,  # so that a Ctrl-C reaches us and not it
        )


def _read_last_line(complaint: bytes) -> str:
    lines = complaint.decode(errors="replace").strip().splitlines()
    return clean_text(lines[-1]) if lines else "it does not say why"
