"""A wish to end early, made by a signal handler or by another thread."""

import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

from v380cli.errors import NetworkError
from v380cli.net.stream import TcpChannel

MAX_WAIT_S = 3600.0  # what a clock of any width holds


OpenChannel = Callable[[str, int], TcpChannel]


class Interrupt:
    """Call it to ask whether to end; `connect` opens channels that a `request` ends at once.

    Whoever works with it asks again and again: `quiet_until_s` is when they asked last, or how long
    they wait, on the monotonic clock; infinity before the first time. Much later than that, they
    hang.
    """

    def __init__(self, open_channel: OpenChannel = TcpChannel.open) -> None:
        self._open_channel = open_channel
        self.quiet_until_s = float("inf")
        self._is_requested = False
        self._channel: TcpChannel | None = None
        # SimpleQueue.put is reentrant: safe in a signal handler, where an Event is not
        self._wake: SimpleQueue[None] = SimpleQueue()

    def __call__(self) -> bool:
        self.quiet_until_s = time.monotonic()
        return self._is_requested

    def request(self) -> None:
        """Ask for the end; a signal handler may call it."""
        self._is_requested = True
        if self._channel:
            self._channel.interrupt()
        self._wake.put(None)

    def connect(self, host: str, port: int) -> TcpChannel:
        """Open a channel; raises NetworkError, also once the end was requested."""
        self.check()
        self._channel = self._open_channel(host, port)
        if self._is_requested:
            self._channel.close()
        self.check()
        return self._channel

    def adopt(self, channel: TcpChannel) -> None:
        """End this channel, too, at a request."""
        self.check()
        self._channel = channel
        if self._is_requested:
            channel.interrupt()

    def wait(self, seconds: float) -> bool:
        """Let this time pass, or less of it; whether the end was requested."""
        if seconds > 0 and not self._is_requested:
            seconds = min(seconds, MAX_WAIT_S)
            self.quiet_until_s = time.monotonic() + seconds
            try:
                self._wake.get(timeout=seconds)
                self._wake.put(None)  # for others who wait
            except Empty:
                pass
        return self._is_requested

    def pause(self, seconds: float) -> None:
        """Let this time pass; raises NetworkError soon after a request."""
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0 and not self.wait(left_s):
            pass
        self.check()

    def check(self) -> None:
        """Raise NetworkError once the end was requested."""
        if self._is_requested:
            raise NetworkError("interrupted")
