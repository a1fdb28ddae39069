"""Frames are put together from RTP payloads, or dropped whole and counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from v380cli.media.adts import split_adts
from v380cli.media.nal import START_CODE
from v380cli.media.rtp_payload import MediaUnit, open_assembler
from v380cli.media.sdp_reader import Encoding, TrackDescription

SPS, PPS = bytes.fromhex("6742001e"), bytes.fromhex("68ce3c80")
IDR, SLICE = b"\x65" + b"i" * 50, b"\x41" + b"p" * 50
HEVC_IDR = b"\x26\x01" + b"i" * 50


def annex_b(*nals: bytes) -> bytes:
    return b"".join(START_CODE + nal for nal in nals)


def cut_h264(nal: bytes, size: int = 20) -> list[bytes]:
    pieces = [nal[1:][start : start + size] for start in range(0, len(nal) - 1, size)]
    indicator = bytes([nal[0] & 0xE0 | 28])
    flags = [0x80, *[0] * (len(pieces) - 2), 0x40]
    headers = [bytes([flag | nal[0] & 0x1F]) for flag in flags]
    return [indicator + head + piece for head, piece in zip(headers, pieces, strict=True)]


def cut_hevc(nal: bytes, size: int = 20) -> list[bytes]:
    pieces = [nal[2:][start : start + size] for start in range(0, len(nal) - 2, size)]
    kind = nal[0] >> 1 & 0x3F
    flags = [0x80, *[0] * (len(pieces) - 2), 0x40]
    head = bytes([nal[0] & 0x81 | 49 << 1, nal[1]])
    return [head + bytes([flag | kind]) + piece for flag, piece in zip(flags, pieces, strict=True)]


def take_all(
    track: TrackDescription, packets: list[tuple[int, bytes, bool, int]]
) -> tuple[list[MediaUnit], int]:
    """`packets` are of a time, a payload, the marker, and those lost before it."""
    assembler = open_assembler(track)
    units = [
        unit
        for rtp_time, payload, is_marked, lost in packets
        for unit in assembler.take(payload, rtp_time, is_marked=is_marked, lost=lost)
    ]
    return units, assembler.dropped_frames


def describe(encoding: Encoding, **fields: object) -> TrackDescription:
    told = {"payload_type": 96, "clock_hz": 90_000, **fields}
    return TrackDescription(encoding=encoding, **told)  # type: ignore[arg-type]


H264 = describe(Encoding.H264, parameter_sets=annex_b(SPS, PPS))


def mark_last(rtp_time: int, payloads: list[bytes]) -> list[tuple[int, bytes, bool, int]]:
    last = len(payloads) - 1
    return [(rtp_time, payload, number == last, 0) for number, payload in enumerate(payloads)]


def test_fragments_make_a_picture_and_the_sets_of_the_description_go_before_it() -> None:
    units, dropped = take_all(H264, mark_last(0, cut_h264(IDR)))
    assert units == [MediaUnit(0, annex_b(SPS, PPS, IDR), is_keyframe=True)]
    assert dropped == 0


def test_sets_of_the_stream_count_from_then_on() -> None:
    newer = bytes.fromhex("6742001f")
    aggregate = b"\x78" + b"".join(len(nal).to_bytes(2) + nal for nal in (newer, PPS))
    packets = mark_last(0, [aggregate, IDR]) + mark_last(3000, [IDR])
    units, _ = take_all(H264, packets)
    assert [unit.data for unit in units] == [annex_b(newer, PPS, IDR), annex_b(IDR)]


def test_h265_is_put_together() -> None:
    units, _ = take_all(describe(Encoding.HEVC), mark_last(0, cut_hevc(HEVC_IDR)))
    assert units == [MediaUnit(0, annex_b(HEVC_IDR), is_keyframe=True)]


def test_a_new_time_ends_a_picture_where_nothing_is_marked() -> None:
    units, _ = take_all(H264, [(0, SLICE, False, 0), (3000, SLICE, False, 0)])
    assert units == [MediaUnit(0, annex_b(SLICE))]


def test_start_codes_that_a_camera_leaves_on_are_not_doubled() -> None:
    units, _ = take_all(H264, [(0, START_CODE + SLICE, True, 0)])
    assert units == [MediaUnit(0, annex_b(SLICE))]


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_picture_that_lacks_a_packet_is_dropped_and_the_next_one_is_not(missing: int) -> None:
    pieces = mark_last(0, cut_h264(IDR)) + mark_last(3000, [SLICE])
    del pieces[missing]
    pieces[missing] = (*pieces[missing][:3], 1)
    units, dropped = take_all(H264, pieces)
    assert [unit.rtp_time for unit in units] == [3000]
    assert dropped == 1


def test_a_damaged_picture_is_not_made_whole_by_what_is_lost_of_it() -> None:
    broken = b"\x78\x00\x05ab"  # an aggregate that ends in the middle of its NAL unit
    units, _ = take_all(H264, [(0, broken, False, 0), (0, SLICE, True, 1)])
    assert units == []


def make_aac(*frames: bytes) -> bytes:
    headers = b"".join((len(frame) << 3).to_bytes(2) for frame in frames)
    return (len(headers) * 8).to_bytes(2) + headers + b"".join(frames)


def test_aac_gets_a_header_for_each_frame() -> None:
    track = describe(Encoding.AAC, clock_hz=8000, config=bytes.fromhex("1588"))
    units, dropped = take_all(track, [(0, make_aac(b"one", b"second"), True, 0)])
    frames = split_adts(units[0].data)
    assert [frame.data for frame in frames] == [b"one", b"second"]
    assert frames[0].format.extradata == bytes.fromhex("1588")
    assert (frames[0].format.sample_rate, dropped) == (8000, 0)


@pytest.mark.parametrize("told", ["", "0", "17", "9" * 5000, "many"])
def test_a_size_of_aac_that_makes_no_sense_is_the_usual_one(told: str) -> None:
    track = describe(Encoding.AAC, clock_hz=8000, parameters={"sizelength": told})
    units, _ = take_all(track, [(0, make_aac(b"frame"), True, 0)])
    assert units


def test_aac_that_is_cut_is_dropped() -> None:
    track = describe(Encoding.AAC, clock_hz=8000)
    assert take_all(track, [(0, make_aac(b"one")[:-1], True, 0)]) == ([], 1)


def test_pcm_has_its_bytes_turned_round() -> None:
    units, _ = take_all(describe(Encoding.PCM16), [(0, b"\1\2\3\4", True, 0)])
    assert units[0].data == b"\2\1\4\3"


@given(
    st.sampled_from(list(Encoding)),
    st.lists(st.tuples(st.integers(0, 3), st.binary(max_size=30), st.booleans(), st.just(0))),
)
def test_garbage_is_frames_or_dropped(
    encoding: Encoding, packets: list[tuple[int, bytes, bool, int]]
) -> None:
    take_all(describe(encoding, clock_hz=8000), packets)
