"""A row of RTP packets inside an RTSP connection in one go: the usual case of a picture.

A picture is some packets of one size, of which the last one is shorter and marked. Of such a row
the heads are compared at once instead of read one by one.
"""

import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from v380cli.wire.rtp import RTP_HEAD_BYTES
from v380cli.wire.rtp_reception import RtpPacket

MAX_RUN = 64
REMEMBERED_FORMS = 128
_FRAME_HEAD_BYTES = 4
_ALIKE_BYTES = _FRAME_HEAD_BYTES + 2  # the frame's head, and the packet's flags and type
_PLAIN, _MARKER = 0x80, 0x80  # of RTP's version, without anything beside the payload


class PacketRun(NamedTuple):
    """Packets of one channel, time and size that follow each other; none of them is marked.

    Each payload is cut in two: a lead of as many bytes as were asked for, and a body. The next
    frame begins at `stop`.
    """

    channel: int
    payload_type: int
    sequence: int  # of the first
    rtp_time: int
    leads: tuple[bytes, ...]
    bodies: tuple[bytes, ...]
    stop: int

    def list_packets(self) -> Iterator[RtpPacket]:
        """The packets one by one."""
        for offset, (lead, body) in enumerate(zip(self.leads, self.bodies, strict=True)):
            sequence = (self.sequence + offset) % (1 << 16)
            yield RtpPacket(sequence, self.rtp_time, self.payload_type, False, lead + body)


def read_packet_run(data: bytes, pos: int, lead_bytes: int) -> PacketRun | None:
    """The row that stands at `pos`; None for everything else, be it odd, single or too little.

    Payloads have more than `lead_bytes`.
    """
    alike = data[pos : pos + _ALIKE_BYTES]
    if len(alike) < _ALIKE_BYTES or alike[4] != _PLAIN or alike[5] & _MARKER:
        return None
    size = _FRAME_HEAD_BYTES + int.from_bytes(alike[2:4])
    body_bytes = size - _FRAME_HEAD_BYTES - RTP_HEAD_BYTES - lead_bytes
    count = _count_alike(data, pos, size, alike)
    if count < 2 or body_bytes <= 0:
        return None
    fields = _make_form(count, lead_bytes, body_bytes).unpack_from(data, pos)
    sequences, times = fields[0::4], fields[1::4]
    first = sequences[0]
    if sequences != tuple(range(first, first + count)) or times.count(times[0]) != count:
        return None
    stop = pos + count * size
    return PacketRun(alike[1], alike[5], first, times[0], fields[2::4], fields[3::4], stop)


def _count_alike(data: bytes, pos: int, size: int, alike: bytes) -> int:
    """How many whole frames that begin like the first one stand at `pos`."""
    most = min(MAX_RUN, (len(data) - pos) // size)
    count = 1
    while count < most and data.startswith(alike, pos + count * size):
        count += 1
    return min(count, most)


@lru_cache(REMEMBERED_FORMS)
def _make_form(count: int, lead_bytes: int, body_bytes: int) -> struct.Struct:
    """Of each packet the sequence number, the time, and both parts of the payload."""
    return struct.Struct(">" + f"{_ALIKE_BYTES}xHI4x{lead_bytes}s{body_bytes}s" * count)
