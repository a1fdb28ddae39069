"""What every source of sound is: PCM s16le, 8 kHz, mono, in runs of any length."""

from collections.abc import Generator
from typing import Protocol

SAMPLE_RATE = 8000
SAMPLE_BYTES = 2

Runs = Generator[bytes, None, None]


class SoundSource(Protocol):
    """Sound that is read once, in one thread."""

    @property
    def duration_s(self) -> float | None:
        """How long it is; None when nobody knows before its end."""
        ...

    def read_runs(self) -> Runs:
        """Its sound, as it comes; MediaError when it cannot be read."""
        ...

    def interrupt(self) -> None:
        """Make `read_runs` end soon; takes no lock, so a signal handler may call it."""
        ...

    def close(self) -> None:
        """Let go of what it holds."""
        ...
