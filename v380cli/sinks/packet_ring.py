"""The last seconds of a stream, bounded in bytes; what they begin with can be decoded alone."""

from collections import deque
from collections.abc import Iterator

from v380cli.media.sink import Packet, Track

# Half a minute of the richest stream that cameras offer.
MAX_BYTES = 32 << 20


class PacketRing:
    """Keeps whole groups of pictures, with their sound, back to `span_s` before the last packet.

    Moments are those of arrival on the monotonic clock.
    """

    def __init__(self, span_s: float, max_bytes: int = MAX_BYTES) -> None:
        self.size_bytes = 0
        self._span_s, self._max_bytes = span_s, max_bytes
        self._groups: deque[list[tuple[float, Packet]]] = deque()

    def push(self, packet: Packet, arrival_s: float) -> None:
        """Add a packet, and forget what is older or more than is wanted."""
        if packet.track is Track.VIDEO and packet.is_keyframe:
            self._groups.append([])
        if not self._groups:
            return  # nothing before a keyframe can be decoded
        self._groups[-1].append((arrival_s, packet))
        self.size_bytes += len(packet.data)
        while self._groups and (self._is_old(arrival_s) or self.size_bytes > self._max_bytes):
            self.size_bytes -= sum(len(old.data) for _, old in self._groups.popleft())

    def list_since(self, moment_s: float) -> Iterator[tuple[float, Packet]]:
        """All from the last keyframe at or before that moment on, or else from the first one."""
        groups = list(self._groups)
        while len(groups) > 1 and groups[1][0][0] <= moment_s:
            del groups[0]
        for group in groups:
            yield from group

    def clear(self) -> None:
        """Forget all."""
        self._groups.clear()
        self.size_bytes = 0

    def _is_old(self, now_s: float) -> bool:
        """Whether the first group can go: the second reaches back far enough."""
        return len(self._groups) > 1 and self._groups[1][0][0] <= now_s - self._span_s
