"""Whether pictures can follow others in one file, by their sequence parameter sets.

What an SPS says behind its own fields is usability information (VUI): colours, frame rate, aspect.
No picture is decoded by it, so cameras that correct it in the middle need no new file.
"""

from v380cli.media.nal import H264Nal, HevcNal, nal_type, split_nal_units
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
    bits = _Bits(sps)
    try:
        _skip_h264_sps(bits) if is_h264 else _skip_hevc_sps(bits)
    except (IndexError, ValueError):
        return sps
    return bits.taken


class _Bits:
    """The fields of a NAL unit, in the words of the standards: u(n), ue(v), se(v)."""

    def __init__(self, nal: bytes) -> None:
        payload = nal.replace(b"\0\0\3", b"\0\0")  # emulation prevention (7.4.1)
        self._bits = f"{int.from_bytes(payload):0{8 * len(payload)}b}"
        self._at = 0

    @property
    def taken(self) -> str:
        return self._bits[: self._at]

    def u(self, count: int) -> int:
        start, self._at = self._at, self._at + count
        if self._at > len(self._bits):
            raise ValueError("the parameter set ends early")
        return int(self._bits[start : self._at] or "0", 2)

    def ue(self) -> int:
        """An Exp-Golomb code; se(v) is as long."""
        zeros = self._bits.index("1", self._at) - self._at
        self._at += zeros
        return self.u(zeros + 1) - 1

    def skip(self, codes: int) -> None:
        for _ in range(codes):
            self.ue()


def _skip_h264_sps(bits: _Bits) -> None:
    """H.264, 7.3.2.1.1, up to vui_parameters_present_flag."""
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


def _skip_h264_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            code = bits.ue()
            delta = (code + 1) // 2 if code % 2 else -(code // 2)
            following = (last + delta) % 256
        last = following or last


def _skip_hevc_sps(bits: _Bits) -> None:
    """H.265, 7.3.2.2.1, up to vui_parameters_present_flag."""
    bits.u(20)  # NAL unit header, VPS id
    sub_layers = bits.u(3)
    bits.u(1)
    _skip_profile_tier_level(bits, sub_layers)
    bits.ue()
    bits.u(1 if bits.ue() == 3 else 0)  # chroma format
    bits.skip(2)  # width, height
    bits.skip(4 if bits.u(1) else 0)  # conformance window
    bits.skip(2)
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


def _skip_profile_tier_level(bits: _Bits, sub_layers: int) -> None:
    bits.u(_PROFILE_BITS + _LEVEL_BITS)
    present = [(bits.u(1), bits.u(1)) for _ in range(sub_layers)]
    bits.u(2 * (8 - sub_layers) if sub_layers else 0)
    for has_profile, has_level in present:
        bits.u(_PROFILE_BITS * has_profile + _LEVEL_BITS * has_level)


def _skip_hevc_scaling_lists(bits: _Bits) -> None:
    for size in range(4):
        for _ in range(0, 6, 3 if size == 3 else 1):
            if bits.u(1):
                bits.skip(min(64, 1 << (4 + 2 * size)) + (1 if size > 1 else 0))
            else:
                bits.ue()


def _skip_reference_set(bits: _Bits, deltas_before: int | None) -> int:
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
