"""A pipe that PyAV can read, that knows what comes out of it, and that a signal can wake."""

import contextlib
import os
import select
from dataclasses import dataclass

# The first bytes of what is not raw PCM. An MP3 without tags is not among them: it may begin with
# samples that are as good as any.
MAGICS = (b"RIFF", b"RF64", b"FORM", b"OggS", b"fLaC", b"ID3", b".snd", b"caff", b"\x1aE\xdf\xa3")
MP4_MAGIC, MP4_OFFSET = b"ftyp", 4
LONGEST_MAGIC_BYTES = 8


@dataclass(frozen=True, slots=True)
class PcmForm:
    """What raw PCM s16le is, which does not say it itself."""

    sample_rate: int = 8000
    channels: int = 1


class PipeReader:
    """Owns the descriptor `fd`; a file object as far as PyAV needs one."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._wake_reader, self._waker = os.pipe()
        os.set_blocking(self._waker, False)
        self._peeked = b""
        self.is_at_end = False

    def begins_with_container(self) -> bool:
        """Wait for the first bytes; whether they are those of a known container."""
        while len(self._peeked) < LONGEST_MAGIC_BYTES:
            data = self._receive(LONGEST_MAGIC_BYTES - len(self._peeked))
            if not data:
                self.is_at_end = not self._peeked
                break
            self._peeked += data
        is_mp4 = self._peeked[MP4_OFFSET:].startswith(MP4_MAGIC)
        return is_mp4 or self._peeked.startswith(MAGICS)

    def read(self, size: int) -> bytes:
        """What has come, at most `size` bytes; empty at the end, and after an interrupt."""
        if self._peeked:
            data, self._peeked = self._peeked[:size], self._peeked[size:]
            return data
        return self._receive(size)

    def interrupt(self) -> None:
        """Make pending and later reads end; safe in a signal handler."""
        with contextlib.suppress(OSError):
            os.write(self._waker, b"\0")

    def close(self) -> None:
        for fd in (self._fd, self._wake_reader, self._waker):
            os.close(fd)

    def _receive(self, size: int) -> bytes:
        ready, _, _ = select.select([self._fd, self._wake_reader], [], [])
        return b"" if self._wake_reader in ready else os.read(self._fd, size)
