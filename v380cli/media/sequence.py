"""Whether pictures can follow others in one file, by their sequence parameter sets.

What an SPS says behind its own fields is usability information (VUI): colours, frame rate, aspect.
No picture is decoded by it, so cameras that correct it in the middle need no new file.
"""

from v380cli.media.bits import Bits
from v380cli.media.nal import (
    PARAMETER_SET_TYPES,
    H264Nal,
    HevcNal,
    find_nal_units,
    nal_type,
    split_nal_units,
)
from v380cli.media.sink import Codec, VideoFormat

# profile_idc of H.264 whose SPS tells the chroma format (7.3.2.1.1)
_HIGH_PROFILES = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})
_PROFILE_BITS, _LEVEL_BITS = 88, 8  # of profile_tier_level (H.265, 7.3.3)


def is_same_sequence(old: VideoFormat, new: VideoFormat) -> bool:
    """Whether a file that began with `old` can go on with `new`.

    For H.264 a PPS does not count, as a decoder takes it in band. MP4 holds those of H.265 in its
    head alone, so there it counts; its VPS says nothing of a single layer that the SPS does not.
    """
    if old.codec is not new.codec or old.parameter_sets == new.parameter_sets:
        return old.codec is new.codec
    return old.codec is not Codec.MJPEG and _reduce(old) == _reduce(new)


def brings_other_pps(video: VideoFormat, access_unit: bytes) -> bool:
    """Whether an access unit of H.265 begins with parameter sets whose PPS is not that of `video`.

    Between keyframes no other parameter set may change.
    """
    first = access_unit[next(find_nal_units(access_unit), 0)]
    if not HevcNal.VPS <= nal_type(Codec.HEVC, first) <= HevcNal.PPS:
        return False
    return not _list_pps(access_unit) <= _list_pps(video.parameter_sets)


def _list_pps(data: bytes) -> set[bytes]:
    return {nal for nal in split_nal_units(data) if nal_type(Codec.HEVC, nal[0]) == HevcNal.PPS}


def has_all_sets(video: VideoFormat) -> bool:
    """Whether nothing is missing that a decoder needs before the first picture."""
    if video.codec is Codec.MJPEG:
        return True
    kinds = {nal_type(video.codec, nal[0]) for nal in split_nal_units(video.parameter_sets)}
    return PARAMETER_SET_TYPES[video.codec] <= kinds


def _reduce(video: VideoFormat) -> list[tuple[int, bytes | str]]:
    """The parameter sets that decide, without what does not."""
    is_h264 = video.codec is Codec.H264
    reduced: list[tuple[int, bytes | str]] = []
    for nal in split_nal_units(video.parameter_sets):
        kind = nal_type(video.codec, nal[0])
        if kind == (H264Nal.SPS if is_h264 else HevcNal.SPS):
            reduced.append((kind, _cut_vui(nal, is_h264=is_h264)))
        elif kind == HevcNal.PPS and not is_h264:
            reduced.append((kind, nal))
    return reduced


def _cut_vui(sps: bytes, *, is_h264: bool) -> bytes | str:
    """The bits before the VUI; the whole SPS if it cannot be read."""
    bits = Bits(sps)
    try:
        _skip_h264_sps(bits) if is_h264 else _skip_hevc_sps(bits)
    except (IndexError, ValueError):
        return sps
    return bits.taken


def _skip_h264_sps(bits: Bits) -> None:
    """H.264, 7.3.2.1.1, up to vui_parameters_present_flag."""
    skip_to_frame_number_bits(bits)
    bits.ue()
    match bits.ue():  # pic_order_cnt_type
        case 0:
            bits.ue()
        case 1:
            bits.u(1)
            bits.skip(2)
            bits.skip(bits.ue())
    bits.ue()
    bits.u(1)
    bits.skip(2)  # width, height
    bits.u(2 if not bits.u(1) else 1)  # frame_mbs_only_flag, and what follows it
    bits.skip(4 if bits.u(1) else 0)  # cropping


def skip_to_frame_number_bits(bits: Bits) -> None:
    """In an SPS of H.264 (7.3.2.1.1), up to log2_max_frame_num_minus4."""
    bits.u(8)
    profile = bits.u(8)
    bits.u(16)  # constraints, level
    bits.ue()
    if profile in _HIGH_PROFILES:
        chroma = bits.ue()
        bits.u(1 if chroma == 3 else 0)
        bits.skip(2)
        bits.u(1)
        if bits.u(1):
            for index in range(12 if chroma == 3 else 8):
                if bits.u(1):
                    _skip_h264_scaling_list(bits, 16 if index < 6 else 64)


def _skip_h264_scaling_list(bits: Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            code = bits.ue()
            delta = (code + 1) // 2 if code % 2 else -(code // 2)
            following = (last + delta) % 256
        last = following or last


def _skip_hevc_sps(bits: Bits) -> None:
    """H.265, 7.3.2.2.1, up to vui_parameters_present_flag."""
    sub_layers = skip_to_order_bits(bits)
    order_bits = bits.ue() + 4
    bits.skip(3 * (sub_layers + 1 if bits.u(1) else 1))
    bits.skip(6)
    if bits.u(1) and bits.u(1):
        _skip_hevc_scaling_lists(bits)
    bits.u(2)
    if bits.u(1):  # PCM
        bits.u(8)
        bits.skip(2)
        bits.u(1)
    deltas: list[int] = []
    for index in range(bits.ue()):
        deltas.append(_skip_reference_set(bits, deltas[-1] if index else None))
    if bits.u(1):  # long-term references
        bits.u(bits.ue() * (order_bits + 1))
    bits.u(2)


def skip_to_order_bits(bits: Bits) -> int:
    """In an SPS of H.265, up to log2_max_pic_order_cnt_lsb_minus4; returns its sub-layers."""
    bits.u(20)  # NAL unit header, VPS id
    sub_layers = bits.u(3)
    bits.u(1)
    _skip_profile_tier_level(bits, sub_layers)
    bits.ue()
    bits.u(1 if bits.ue() == 3 else 0)  # chroma format
    bits.skip(2)  # width, height
    bits.skip(4 if bits.u(1) else 0)  # conformance window
    bits.skip(2)
    return sub_layers


def _skip_profile_tier_level(bits: Bits, sub_layers: int) -> None:
    bits.u(_PROFILE_BITS + _LEVEL_BITS)
    present = [(bits.u(1), bits.u(1)) for _ in range(sub_layers)]
    bits.u(2 * (8 - sub_layers) if sub_layers else 0)
    for has_profile, has_level in present:
        bits.u(_PROFILE_BITS * has_profile + _LEVEL_BITS * has_level)


def _skip_hevc_scaling_lists(bits: Bits) -> None:
    for size in range(4):
        for _ in range(0, 6, 3 if size == 3 else 1):
            if bits.u(1):
                bits.skip(min(64, 1 << (4 + 2 * size)) + (1 if size > 1 else 0))
            else:
                bits.ue()


def _skip_reference_set(bits: Bits, deltas_before: int | None) -> int:
    """One st_ref_pic_set (7.3.7); returns how many pictures it names."""
    if deltas_before is not None and bits.u(1):
        bits.u(1)
        bits.ue()
        return sum(1 for _ in range(deltas_before + 1) if bits.u(1) or bits.u(1))
    count = bits.ue() + bits.ue()
    for _ in range(count):
        bits.ue()
        bits.u(1)
    return count
