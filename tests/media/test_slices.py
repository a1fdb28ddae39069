"""The numbers of pictures, of parameter sets that were damaged on the way."""

import re

from v380cli.media.access_unit import AccessUnit, classify_access_unit
from v380cli.media.bits import Bits
from v380cli.media.nal import START_CODE, HevcNal, nal_type, split_nal_units
from v380cli.media.sequence import skip_to_order_bits
from v380cli.media.sink import Codec, VideoFormat
from v380cli.media.slices import PictureSequence
from v380cli.simulator.footage import FootageSpec, load_footage

SPEC = FootageSpec(codec=Codec.HEVC, width=192, height=128, bitrate=100_000, gop_s=0.4, loop_s=0.4)
HUGE = "0" * 40 + "1" * 41  # as an Exp-Golomb code


def load_keyframe() -> AccessUnit:
    unit = classify_access_unit(load_footage(SPEC).access_units[0].data, Codec.HEVC)
    assert unit
    return unit


def damage(sps: bytes) -> bytes:
    """The same up to the size of the numbers, which is beyond all measure."""
    bits = Bits(sps)
    skip_to_order_bits(bits)
    text = bits.taken + HUGE
    text += "1" * (-len(text) % 8)
    data = int(text, 2).to_bytes(len(text) // 8)
    return re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", data)


def test_numbers_beyond_all_measure_are_not_read() -> None:
    keyframe = load_keyframe()
    sets = b""
    for nal in split_nal_units(keyframe.parameter_sets):
        is_sps = nal_type(Codec.HEVC, nal[0]) == HevcNal.SPS
        sets += START_CODE + (damage(nal) if is_sps else nal)
    sequence = PictureSequence(VideoFormat(Codec.HEVC, sets))
    sequence.follow(keyframe)
    assert not sequence.is_known
    assert not sequence.is_next(keyframe)
