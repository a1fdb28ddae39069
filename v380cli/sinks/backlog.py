"""Packets that wait for somebody slower; when they are too many, up to a keyframe is lost."""

import threading
from collections import deque

from v380cli.media.sink import Packet, Track

# Ten seconds of the richest stream that cameras offer, which is as long as a server may stall.
MAX_PACKETS = 1024
MAX_BYTES = 16 << 20


class Backlog:
    """From one thread to another, in order; nobody who puts something in waits.

    A full one takes nothing more before a keyframe for which there is room.
    """

    def __init__(self, max_packets: int = MAX_PACKETS, max_bytes: int = MAX_BYTES) -> None:
        self.dropped_frames = 0
        self._max_packets, self._max_bytes = max_packets, max_bytes
        self._packets: deque[Packet] = deque()
        self._size_bytes = 0
        self._waits_for_keyframe = self._is_closed = False
        self._changed = threading.Condition()

    def put(self, packet: Packet) -> None:
        """Add what comes next, or drop it."""
        with self._changed:
            if not self._admit(packet):
                self.dropped_frames += packet.track is Track.VIDEO
                return
            self._packets.append(packet)
            self._size_bytes += len(packet.data)
            self._changed.notify()

    def get(self) -> Packet | None:
        """Wait for the next and take it; None when nothing comes any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._packets or self._is_closed)
            if not self._packets:
                return None
            packet = self._packets.popleft()
            self._size_bytes -= len(packet.data)
            return packet

    def close(self) -> None:
        """Say that nothing comes any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _admit(self, packet: Packet) -> bool:
        if len(self._packets) >= self._max_packets or self._size_bytes >= self._max_bytes:
            self._waits_for_keyframe = True
        elif packet.is_keyframe and packet.track is Track.VIDEO:
            self._waits_for_keyframe = False
        return not self._waits_for_keyframe
