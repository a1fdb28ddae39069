"""What all links do alike: read what has come, hand it out, look at the clock."""

import threading
import time
from collections.abc import Iterator
from typing import Self

from v380cli.camera.arrivals import spread_arrivals
from v380cli.camera.transport import SILENCE_TIMEOUT_S, Clock, Listener, never
from v380cli.errors import NetworkTimeout
from v380cli.net.stream import TcpChannel
from v380cli.wire.session import MediaReceived

# Who only writes files need not wake for every frame.
GATHER_BYTES, GATHER_WAIT_S = 200_000, 1.0
# For somebody who looks on: a picture at once; sound, which is shorter, is not worth an awakening
# and comes with the next one. A picture that is as small waits no longer than an eye notices.
PROMPT_BYTES, PROMPT_WAIT_S = 600, 0.1

# One who is held up, by a disk, holds up the others no longer than this, and a queue, at most a
# second.
TURN_WAIT_S, MAX_TURN_WAITS = 0.25, 4


class Turns:
    """Who gathers deals with one burst after the other.

    Threads that work at the same time take the interpreter's lock from each other at every call
    into C, which costs as much as the work itself.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = 0

    def take(self) -> bool:
        """Wait for those before us; False when one of them is held up, and none has to end."""
        for _ in range(MAX_TURN_WAITS):
            taken = self._taken
            if self._lock.acquire(timeout=TURN_WAIT_S):
                self._taken += 1
                return True
            if taken == self._taken:
                return False
        return False

    def end(self) -> None:
        """Let the next one work."""
        self._lock.release()


_turns = Turns()


class GatheredLink:
    """A link that is read in bursts, by one thread; a subclass says how one is read.

    A prompt one does not wait for more than has come.
    """

    def __init__(self, channel: TcpChannel) -> None:
        self.arrival_s = time.monotonic()
        self._read_s = self._read_before_s = self.arrival_s  # when bytes were read
        self._channel = channel
        self._listener: Listener | None = None
        self._gathers = self._has_turn = False

    def tell(self, listener: Listener) -> None:
        """Tell somebody of the media from now on, and of the end."""
        self._listener = listener

    def set_prompt(self, wanted: bool) -> None:
        """Hand out each frame when it comes, or many at once; from any thread, heeded soon."""
        self._gathers = not wanted
        if wanted:
            self._channel.gather(PROMPT_BYTES, PROMPT_WAIT_S)
        else:
            self._channel.gather(GATHER_BYTES, GATHER_WAIT_S)

    def read_media(
        self, *, deadline_s: Clock = never, silence_s: float = SILENCE_TIMEOUT_S
    ) -> Iterator[MediaReceived]:
        """Yield media as it comes, until the monotonic clock shows what `deadline_s` tells.

        Raises NetworkError when the link breaks or ends, NetworkTimeout when no media came for
        `silence_s` seconds, whatever else came. Both moments are met within `GATHER_WAIT_S`.
        """
        silent_at = time.monotonic() + silence_s
        try:
            while True:
                burst = self._take_burst()
                if burst and self._listener:
                    self._listener.put(burst)
                arrivals = spread_arrivals(burst, self._read_before_s, self._read_s)
                for media, arrival_s in zip(burst, arrivals, strict=True):
                    self.arrival_s = arrival_s
                    yield media
                if burst:
                    silent_at = time.monotonic() + silence_s  # what we do meanwhile is not silence
                self._check_end()
                now_s = time.monotonic()
                if now_s >= deadline_s():
                    return
                if now_s >= silent_at:
                    raise NetworkTimeout(f"no media for {silence_s:g} s")
                self._read_before_s = self._read_s
                self._end_turn()
                self._receive()
                self._read_s = time.monotonic()
                self._has_turn = self._gathers and _turns.take()
        finally:
            self._end_turn()

    def close(self) -> None:
        """End the link."""
        if self._listener:
            self._listener.lose_link()
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _end_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            _turns.end()

    def _take_burst(self) -> list[MediaReceived]:
        """The media that what was read brought."""
        raise NotImplementedError

    def _check_end(self) -> None:
        """Raise what ended the link, if anything has."""

    def _receive(self) -> None:
        """Read what has come, after a wait."""
        raise NotImplementedError
