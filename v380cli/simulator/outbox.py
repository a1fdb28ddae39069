"""What waits to be sent on a non-blocking socket."""

import math
import socket


class Outbox:
    """Bytes on their way out: as fast as the socket takes them, or later ones drop by drop."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._pending = bytearray()
        self._drops = bytearray()  # to be sent byte by byte after what is pending
        self._drip_s = 0.0
        self._drip_due = -math.inf

    def __len__(self) -> int:
        return len(self._pending) + len(self._drops)

    @property
    def wants_socket(self) -> bool:
        """Whether a writable socket is what it waits for."""
        return bool(self._pending)

    @property
    def due(self) -> float:
        """When the next drop falls."""
        return self._drip_due if self._drops and not self._pending else math.inf

    def add(self, data: bytes) -> None:
        (self._drops if self._drip_s else self._pending).extend(data)

    def drip(self, interval_s: float) -> None:
        """Send what is added from now on as one byte each `interval_s`."""
        self._drip_s = interval_s

    def flush(self, now: float) -> None:
        """Send what the socket takes; OSError when the connection is gone."""
        if self._pending:
            del self._pending[: self._send(self._pending)]
        elif self._drops and now >= self._drip_due:
            del self._drops[: self._send(self._drops[:1])]
            self._drip_due = now + self._drip_s

    def _send(self, data: bytearray) -> int:
        try:
            return self._sock.send(data)
        except BlockingIOError:
            return 0
