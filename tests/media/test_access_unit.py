"""NAL units, and what they say of a video frame."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media_samples import GOP, make_video
from v380cli.media.access_unit import MAX_LEADING_NAL_UNITS, classify_access_unit
from v380cli.media.nal import START_CODE, find_nal_units, split_nal_units
from v380cli.media.sink import Codec

H264_SPS, H264_PPS = b"\x67\x42\xc0\x0c\xda", b"\x68\xce\x0f\xc8"
H264_IDR, H264_P, H264_SEI = b"\x65\x88\x84", b"\x41\x9a\x02", b"\x06\x05\x10"
HEVC_VPS, HEVC_SPS, HEVC_PPS = b"\x40\x01\x0c", b"\x42\x01\x01", b"\x44\x01\xc1"
HEVC_IDR, HEVC_CRA, HEVC_P = b"\x26\x01\xaf", b"\x2a\x01\xaf", b"\x02\x01\xd0"


def annex_b(*nals: bytes, start_code: bytes = b"\0\0\0\1") -> bytes:
    return b"".join(start_code + nal for nal in nals)


@pytest.mark.parametrize("start_code", [b"\0\0\1", b"\0\0\0\1", b"\0\0\0\0\0\1"])
def test_start_codes_of_every_length_part_nal_units(start_code: bytes) -> None:
    nals = [H264_SPS, H264_PPS, H264_IDR]
    data = annex_b(*nals, start_code=start_code) + b"\0\0\0"
    assert list(split_nal_units(data)) == nals
    assert [data[start] for start in find_nal_units(data)] == [0x67, 0x68, 0x65]


@pytest.mark.parametrize("data", [b"", b"\0\0\1", b"\0\0\0\1", b"no start code", bytes(100)])
def test_data_without_a_nal_unit(data: bytes) -> None:
    assert list(split_nal_units(data)) == []
    assert classify_access_unit(data, Codec.H264) is None


@given(st.lists(st.binary(min_size=1, max_size=20).map(lambda b: b"\x65" + b + b"\x80")))
def test_what_is_joined_is_split_again(nals: list[bytes]) -> None:
    safe = [nal for nal in nals if b"\0\0" not in nal]
    assert list(split_nal_units(annex_b(*safe))) == safe


@pytest.mark.parametrize("second", [0, 1, 7, 8, 0x9A, 0xFF])
@pytest.mark.parametrize("hint", [None, Codec.H264, Codec.HEVC])
def test_what_is_told_by_its_beginning_is_what_a_closer_look_finds(
    second: int, hint: Codec | None
) -> None:
    for header in range(256):
        data = START_CODE + bytes((header, second)) + b"\x55" * 9
        found = classify_access_unit(data, hint)
        shifted = classify_access_unit(b"\x55" + data, hint)  # does not begin with a start code
        assert (found and replace(found, data=b"")) == (shifted and replace(shifted, data=b""))


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
@pytest.mark.parametrize("hint", [None, Codec.H264, Codec.HEVC])
def test_an_encoders_stream_is_told_whatever_the_frame_type_says(
    codec: Codec, hint: Codec | None
) -> None:
    for index, unit in enumerate(make_video(codec).units):
        found = classify_access_unit(unit.data, hint)
        assert found is not None
        assert found.codec is codec
        assert found.is_keyframe == (index % GOP == 0)
        assert bool(found.parameter_sets) == found.is_keyframe
        assert found.data is unit.data


@pytest.mark.parametrize(
    ("nals", "codec", "is_keyframe"),
    [
        ([H264_P], Codec.H264, False),
        ([b"\x01\x9a"], Codec.H264, False),  # not used for reference
        ([H264_SEI, H264_P], Codec.H264, False),
        ([b"\x09\xf0", H264_SPS, H264_PPS, H264_SEI, H264_IDR], Codec.H264, True),
        ([b"\x25\x88\x80"], Codec.H264, True),
        ([HEVC_P], Codec.HEVC, False),
        ([b"\x00\x01\xd0"], Codec.HEVC, False),  # TRAIL_N
        ([b"\x46\x01\x10", HEVC_VPS, HEVC_SPS, HEVC_PPS, HEVC_IDR], Codec.HEVC, True),
        ([HEVC_CRA], Codec.HEVC, True),
    ],
)
def test_the_nal_type_decides_codec_and_keyframe(
    nals: list[bytes], codec: Codec, is_keyframe: bool
) -> None:
    found = classify_access_unit(annex_b(*nals), None)
    assert found is not None
    assert (found.codec, found.is_keyframe, found.has_picture) == (codec, is_keyframe, True)


@pytest.mark.parametrize("hint", [Codec.H264, Codec.HEVC])
def test_the_hint_decides_what_fits_both(hint: Codec) -> None:
    ambiguous = annex_b(b"\x06\x05\x10")  # SEI of H.264, or TSA_R in temporal layer 4 of H.265
    found = classify_access_unit(ambiguous, hint)
    assert found is not None
    assert found.codec is hint
    assert classify_access_unit(ambiguous, None) is None


def test_parameter_sets_are_spelt_alike() -> None:
    spelt = annex_b(H264_SPS, H264_PPS, H264_IDR, start_code=b"\0\0\1")
    found = classify_access_unit(spelt, None)
    assert found is not None
    assert found.parameter_sets == annex_b(H264_SPS, H264_PPS)


def test_parameter_sets_alone_are_no_picture() -> None:
    found = classify_access_unit(annex_b(HEVC_VPS, HEVC_SPS, HEVC_PPS), None)
    assert found is not None
    assert (found.has_picture, found.is_keyframe) == (False, False)


def test_endless_parameter_sets_are_not_video() -> None:
    data = annex_b(*[H264_SPS] * (MAX_LEADING_NAL_UNITS + 1), H264_IDR)
    assert classify_access_unit(data, Codec.H264) is None


@given(st.binary(max_size=200), st.sampled_from([None, Codec.H264, Codec.HEVC]))
def test_garbage_is_classified_or_not_but_never_raises(data: bytes, hint: Codec | None) -> None:
    classify_access_unit(b"\0\0\1" + data, hint)


def test_a_large_frame_is_not_searched_beyond_its_first_slice() -> None:
    """A hundred calls on 1 MB: a search of the whole would take seconds."""
    frame = annex_b(H264_P) + b"\x55" * 1_000_000
    start = time.process_time()
    for _ in range(100):
        classify_access_unit(frame, Codec.H264)
    assert time.process_time() - start < 0.1
