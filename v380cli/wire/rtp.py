"""RTP packets of our own (RFC 3550).

They are passed on in frames, as they travel inside an RTSP connection (RFC 2326, section 10.12): a
`$`, the channel, the length. Track N is on the channels 2N (RTP) and 2N + 1 (RTCP).
"""

import struct
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import NamedTuple

_FRAME_HEAD = struct.Struct(">cBH")
_PACKET_HEAD = struct.Struct(">BBHII")
_BOTH_HEADS = struct.Struct(">cBHBBHII")
RTP_HEAD_BYTES = _PACKET_HEAD.size
_REPORT = struct.Struct(">BBHIIIIII")
_DESCRIPTION_HEAD = struct.Struct(">BBHIBB")

_VERSION = 2 << 6
_MARKER = 1 << 7
_LAST_SEQUENCE = (1 << 16) - 1
_SENDER_REPORT, _SOURCE_DESCRIPTION = 200, 202
_CNAME = 1
_NTP_EPOCH_S = 2_208_988_800  # 1900 to 1970
_WRAP = 1 << 32


class Frame(NamedTuple):
    """One RTP or RTCP packet and its channel."""

    channel: int
    packet: bytes


class PacketHead(NamedTuple):
    """What says where an RTP packet belongs."""

    sequence: int
    rtp_time: int
    ssrc: int


class TrackStart(NamedTuple):
    """What a track begins with: its place in the clock of RTP, and its first number if known."""

    track: int
    rtp_time: int
    sequence: int | None = None


class PacketWriter:
    """Makes the packets of one track, and counts them for its reports."""

    def __init__(self, track: int, payload_type: int, ssrc: int, sequence: int) -> None:
        """`ssrc` and the first `sequence` are to be random, of 32 and 16 bits."""
        self._channel = 2 * track
        self._payload_type = payload_type
        self._ssrc = ssrc
        self._sequence = sequence
        self._packets = self._payload_bytes = 0

    def encode(self, payloads: Sequence[bytes], rtp_time: int, *, is_marked: bool) -> bytes:
        """Frames of these payloads, which are of one time; the last may be marked.

        Of `rtp_time` 32 bits are kept.
        """
        count = len(payloads)
        kinds = [self._payload_type] * count
        if is_marked and kinds:
            kinds[-1] |= _MARKER
        heads = map(  # a picture has many packets: no line of Python for each
            _BOTH_HEADS.pack,
            repeat(b"$"),
            repeat(self._channel),
            map(RTP_HEAD_BYTES.__add__, map(len, payloads)),
            repeat(_VERSION),
            kinds,
            map(_LAST_SEQUENCE.__and__, range(self._sequence, self._sequence + count)),
            repeat(rtp_time % _WRAP),
            repeat(self._ssrc),
        )
        self._sequence += count
        self._packets += count
        self._payload_bytes += sum(map(len, payloads))
        return b"".join(chain.from_iterable(zip(heads, payloads, strict=True)))

    def report(self, wall_s: float, rtp_time: int, name: str) -> bytes:
        """A frame that tells which wall-clock time a moment of the track is."""
        counts = self._packets, self._payload_bytes
        report = encode_sender_report(self._ssrc, wall_s, rtp_time, *counts, name)
        return encode_frame(self._channel + 1, report)


def encode_frame(channel: int, packet: bytes) -> bytes:
    """A packet as it travels inside an RTSP connection."""
    return _FRAME_HEAD.pack(b"$", channel, len(packet)) + packet


def split_frames(data: bytes) -> Iterator[Frame]:
    """The packets of whole frames of our own, in order."""
    offset = 0
    while offset < len(data):
        _, channel, size = _FRAME_HEAD.unpack_from(data, offset)
        offset += _FRAME_HEAD.size
        yield Frame(channel, data[offset : offset + size])
        offset += size


def parse_packet_head(packet: bytes) -> PacketHead:
    """Read the fixed part of an RTP packet of our own."""
    _, _, *head = _PACKET_HEAD.unpack_from(packet)
    return PacketHead(*head)


def list_starts(frames: bytes) -> list[TrackStart]:
    """Where each track of a stream begins; `frames` begin with a report of each of them."""
    reports: dict[int, int] = {}
    sequences: dict[int, int] = {}
    for channel, packet in split_frames(frames):
        track, is_report = divmod(channel, 2)
        if is_report:
            reports[track] = _REPORT.unpack_from(packet)[6]
        else:
            sequences.setdefault(track, parse_packet_head(packet).sequence)
    return [TrackStart(track, time, sequences.get(track)) for track, time in reports.items()]


def encode_sender_report(
    ssrc: int, wall_s: float, rtp_time: int, packets: int, payload_bytes: int, name: str
) -> bytes:
    """RTCP that says which wall-clock time a moment in the clock of RTP is, and who says so.

    The wall clock is in seconds since 1970; `rtp_time` and the counts may exceed their 32 bits.
    """
    seconds, fraction = divmod(round((wall_s + _NTP_EPOCH_S) * _WRAP), _WRAP)
    words = (seconds, fraction, rtp_time, packets, payload_bytes)
    size_words = _REPORT.size // 4 - 1
    wrapped = [word % _WRAP for word in words]
    report = _REPORT.pack(_VERSION, _SENDER_REPORT, size_words, ssrc, *wrapped)
    return report + _encode_description(ssrc, name.encode())


def _encode_description(ssrc: int, name: bytes) -> bytes:
    """SDES with the canonical name, which tells a player that tracks belong together."""
    size = _DESCRIPTION_HEAD.size + len(name)
    padding = 4 - size % 4  # one zero byte ends the list
    size_words = (size + padding) // 4 - 1
    head = _DESCRIPTION_HEAD.pack(
        _VERSION | 1, _SOURCE_DESCRIPTION, size_words, ssrc, _CNAME, len(name)
    )
    return head + name + bytes(padding)
