"""One sample to one movie fragment (ISO/IEC 14496-12, 8.8)."""

from v380cli.media.movie_fragment import Sample, encode_fragment, prefix_nal_units
from v380cli.media.sink import Codec

KEYFRAME = bytes.fromhex(
    "00000064 6d6f6f66"  # moof, 100 bytes
    "00000010 6d666864 00000000 00000007"  # mfhd: the 7th
    "0000004c 74726166"  # traf
    "00000010 74666864 00020000 00000001"  # tfhd: default-base-is-moof, track 1
    "00000014 74666474 01000000 0000000100000005"  # tfdt, version 1: 64 bits of time
    "00000020 7472756e 00000701 00000001 0000006c 00001770 00000003 02000000"  # trun: one sample
    "0000000b 6d646174 aabbcc"  # mdat
)


def test_a_keyframe_is_a_fragment() -> None:
    sample = Sample(b"\xaa\xbb\xcc", (1 << 32) + 5, is_sync=True)
    assert encode_fragment(7, 1, sample, 6000) == KEYFRAME


def test_a_picture_that_needs_others_says_so() -> None:
    data = encode_fragment(1, 1, Sample(b"\xaa", 0, is_sync=False), 1)
    assert data[96:100].hex() == "01010000"  # depends on others, is not a sync sample


def test_a_night_without_the_camera_fits() -> None:
    data = encode_fragment(1, 1, Sample(b"\xaa", 0, is_sync=True), 14 * 3600 * 90_000)
    assert data[88:92].hex() == "ffffffff"


def test_nal_units_are_stored_behind_their_lengths() -> None:
    unit = bytes.fromhex("00000001 0910 000001 67aabb 00000001 65cc")
    stored = "00000002 0910 00000003 67aabb 00000002 65cc"
    assert prefix_nal_units(unit, Codec.H264) == bytes.fromhex(stored)


def test_parameter_sets_of_h265_are_not_among_them() -> None:
    unit = bytes.fromhex("00000001 4001aa 00000001 4201bb 00000001 4401cc 00000001 2601dd")
    assert prefix_nal_units(unit, Codec.HEVC) == bytes.fromhex("00000003 2601dd")
