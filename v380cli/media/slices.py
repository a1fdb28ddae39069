"""Which pictures follow each other, by the numbers that their slices carry.

H.264 counts reference pictures (frame_num, 7.4.3), H.265 all of them in the order in which they
are shown (slice_pic_order_cnt_lsb, 7.4.7.1). Cameras send no B-frames, so both count on.
"""

from typing import NamedTuple

from v380cli.media.access_unit import AccessUnit
from v380cli.media.bits import Bits
from v380cli.media.nal import (
    H264Nal,
    HevcNal,
    find_nal_units,
    is_picture,
    is_random_access,
    nal_type,
    split_nal_units,
)
from v380cli.media.sequence import skip_to_frame_number_bits, skip_to_order_bits
from v380cli.media.sink import Codec, VideoFormat

_SLICE_HEAD_BYTES = 32  # far more than the fields up to the number take
_MAX_NUMBER_BITS = 16  # of both (7.4.2.1.1, and 7.4.3.2.1 of H.265)
_LONGEST_STEP = 2  # of the order of H.265, which some encoders count in fields


class _Number(NamedTuple):
    """Of a picture; those that no other refers to do not count."""

    value: int
    counts: bool = True


class PictureSequence:
    """Follows the pictures of one coded video."""

    def __init__(self, video: VideoFormat) -> None:
        self.format = video
        self._number_bits = 0
        # By id of the picture parameter sets, how many bits they put before a picture's number:
        # extra ones, and the output flag (H.265 alone).
        self._bits_by_pps: dict[int, tuple[int, int]] = {}
        self._last: int | None = None  # the number of the latest picture that counts
        self._step = 1 if video.codec is Codec.H264 else None  # None until it is seen
        if video.codec is not Codec.MJPEG:
            for nal in split_nal_units(video.parameter_sets):
                self._read_parameter_set(nal)

    @property
    def is_known(self) -> bool:
        """Whether it is known which number comes next."""
        return self._last is not None

    def lose(self) -> None:
        """Pictures are missing: which number comes next is not known any more."""
        self._last = None

    def takes(self, unit: AccessUnit) -> bool:
        """Whether the picture goes by a parameter set of this video."""
        return self._read_number(unit) is not None

    def is_next(self, unit: AccessUnit) -> bool:
        """Whether the picture has the number that comes next."""
        step = self._measure_step(unit)
        return step == self._step if self._step else 1 <= step <= _LONGEST_STEP

    def follow(self, unit: AccessUnit) -> None:
        """Count on from this picture."""
        number = self._read_number(unit)
        if number is None:
            self.lose()
            return
        if not self._step and not unit.is_keyframe and self.is_next(unit):
            self._step = self._measure_step(unit)
        if number.counts:
            self._last = number.value

    def _measure_step(self, unit: AccessUnit) -> int:
        """By how much the picture's number is ahead; 0 where that is not known."""
        number = self._read_number(unit)
        if number is None or self._last is None:
            return 0
        return (number.value - self._last) % (1 << self._number_bits)

    def _read_parameter_set(self, nal: bytes) -> None:
        read = self._read_h264_set if self.format.codec is Codec.H264 else self._read_hevc_set
        try:
            read(Bits(nal), nal_type(self.format.codec, nal[0]))
        except ValueError:
            return

    def _read_h264_set(self, bits: Bits, kind: int) -> None:
        if kind == H264Nal.SPS:
            skip_to_frame_number_bits(bits)
            self._number_bits = _read_number_bits(bits)
        elif kind == H264Nal.PPS:
            bits.u(8)
            self._bits_by_pps[bits.ue()] = 0, 0

    def _read_hevc_set(self, bits: Bits, kind: int) -> None:
        if kind == HevcNal.SPS:
            skip_to_order_bits(bits)
            self._number_bits = _read_number_bits(bits)
        elif kind == HevcNal.PPS:
            bits.u(16)
            pps_id = bits.ue()
            bits.ue()
            bits.u(1)
            output_bits = bits.u(1)
            self._bits_by_pps[pps_id] = bits.u(3), output_bits

    def _read_number(self, unit: AccessUnit) -> _Number | None:
        """The number of a picture of this video; None if it is of another."""
        codec = self.format.codec
        if unit.codec is not codec or not self._number_bits:
            return None
        read = self._read_h264_slice if codec is Codec.H264 else self._read_hevc_slice
        for start in find_nal_units(unit.data):
            kind = nal_type(codec, unit.data[start])
            if is_picture(codec, kind):
                try:
                    return read(Bits(unit.data[start : start + _SLICE_HEAD_BYTES]), kind)
                except (ValueError, KeyError):
                    return None
        return None

    def _read_h264_slice(self, bits: Bits, _kind: int) -> _Number:
        """H.264, 7.3.3."""
        bits.u(1)
        is_reference = bits.u(2) > 0
        bits.u(5)
        bits.skip(2)
        bits.u(sum(self._bits_by_pps[bits.ue()]))
        return _Number(bits.u(self._number_bits), is_reference)

    def _read_hevc_slice(self, bits: Bits, kind: int) -> _Number:
        """H.265, 7.3.6.1; KeyError for parameter sets of another video."""
        bits.u(16)
        bits.u(2 if is_random_access(Codec.HEVC, kind) else 1)
        extra_bits, output_bits = self._bits_by_pps[bits.ue()]
        bits.u(extra_bits)
        bits.ue()
        bits.u(output_bits)
        if kind in (HevcNal.IDR_W_RADL, HevcNal.IDR_N_LP):
            return _Number(0)
        return _Number(bits.u(self._number_bits))


def _read_number_bits(bits: Bits) -> int:
    """How many bits a number has; ValueError for more than the standards let it have."""
    count = bits.ue() + 4
    if count > _MAX_NUMBER_BITS:
        raise ValueError("a number of so many bits cannot be")
    return count
