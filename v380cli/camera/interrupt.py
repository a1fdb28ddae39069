"""A wish to end early, made by a signal handler or by another thread."""

import time

from v380cli.errors import NetworkError
from v380cli.net.stream import TcpChannel

LOOK_UP_S = 0.05  # a signal handler may take no lock, and so wakes nobody


class Interrupt:
    """Call it to ask whether to end; `connect` opens channels that a `request` ends at once."""

    def __init__(self) -> None:
        self._is_requested = False
        self._channel: TcpChannel | None = None

    def __call__(self) -> bool:
        return self._is_requested

    def request(self) -> None:
        """Ask for the end; takes no lock, so a signal handler may call it."""
        self._is_requested = True
        if self._channel:
            self._channel.interrupt()

    def connect(self, host: str, port: int) -> TcpChannel:
        """Open a channel; raises NetworkError, also once the end was requested."""
        self.check()
        self._channel = TcpChannel.open(host, port)
        if self._is_requested:
            self._channel.close()
        self.check()
        return self._channel

    def pause(self, seconds: float) -> None:
        """Let this time pass; raises NetworkError soon after a request."""
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left_s, LOOK_UP_S))
        self.check()

    def check(self) -> None:
        """Raise NetworkError once the end was requested."""
        if self._is_requested:
            raise NetworkError("interrupted")
