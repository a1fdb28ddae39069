"""Packets that IP cut into fragments, put together again."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

MAX_PACKETS = 64  # in the making; then the oldest is given up
MAX_PACKET_BYTES = 1 << 16


@dataclass(slots=True)
class _Parts:
    pieces: dict[int, bytes] = field(default_factory=dict)  # by their offset
    held_bytes: int = 0
    total: int | None = None  # known once the last one came

    def add(self, offset: int, data: bytes) -> None:
        self.held_bytes += len(data) - len(self.pieces.get(offset, b""))
        self.pieces[offset] = data

    def join(self) -> bytes | None:
        if self.total is None or self.held_bytes < self.total:
            return None
        whole = bytearray()
        while len(whole) < self.total:
            if not (piece := self.pieces.get(len(whole))):
                return None
            whole += piece
        return bytes(whole)


class IpFragments:
    """Fragments in, in any order; `given_up` counts packets that did not become whole.

    Fragments that overlap make none. Memory: `MAX_PACKETS` of `MAX_PACKET_BYTES`.
    """

    def __init__(self) -> None:
        self.given_up = 0
        self._packets: OrderedDict[Hashable, _Parts] = OrderedDict()

    def receive(self, key: Hashable, offset: int, data: bytes, *, is_last: bool) -> bytes | None:
        """The whole payload of the packet that `key` names, once all of it is there."""
        if offset + len(data) > MAX_PACKET_BYTES:
            self.given_up += 1
            return None
        parts = self._packets.setdefault(key, _Parts())
        parts.add(offset, data)
        if is_last:
            parts.total = offset + len(data)
        whole = parts.join()
        if whole is not None:
            del self._packets[key]
        elif parts.held_bytes > MAX_PACKET_BYTES:
            del self._packets[key]
            self.given_up += 1
        elif len(self._packets) > MAX_PACKETS:
            self._packets.popitem(last=False)
            self.given_up += 1
        return whole

    def flush(self) -> None:
        """Nothing more will come."""
        self.given_up += len(self._packets)
        self._packets.clear()
