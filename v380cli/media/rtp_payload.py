"""Media frames out of the payloads of RTP packets (RFC 6184, 7798, 3640 and 3551)."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from v380cli.media.adts import describe_config, encode_adts
from v380cli.media.g711 import decode_ulaw
from v380cli.media.nal import (
    START_CODE,
    H264Nal,
    is_parameter_set,
    is_random_access,
    nal_type,
)
from v380cli.media.pcm import swap_big_endian
from v380cli.media.sdp_reader import Encoding, TrackDescription
from v380cli.media.sink import Codec

MAX_UNIT_BYTES = 4 << 20  # no camera of this kind comes near; a keyframe of 4K has 1 MB
_AAC_LENGTH_BYTES = 2
FRAGMENT_START, FRAGMENT_END = 0x80, 0x40  # of a fragmentation unit's header
H264_FRAGMENT, HEVC_FRAGMENT = 28, 49
# What stands before a fragment's piece of a NAL unit: the headers of payload and fragment.
FRAGMENT_LEAD_BYTES = {Encoding.H264: 2, Encoding.HEVC: 3}


class MediaUnit(NamedTuple):
    """A whole frame as a camera's own protocol has it: Annex B, ADTS, A-law or PCM s16le."""

    rtp_time: int
    data: bytes
    is_keyframe: bool = False


class Assembler(Protocol):
    """Takes the payloads of one track in order; `dropped_frames` counts what was damaged."""

    dropped_frames: int

    def take(self, payload: bytes, rtp_time: int, *, is_marked: bool, lost: int) -> list[MediaUnit]:
        """Take one payload, `lost` packets after the one before; return the frames that it ends."""
        ...


def open_assembler(track: TrackDescription) -> Assembler:
    """What makes frames of this track's payloads."""
    match track.encoding:
        case Encoding.H264:
            return VideoAssembler(Codec.H264, track.parameter_sets)
        case Encoding.HEVC:
            return VideoAssembler(Codec.HEVC, track.parameter_sets)
        case Encoding.AAC:
            return AacAssembler(track)
        case _:
            return PcmAssembler(track.encoding)


class VideoAssembler:
    """Access units of H.264 or H.265.

    Those of one time belong together, and the marker ends them. `parameter_sets` of the description
    go before a keyframe as long as the stream has none of its own.
    """

    def __init__(self, codec: Codec, parameter_sets: bytes = b"") -> None:
        self.dropped_frames = 0
        self._codec = codec
        self._sets = parameter_sets
        self._rtp_time = 0
        self._parts: list[bytes] = []
        self._kinds: set[int] = set()
        self._size = 0
        self._is_damaged = False
        self._is_in_fragment = False

    def take(self, payload: bytes, rtp_time: int, *, is_marked: bool, lost: int) -> list[MediaUnit]:
        """Take one payload; return the pictures that it ends."""
        if lost:
            self._note_loss()
        units = self._finish() if rtp_time != self._rtp_time else []
        self._rtp_time = rtp_time
        if payload and not self._is_damaged:
            self._take_payload(payload)
        return units + self._finish() if is_marked else units

    def take_row(
        self, leads: Sequence[bytes], bodies: Sequence[bytes], rtp_time: int
    ) -> list[MediaUnit]:
        """As `take` with one payload after the other; each is `FRAGMENT_LEAD_BYTES` and a body."""
        units = self.take(leads[0] + bodies[0], rtp_time, is_marked=False, lost=0)
        if self._continues(leads[1:]):
            self._parts += bodies[1:]
            self._size += sum(map(len, bodies[1:]))
            self._limit_size()
            return units
        for lead, body in zip(leads[1:], bodies[1:], strict=True):
            units += self.take(lead + body, rtp_time, is_marked=False, lost=0)
        return units

    def _continues(self, leads: Sequence[bytes]) -> bool:
        """Whether all of these go on with the NAL unit in the making, and none ends it."""
        if self._is_damaged or not self._is_in_fragment or leads.count(leads[0]) < len(leads):
            return False
        first, flags = leads[0][0], leads[0][-1]
        if self._codec is Codec.H264:
            is_fragment = first & 0x1F == H264_FRAGMENT
        else:
            is_fragment = first >> 1 & 0x3F == HEVC_FRAGMENT
        return is_fragment and not flags & (FRAGMENT_START | FRAGMENT_END)

    def _note_loss(self) -> None:
        self.dropped_frames += 1
        self._is_in_fragment = False
        self._is_damaged = self._is_damaged or bool(self._parts)

    def _spoil(self) -> None:
        """What is being put together is not whole."""
        self.dropped_frames += not self._is_damaged
        self._is_damaged = True

    def _finish(self) -> list[MediaUnit]:
        data, is_damaged, kinds = b"".join(self._parts), self._is_damaged, self._kinds
        is_damaged = is_damaged or self._is_in_fragment
        self.dropped_frames += self._is_in_fragment and not self._is_damaged
        self._parts, self._kinds, self._size = [], set(), 0
        self._is_damaged = self._is_in_fragment = False
        if is_damaged or not data:
            return []
        is_keyframe = any(is_random_access(self._codec, kind) for kind in kinds)
        if any(is_parameter_set(self._codec, kind) for kind in kinds):
            self._sets = b""
        elif is_keyframe:
            data = self._sets + data
        return [MediaUnit(self._rtp_time, data, is_keyframe)]

    def _take_payload(self, payload: bytes) -> None:
        if self._codec is Codec.H264:
            self._take_h264(payload)
        else:
            self._take_hevc(payload)
        self._limit_size()

    def _limit_size(self) -> None:
        if self._size > MAX_UNIT_BYTES:
            self._parts, self._size = [], 0
            self._spoil()

    def _take_h264(self, payload: bytes) -> None:
        kind = payload[0] & 0x1F
        if kind == H264_FRAGMENT and len(payload) > 2:  # FU-A
            header = bytes([payload[0] & 0xE0 | payload[1] & 0x1F])
            self._add_fragment(payload[1], header, payload[2:])
        elif kind == 24:  # STAP-A
            self._add_aggregate(payload[1:])
        elif H264Nal.SLICE <= kind < 24 or kind == 0:
            self._add_nal(payload)
        else:  # interleaved forms, which a client must have asked for
            self._spoil()

    def _take_hevc(self, payload: bytes) -> None:
        kind = payload[0] >> 1 & 0x3F
        if kind == HEVC_FRAGMENT and len(payload) > 3:  # FU
            header = bytes([payload[0] & 0x81 | (payload[2] & 0x3F) << 1, payload[1]])
            self._add_fragment(payload[2], header, payload[3:])
        elif kind == 48:  # AP
            self._add_aggregate(payload[2:])
        elif kind < 48:
            self._add_nal(payload)
        else:
            self._spoil()

    def _add_fragment(self, flags: int, header: bytes, piece: bytes) -> None:
        if flags & FRAGMENT_START:
            self._begin_nal(header)
            self._is_in_fragment = True
        elif not self._is_in_fragment:  # its start was lost, which is counted
            self._is_damaged = True
            return
        self._add(piece)
        if flags & FRAGMENT_END:
            self._is_in_fragment = False

    def _add_aggregate(self, data: bytes) -> None:
        offset = 0
        while offset + 2 < len(data):
            size = int.from_bytes(data[offset : offset + 2])
            nal = data[offset + 2 : offset + 2 + size]
            if not nal or len(nal) < size:
                self._spoil()
                return
            self._add_nal(nal)
            offset += 2 + size

    def _add_nal(self, nal: bytes) -> None:
        """Add a whole one; some cameras leave its start code on, and several may follow."""
        if nal[0] == 0:
            nal = nal.lstrip(b"\0")[1:]
        if nal:
            self._begin_nal(nal[:1])
            self._add(nal[1:])

    def _begin_nal(self, header: bytes) -> None:
        self._kinds.add(nal_type(self._codec, header[0]))
        self._add(START_CODE)
        self._add(header)

    def _add(self, piece: bytes) -> None:
        self._parts.append(piece)
        self._size += len(piece)


