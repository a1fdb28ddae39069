"""Reads a source of sound in a thread of its own, so that who says it never waits too long."""

import contextlib
import os
import select
import threading
from typing import Self

from v380cli.sources.sound import SoundSource

END_S = 5.0


class SoundPump:
    """Hands out the sound of `source`, which it then owns, in pieces of a size.

    Between the two is a pipe, whose 64 KiB (4 s) bound what is read ahead.
    """

    def __init__(self, source: SoundSource) -> None:
        self._source = source
        self._reader, self._writer = os.pipe()
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self._received = bytearray()

    @property
    def duration_s(self) -> float | None:
        """How long the sound is; None when nobody knows yet."""
        return self._source.duration_s

    def start(self) -> None:
        """Begin to read."""
        self._thread = threading.Thread(target=self._run, name="v380-sound", daemon=True)
        self._thread.start()

    def read(self, size: int, timeout_s: float) -> bytes | None:
        """The next `size` bytes, or None when they are not there yet; fewer are the end.

        It waits for more to come, but not for all. Raises what the source raised.
        """
        ready, _, _ = select.select([self._reader], [], [], max(0.0, timeout_s))
        if not ready:
            return None
        data = os.read(self._reader, size - len(self._received))
        self._received += data
        if data and len(self._received) < size:
            return None
        if not data and self._failure:
            raise self._failure
        piece, self._received = bytes(self._received), bytearray()
        return piece

    def interrupt(self) -> None:
        """Let the sound end soon; takes no lock, so a signal handler may call it."""
        self._source.interrupt()

    def close(self) -> None:
        """End the thread and let go of the source."""
        self._source.interrupt()
        os.close(self._reader)  # whoever writes now gets EPIPE
        if self._thread:
            self._thread.join(END_S)
        else:
            os.close(self._writer)
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        try:
            with contextlib.closing(self._source.read_runs()) as runs:
                for run in runs:
                    self._write(run)
        except BrokenPipeError:
            pass  # nobody listens any more
        except BaseException as error:  # `read` raises it where it is seen
            self._failure = error
        finally:
            os.close(self._writer)

    def _write(self, run: bytes) -> None:
        while run:
            run = run[os.write(self._writer, run) :]
