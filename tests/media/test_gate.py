"""The gate before a recording."""

from tests.media.test_access_unit import (
    H264_IDR,
    H264_P,
    H264_PPS,
    H264_SPS,
    HEVC_IDR,
    HEVC_P,
    HEVC_PPS,
    HEVC_SPS,
    HEVC_VPS,
    annex_b,
)
from v380cli.media.access_unit import classify_access_unit
from v380cli.media.gate import MAX_HELD_BYTES, GatedUnit, KeyframeGate
from v380cli.media.sink import Codec, VideoFormat

SETS = annex_b(H264_SPS, H264_PPS)
FORMAT = VideoFormat(Codec.H264, SETS)


def admit(gate: KeyframeGate, *nals: bytes) -> GatedUnit | None:
    unit = classify_access_unit(annex_b(*nals), None)
    assert unit is not None
    return gate.admit(unit)


def open_gate() -> KeyframeGate:
    gate = KeyframeGate()
    assert admit(gate, H264_SPS, H264_PPS, H264_IDR)
    return gate


def test_nothing_passes_before_a_keyframe() -> None:
    gate = KeyframeGate()
    assert admit(gate, H264_P) is None
    assert [gate.is_open] == [False]
    keyframe = annex_b(H264_SPS, H264_PPS, H264_IDR)
    assert admit(gate, H264_SPS, H264_PPS, H264_IDR) == GatedUnit(keyframe, True, FORMAT)
    assert [gate.is_open] == [True]
    assert admit(gate, H264_P) == GatedUnit(annex_b(H264_P), False)


def test_a_keyframe_without_parameter_sets_opens_nothing() -> None:
    gate = KeyframeGate()
    assert admit(gate, H264_IDR) is None
    assert admit(gate, H264_SPS, H264_IDR) is None
    assert not gate.is_open


def test_parameter_sets_from_an_earlier_frame_are_put_before_the_keyframe() -> None:
    gate = KeyframeGate()
    assert admit(gate, H264_SPS, H264_PPS) is None
    assert admit(gate, H264_P) is None
    assert admit(gate, H264_IDR) == GatedUnit(SETS + annex_b(H264_IDR), True, FORMAT)


def test_every_later_keyframe_has_its_parameter_sets_too() -> None:
    gate = open_gate()
    assert admit(gate, H264_IDR) == GatedUnit(SETS + annex_b(H264_IDR), True)


def test_junk_before_a_keyframe_is_no_part_of_its_parameter_sets() -> None:
    gate = open_gate()
    unit = classify_access_unit(b"junk" + annex_b(H264_IDR), None)
    assert unit
    assert gate.admit(unit) == GatedUnit(SETS + annex_b(H264_IDR), True)


def test_a_frame_without_a_picture_joins_the_next_one() -> None:
    gate = open_gate()
    assert admit(gate, H264_SPS, H264_PPS) is None
    assert admit(gate, H264_IDR) == GatedUnit(SETS + annex_b(H264_IDR), True)


def test_frames_without_a_picture_are_not_held_for_ever() -> None:
    gate = open_gate()
    for _ in range(MAX_HELD_BYTES // 1000 + 1):
        assert admit(gate, H264_SPS + b"\x55" * 1000) is None
    passed = admit(gate, H264_P)
    assert passed is not None
    assert len(passed.data) < MAX_HELD_BYTES


def test_another_resolution_is_a_new_format() -> None:
    gate = open_gate()
    other = b"\x67\x64\x00\x28\xac"
    passed = admit(gate, other, H264_PPS, H264_IDR)
    assert passed is not None
    assert passed.new_format == VideoFormat(Codec.H264, annex_b(other, H264_PPS))


def test_another_pps_alone_is_not() -> None:
    gate = open_gate()
    passed = admit(gate, H264_SPS, b"\x68\xee\x3c\x80", H264_IDR)
    assert passed is not None
    assert passed.new_format is None


def test_another_codec_is_a_new_format_and_waits_for_its_keyframe() -> None:
    gate = open_gate()
    assert admit(gate, HEVC_P) is None
    assert gate.is_open
    passed = admit(gate, HEVC_VPS, HEVC_SPS, HEVC_PPS, HEVC_IDR)
    assert passed is not None
    sets = annex_b(HEVC_VPS, HEVC_SPS, HEVC_PPS)
    assert passed.new_format == VideoFormat(Codec.HEVC, sets)
    assert admit(gate, H264_P) is None


def test_after_a_reconnect_it_waits_again_but_the_format_is_the_same() -> None:
    gate = open_gate()
    gate.close_gate()
    assert not gate.is_open
    assert admit(gate, H264_P) is None
    assert admit(gate, H264_IDR) is None  # sets of another connection do not count
    passed = admit(gate, H264_SPS, H264_PPS, H264_IDR)
    assert passed is not None
    assert passed.new_format is None
