"""Which pictures can follow others in one file."""

from functools import cache

import av
import pytest

from v380cli.media.access_unit import classify_access_unit
from v380cli.media.nal import START_CODE, H264Nal, HevcNal, nal_type, split_nal_units
from v380cli.media.sequence import is_same_sequence
from v380cli.media.sink import Codec, VideoFormat

ENCODERS = {Codec.H264: ("libx264", "x264-params"), Codec.HEVC: ("libx265", "x265-params")}
COMMON = {Codec.H264: "log-level=none", Codec.HEVC: "log-level=none:pools=none:repeat-headers=1"}
# Encodings whose parameter sets have many of the fields there are.
KINDS = [
    (Codec.H264, "ref=2:cqm=jvt", "yuv420p"),
    (Codec.H264, "interlaced=1:ref=4", "yuv420p"),
    (Codec.H264, "ref=1", "yuv444p"),
    (Codec.H264, "ref=1:8x8dct=0:cabac=0:bframes=0:weightp=0", "yuv420p"),
    (Codec.HEVC, "ref=4:scaling-list=default:bframes=3", "yuv420p"),
    (Codec.HEVC, "temporal-layers=2:bframes=3:b-adapt=0", "yuv420p"),
    (Codec.HEVC, "ref=1:sao=0", "yuv444p"),
]


@cache
def encode_format(codec: Codec, params: str, pixels: str, height: int = 144) -> VideoFormat:
    name, option = ENCODERS[codec]
    encoder = av.CodecContext.create(name, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = 192, height, pixels
    encoder.options = {"preset": "ultrafast", option: f"{COMMON[codec]}:{params}"}
    frame = av.VideoFrame(192, height, pixels)
    frame.pts = 0
    data = b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
    unit = classify_access_unit(data, codec)
    assert unit
    assert unit.parameter_sets
    return VideoFormat(codec, unit.parameter_sets)


@pytest.mark.parametrize(("codec", "params", "pixels"), KINDS)
def test_what_only_the_vui_says_begins_no_file(codec: Codec, params: str, pixels: str) -> None:
    plain = encode_format(codec, params, pixels)
    coloured = encode_format(codec, f"{params}:colorprim=bt709:transfer=bt709", pixels)
    assert plain.parameter_sets != coloured.parameter_sets
    assert is_same_sequence(plain, coloured)


@pytest.mark.parametrize(("codec", "params", "pixels"), KINDS)
def test_another_size_begins_one(codec: Codec, params: str, pixels: str) -> None:
    plain = encode_format(codec, params, pixels)
    assert not is_same_sequence(plain, encode_format(codec, params, pixels, 160))


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
def test_another_way_of_coding_begins_one(codec: Codec) -> None:
    assert not is_same_sequence(
        encode_format(codec, "ref=1:bframes=0", "yuv420p"),
        encode_format(codec, "ref=5:bframes=0", "yuv420p"),
    )


@pytest.mark.parametrize(("codec", "begins_one"), [(Codec.H264, False), (Codec.HEVC, True)])
def test_another_pps_begins_one_where_it_is_not_in_band(codec: Codec, begins_one: bool) -> None:
    plain = encode_format(codec, "ref=1", "yuv420p")
    pps = H264Nal.PPS if codec is Codec.H264 else HevcNal.PPS
    changed = b"".join(
        START_CODE + nal + (b"\1" if nal_type(codec, nal[0]) == pps else b"")
        for nal in split_nal_units(plain.parameter_sets)
    )
    assert is_same_sequence(plain, VideoFormat(codec, changed)) is not begins_one


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
def test_one_that_cannot_be_read_counts_whole(codec: Codec) -> None:
    sps = b"\x67\x64" if codec is Codec.H264 else b"\x42\x01"
    first = VideoFormat(codec, START_CODE + sps + b"\xff")
    assert is_same_sequence(first, first)
    assert not is_same_sequence(first, VideoFormat(codec, START_CODE + sps + b"\xfe"))
