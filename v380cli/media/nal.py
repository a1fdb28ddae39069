"""NAL units of an Annex B byte stream (H.264 and H.265, Annex B of both)."""

from collections.abc import Iterator
from enum import IntEnum

from v380cli.media.sink import Codec

START_CODE = b"\0\0\0\1"
_SHORT_START_CODE = b"\0\0\1"


class H264Nal(IntEnum):
    """nal_unit_type of H.264, table 7-1: those that cameras send."""

    SLICE = 1
    IDR = 5
    SEI = 6
    SPS = 7
    PPS = 8
    AUD = 9


class HevcNal(IntEnum):
    """nal_unit_type of H.265, table 7-1: those that are told apart here."""

    BLA_W_LP = 16
    IDR_W_RADL = 19
    IDR_N_LP = 20
    CRA = 21
    LAST_VCL = 31
    VPS = 32
    SPS = 33
    PPS = 34
    AUD = 35


# What a decoder needs before the first picture.
PARAMETER_SET_TYPES: dict[Codec, frozenset[int]] = {
    Codec.H264: frozenset({H264Nal.SPS, H264Nal.PPS}),
    Codec.HEVC: frozenset({HevcNal.VPS, HevcNal.SPS, HevcNal.PPS}),
}


def find_nal_units(data: bytes) -> Iterator[int]:
    """Yield the offset of each NAL unit's header: the byte after its start code.

    A start code at the very end of `data` starts nothing and is left out.
    """
    start = data.find(_SHORT_START_CODE) + 3
    while 3 <= start < len(data):
        yield start
        start = data.find(_SHORT_START_CODE, start) + 3


def cut_nal_unit(data: bytes, start: int) -> bytes:
    """Return the NAL unit whose header is at `start`, without start codes and trailing zeros."""
    end = data.find(_SHORT_START_CODE, start)
    # A NAL unit never ends in a zero byte (7.4.1), so zeros here belong to the next start code.
    return data[start : end if end >= 0 else len(data)].rstrip(b"\0")


def split_nal_units(data: bytes) -> Iterator[bytes]:
    """Yield the NAL units without start codes and trailing zeros; empty ones are left out."""
    for piece in data.split(_SHORT_START_CODE)[1:]:
        if nal := piece.rstrip(b"\0"):  # as `cut_nal_unit`
            yield nal


def nal_type(codec: Codec, header: int) -> int:
    """nal_unit_type from the first byte of a NAL unit."""
    return header & 0x1F if codec is Codec.H264 else header >> 1 & 0x3F


def is_picture(codec: Codec, kind: int) -> bool:
    """Whether a NAL unit of this type holds a part of a picture (VCL)."""
    if codec is Codec.H264:
        return H264Nal.SLICE <= kind <= H264Nal.IDR
    return kind <= HevcNal.LAST_VCL


def is_random_access(codec: Codec, kind: int) -> bool:
    """Whether decoding can begin at a picture of this type: IDR, or for H.265 any IRAP."""
    if codec is Codec.H264:
        return kind == H264Nal.IDR
    return HevcNal.BLA_W_LP <= kind <= HevcNal.CRA


def is_parameter_set(codec: Codec, kind: int) -> bool:
    """Whether a NAL unit of this type is an SPS, a PPS or (H.265) a VPS."""
    return kind in PARAMETER_SET_TYPES[codec]


def guess_codec(header: int, second: int) -> Codec | None:
    """Tell the codec from a NAL unit's first two bytes, or None if they fit both or neither.

    H.265 cameras send one layer: nuh_layer_id 0 makes the first byte even and the second 1..7
    (nuh_temporal_id_plus1 alone). H.264 has rules for nal_ref_idc (7.4.1).
    """
    h264 = header in _H264_HEADERS
    hevc = header in _HEVC_HEADERS and 1 <= second <= 7
    if h264 == hevc:
        return None
    return Codec.H264 if h264 else Codec.HEVC


def _fits_h264(header: int) -> bool:
    kind, is_reference = header & 0x1F, header & 0x60 != 0
    if header & 0x80:
        return False
    if kind in (H264Nal.IDR, H264Nal.SPS, H264Nal.PPS):
        return is_reference
    return kind == H264Nal.SLICE or (kind in (H264Nal.SEI, H264Nal.AUD) and not is_reference)


def _fits_hevc(header: int) -> bool:
    if header & 0x81:
        return False
    kind = header >> 1
    return kind <= 9 or HevcNal.BLA_W_LP <= kind <= HevcNal.CRA or HevcNal.VPS <= kind <= 40


_H264_HEADERS = frozenset(filter(_fits_h264, range(256)))
_HEVC_HEADERS = frozenset(filter(_fits_hevc, range(256)))