class AacAssembler:
    """AAC access units of RFC 3640, each given an ADTS header."""

    def __init__(self, track: TrackDescription) -> None:
        self.dropped_frames = 0
        self._format = describe_config(track.config, track.clock_hz, track.channels)
        self._size_bits = _read_bits(track, "sizelength", 13)
        self._header_bits = self._size_bits + _read_bits(track, "indexlength", 3)

    def take(self, payload: bytes, rtp_time: int, *, is_marked: bool, lost: int) -> list[MediaUnit]:
        """Take one payload; one that makes no sense is dropped."""
        self.dropped_frames += lost
        frames = self._split(payload)
        if not frames:
            self.dropped_frames += 1
            return []
        return [MediaUnit(rtp_time, b"".join(encode_adts(self._format, f) for f in frames))]

    def _split(self, payload: bytes) -> list[bytes]:
        """The access units of one payload; none of one that is cut."""
        bits = int.from_bytes(payload[:_AAC_LENGTH_BYTES])
        start = _AAC_LENGTH_BYTES + (bits + 7) // 8
        headers = int.from_bytes(payload[_AAC_LENGTH_BYTES:start]) >> (-bits % 8)
        if start > len(payload):
            return []
        frames = []
        for number in range(bits // self._header_bits):
            header = headers >> (bits - (number + 1) * self._header_bits)
            size = (header >> self._header_bits - self._size_bits) & ((1 << self._size_bits) - 1)
            frames.append(payload[start : start + size])
            start += size
        return frames if start == len(payload) else []


class PcmAssembler:
    """Sound whose packets are whole in themselves."""

    def __init__(self, encoding: Encoding) -> None:
        self.dropped_frames = 0
        self._encoding = encoding

    def take(self, payload: bytes, rtp_time: int, *, is_marked: bool, lost: int) -> list[MediaUnit]:
        """Take one payload; it is one frame."""
        self.dropped_frames += lost
        match self._encoding:
            case Encoding.ULAW:
                payload = decode_ulaw(payload)
            case Encoding.PCM16:
                payload = swap_big_endian(payload)
        return [MediaUnit(rtp_time, payload)] if payload else []


def _read_bits(track: TrackDescription, name: str, usual: int) -> int:
    text = track.parameters.get(name, "")
    is_number = text.isdecimal() and len(text) < 3
    return int(text) if is_number and 0 < int(text) <= 16 else usual
