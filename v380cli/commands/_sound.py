"""Which sound a command line means: a file, standard input, a text or the microphone."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from v380cli.sources.sound import SoundSource

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundChoice:
    """What was asked for; `sample_rate` and `channels` are those of raw PCM."""

    file: str | None
    text: str | None
    microphone: bool
    voice: str
    volume_db: float
    sample_rate: int
    channels: int
    password_stdin: bool

    def check(self) -> None:
        """Raise typer.BadParameter for anything but one source, or a standard input used twice."""
        given = [self.file is not None, self.text is not None, self.microphone]
        if sum(given) != 1:
            raise typer.BadParameter("say one thing: a FILE, - for stdin, --say or --microphone")
        if self.voice and self.text is None:
            raise typer.BadParameter("--voice goes with --say")
        if self.file == STANDARD_INPUT and self.password_stdin:
            raise typer.BadParameter("standard input has the sound; use V380_PASSWORD")
        if self.file == STANDARD_INPUT and sys.stdin.isatty():
            raise typer.BadParameter("standard input is a terminal; pipe a sound into it")


def open_source(choice: SoundChoice) -> "SoundSource":
    """The source; a text is read from standard input now. Raises what the source's own says."""
    gain_db = choice.volume_db
    if choice.microphone:
        from v380cli.sources.microphone import Microphone

        return Microphone(gain_db=gain_db)
    if choice.text is not None:
        from v380cli.sources.speech import TEXT_MAX_BYTES, Speech

        # one character more than fits is enough to know that it is too long
        is_piped = choice.text == STANDARD_INPUT
        text = sys.stdin.read(TEXT_MAX_BYTES + 1) if is_piped else choice.text
        return Speech(text, voice=choice.voice, gain_db=gain_db)
    from v380cli.sources.pipe import PcmForm
    from v380cli.sources.sound_file import SoundPipe, open_path

    form = PcmForm(choice.sample_rate, choice.channels)
    if choice.file == STANDARD_INPUT:
        return SoundPipe(os.dup(sys.stdin.fileno()), "standard input", form, gain_db=gain_db)
    return open_path(Path(str(choice.file)), form, gain_db=gain_db)
