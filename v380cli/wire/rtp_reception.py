"""RTP packets as a receiver reads them (RFC 3550): put in order, and their losses counted."""

import struct
from typing import NamedTuple

_HEAD = struct.Struct(">BBHII")
_VERSION_MASK, _VERSION = 0xC0, 0x80
_HAS_PADDING, _HAS_EXTENSION, _SOURCES_MASK = 0x20, 0x10, 0x0F
_MARKER = 0x80
_WORD = 4
_GOODBYE = 203
_SEQUENCE_RANGE, _TIME_RANGE = 1 << 16, 1 << 32
# Packets that overtook each other on a LAN lie a few apart; a larger step back is another stream.
MAX_DISORDER = 64
MAX_WAITING = 32
MAX_DROPOUT = 3000  # RFC 3550, appendix A.1: a larger step is another numbering


class RtpPacket(NamedTuple):
    """One packet; `rtp_time` is in ticks of the track's clock, `lost` packets miss before it."""

    sequence: int
    rtp_time: int
    payload_type: int
    is_marked: bool
    payload: bytes
    lost: int = 0


def parse_rtp_packet(data: bytes) -> RtpPacket | None:
    """Read a packet, None for what is none."""
    if len(data) < _HEAD.size:
        return None
    flags, kind, sequence, rtp_time, _ = _HEAD.unpack_from(data)
    if flags & _VERSION_MASK != _VERSION:
        return None
    start, end = _HEAD.size + (flags & _SOURCES_MASK) * _WORD, len(data)
    if flags & _HAS_EXTENSION:
        start += _WORD + int.from_bytes(data[start + 2 : start + 4]) * _WORD
    if flags & _HAS_PADDING:
        end -= data[-1]
    if start > end:
        return None
    is_marked = bool(kind & _MARKER)
    return RtpPacket(sequence, rtp_time, kind & ~_MARKER, is_marked, data[start:end])


def holds_goodbye(data: bytes) -> bool:
    """Whether RTCP, several packets in one, says that the stream ends (RFC 3550, section 6.6)."""
    offset = 0
    while offset + _WORD <= len(data):
        if data[offset + 1] == _GOODBYE:
            return True
        offset += _WORD + int.from_bytes(data[offset + 2 : offset + 4]) * _WORD
    return False


class PacketOrder:
    """Hands packets on by their sequence numbers; one that is missing is waited for a little.

    `may_overtake` is for datagrams; inside a connection nothing overtakes, and nothing waits.
    """

    def __init__(self, *, may_overtake: bool) -> None:
        self._max_waiting = MAX_WAITING if may_overtake else 0
        self._next: int | None = None
        self._waiting: dict[int, RtpPacket] = {}

    def take(self, packet: RtpPacket) -> list[RtpPacket]:
        """Take one packet; return those whose turn it is."""
        if packet.sequence == self._next and not self._waiting:  # nearly every packet
            self._next = (packet.sequence + 1) % _SEQUENCE_RANGE
            return [packet]
        if self._next is None:
            self._next = packet.sequence
        ahead = (packet.sequence - self._next) % _SEQUENCE_RANGE
        if ahead >= _SEQUENCE_RANGE - MAX_DISORDER:
            return []  # it comes again, or too late
        if ahead >= MAX_DROPOUT:  # the numbering began anew
            self._waiting.clear()
            self._next = packet.sequence
        self._waiting[packet.sequence] = packet
        ready = self._take_ready(0)
        if len(self._waiting) > self._max_waiting:
            ready += self._skip_missing()
        return ready

    def take_row(self, sequence: int, count: int) -> bool:
        """Take so many packets from this number on, if it is their turn; whether it was."""
        if sequence != self._next or self._waiting:
            return False
        self._next = (sequence + count) % _SEQUENCE_RANGE
        return True

    def _skip_missing(self) -> list[RtpPacket]:
        first = self._next or 0
        nearest = min(self._waiting, key=lambda number: (number - first) % _SEQUENCE_RANGE)
        lost = (nearest - first) % _SEQUENCE_RANGE
        self._next = nearest
        return self._take_ready(lost)

    def _take_ready(self, lost: int) -> list[RtpPacket]:
        ready: list[RtpPacket] = []
        while self._next is not None and self._next in self._waiting:
            packet = self._waiting.pop(self._next)
            ready.append(packet._replace(lost=lost) if lost else packet)
            lost = 0
            self._next = (self._next + 1) % _SEQUENCE_RANGE
        return ready


class TrackClock:
    """Milliseconds since `origin`, an RTP time, from the 32 bits that a track's packets tell."""

    def __init__(self, clock_hz: int, origin: int) -> None:
        self._clock_hz = clock_hz
        self._last = origin
        self._ticks = 0

    def read_ms(self, rtp_time: int) -> int:
        """The place of a packet; steps of up to half the range are believed, forth and back."""
        step = (rtp_time - self._last + _TIME_RANGE // 2) % _TIME_RANGE - _TIME_RANGE // 2
        self._last = rtp_time
        self._ticks += step
        return round(self._ticks * 1000 / self._clock_hz)
