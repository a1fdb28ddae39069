"""Movie fragments: an MP4 that grows by a sample at a time (ISO/IEC 14496-12, 8.8).

FFmpeg's own muxer gives a fragment away when the next two pictures have come, and does not say
where one begins; here it leaves one picture earlier, and whoever joins late gets whole ones.
"""

import struct
from dataclasses import dataclass

from v380cli.media.nal import is_parameter_set, nal_type, split_nal_units
from v380cli.media.sink import Codec

# moof { mfhd, traf { tfhd, tfdt, trun with one sample } }, and the header of the mdat that follows
_LAYOUT = struct.Struct(">I4s I4sII I4s I4sII I4sIQ I4sIIIIII I4s")
_MFHD_BYTES, _TFHD_BYTES, _TFDT_BYTES, _TRUN_BYTES, _HEADER_BYTES = 16, 16, 20, 32, 8
_TRAF_BYTES = _HEADER_BYTES + _TFHD_BYTES + _TFDT_BYTES + _TRUN_BYTES
_MOOF_BYTES = _HEADER_BYTES + _MFHD_BYTES + _TRAF_BYTES

_TFHD_BASE_IS_MOOF = 0x02_0000
_TFDT_VERSION_1 = 0x0100_0000  # 64-bit times
_TRUN_HAS_OFFSET_DURATION_SIZE_FLAGS = 0x000001 | 0x000100 | 0x000200 | 0x000400
_MAX_DURATION = 0xFFFF_FFFF
_DEPENDS_ON_NONE = 0x0200_0000
_DEPENDS_ON_OTHERS_NO_SYNC = 0x0101_0000


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of a track; times are in ticks of the track's time scale."""

    data: bytes
    time: int
    is_sync: bool


def encode_fragment(number: int, track_id: int, sample: Sample, duration: int) -> bytes:
    """The fragment with this one sample; `number` grows by one from fragment to fragment.

    A longer duration than there is room for, half a day, is cut.
    """
    size = len(sample.data)
    head = _LAYOUT.pack(
        *(_MOOF_BYTES, b"moof"),
        *(_MFHD_BYTES, b"mfhd", 0, number),
        *(_TRAF_BYTES, b"traf"),
        *(_TFHD_BYTES, b"tfhd", _TFHD_BASE_IS_MOOF, track_id),
        *(_TFDT_BYTES, b"tfdt", _TFDT_VERSION_1, sample.time),
        *(_TRUN_BYTES, b"trun", _TRUN_HAS_OFFSET_DURATION_SIZE_FLAGS, 1),
        *(_MOOF_BYTES + _HEADER_BYTES, min(duration, _MAX_DURATION), size),
        _DEPENDS_ON_NONE if sample.is_sync else _DEPENDS_ON_OTHERS_NO_SYNC,
        *(_HEADER_BYTES + size, b"mdat"),
    )
    return head + sample.data


def prefix_nal_units(unit: bytes, codec: Codec) -> bytes:
    """An Annex B access unit as MP4 stores it: each NAL unit behind its length.

    Parameter sets of H.265 are left out: under the tag hvc1 they are in the sample description
    alone (ISO/IEC 14496-15, 8.4.1.1).
    """
    nals = split_nal_units(unit)
    if codec is Codec.HEVC:
        nals = (nal for nal in nals if not is_parameter_set(codec, nal_type(codec, nal[0])))
    return b"".join(len(nal).to_bytes(4) + nal for nal in nals)
