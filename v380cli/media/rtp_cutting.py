"""Media cut into the payloads of RTP packets (RFC 6184, 7798 and 3640); `rtp_payload` undoes it."""

from operator import add

from v380cli.media.nal import nal_type, split_nal_units
from v380cli.media.rtp_payload import FRAGMENT_END, FRAGMENT_START, H264_FRAGMENT, HEVC_FRAGMENT
from v380cli.media.sink import Codec

_AAC_HEADER_BITS = (16).to_bytes(2)  # 13 of a size and 3 of an index, as the SDP says


def cut_picture(codec: Codec, picture: bytes, max_bytes: int) -> list[bytes]:
    """The payloads of a picture of H.264 or H.265 (Annex B)."""
    payloads: list[bytes] = []
    for nal in split_nal_units(picture):
        if len(nal) <= max_bytes:
            payloads.append(nal)
        else:
            payloads += _cut_nal_unit(codec, nal, max_bytes)
    return payloads


def cut_aac(unit: bytes, max_bytes: int) -> list[bytes]:
    """The payloads of an AAC access unit of up to 8191 bytes; each tells the size of the whole."""
    head = _AAC_HEADER_BITS + (len(unit) << 3).to_bytes(2)
    size = max_bytes - len(head)
    return [head + unit[at : at + size] for at in range(0, len(unit), size)]


def _cut_nal_unit(codec: Codec, nal: bytes, max_bytes: int) -> list[bytes]:
    """Fragments of a NAL unit: what stands for its header, and a piece of the rest."""
    kind = nal_type(codec, nal[0])
    if codec is Codec.H264:
        head = bytes([nal[0] & 0xE0 | H264_FRAGMENT])
    else:
        head = bytes([nal[0] & 0x81 | HEVC_FRAGMENT << 1, nal[1]])
    size = max_bytes - len(head) - 1
    pieces = [nal[at : at + size] for at in range(len(head), len(nal), size)]
    first, middle, last = (
        head + bytes([flag | kind]) for flag in (FRAGMENT_START, 0, FRAGMENT_END)
    )
    return list(map(add, [first, *[middle] * (len(pieces) - 2), last], pieces))
