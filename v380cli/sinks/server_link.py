"""One connection to a media server, held by a process that can be ended at any time."""

import contextlib
import json
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from v380cli.errors import (
    CredentialsRefused,
    DamagedMedia,
    InvalidInput,
    MediaError,
    NetworkError,
    NetworkTimeout,
    UnsupportedMedia,
    V380Error,
)
from v380cli.media.sink import Packet, Track
from v380cli.sinks.publisher import CLOSE_TIMEOUT_S, Opening

PUBLISHER = (sys.executable, "-P", "-m", "v380cli.sinks.publisher")
ERRORS = {
    kind.code: kind
    for kind in (
        *(CredentialsRefused, DamagedMedia, InvalidInput, MediaError, NetworkError),
        UnsupportedMedia,
    )
}


class ServerLink:
    """Used by one thread; `kill` may come from any other, or from a signal handler.

    Making one raises NetworkError where the machine has no process left, or no file.
    """

    def __init__(self) -> None:
        self._start_ms: int | None = None  # of the connection's first picture
        try:
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                PUBLISHER,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us: it ends when its standard input does
            )
        except OSError as error:
            raise NetworkError(f"nothing can be published: {error.strerror}") from error

    def open(self, opening: Opening) -> None:
        """Connect; raises NetworkError, CredentialsRefused, InvalidInput or MediaError.

        UnsupportedMedia for what servers of this kind cannot have.
        """
        with self._explained():
            self._write(opening)
        if error := self._read_error():
            self.kill()
            raise error

    def send(self, packet: Packet) -> bool:
        """Hand one packet on; False for sound from before the first picture. Raises as `open`."""
        if self._start_ms is None:
            if packet.track is not Track.VIDEO:
                return False
            self._start_ms = packet.pts_ms
        if packet.pts_ms < self._start_ms:
            return False
        with self._explained():
            self._write(packet.move(-self._start_ms))
        return True

    def close(self) -> None:
        """Send the rest, take leave of the server and end."""
        assert self._process.stdin and self._process.stdout
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(CLOSE_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        self._process.stdout.close()

    def kill(self) -> None:
        """End at once."""
        self._process.kill()

    def discard(self) -> None:
        """Free what a link held that was lost."""
        self.kill()
        self.close()

    def _write(self, item: Opening | Packet) -> None:
        assert self._process.stdin
        pickle.dump(item, self._process.stdin)
        self._process.stdin.flush()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise self._read_error() or self._name_end() from None

    def _read_error(self) -> V380Error | None:
        """What the process says; None if that is that it is connected."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        answer = json.loads(line) if line else {}
        if answer.get("state") == "open":
            return None
        kind = ERRORS.get(answer.get("code", ""))
        return kind(answer["message"], hint=answer["hint"]) if kind else self._name_end()

    def _name_end(self) -> NetworkError:
        """The error for a process that ended without a word."""
        if self._process.wait() == -signal.SIGALRM:
            return NetworkTimeout("the server says nothing")
        return NetworkError("the connection to the server ended")
