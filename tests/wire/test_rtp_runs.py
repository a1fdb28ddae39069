"""Packets that are read in a row are those that are read one by one."""

import struct
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from v380cli.wire.rtp import Frame, encode_frame
from v380cli.wire.rtp_reception import RtpPacket, parse_rtp_packet
from v380cli.wire.rtp_runs import MAX_RUN, PacketRun, read_packet_run
from v380cli.wire.rtsp.response import Response, ResponseParser

LEAD_BYTES = 2


def make_packet(
    sequence: int, payload: bytes, *, rtp_time: int = 7, kind: int = 96, flags: int = 0x80
) -> bytes:
    return struct.pack(">BBHII", flags, kind, sequence % 65536, rtp_time, 0xCAFE) + payload


def make_picture(count: int, first: int = 1) -> bytes:
    packets = [make_packet(first + number, bytes([number]) * 20) for number in range(count)]
    return b"".join(encode_frame(0, packet) for packet in packets)


def read_packets(data: bytes, steps: Sequence[int], lead_bytes: int) -> list[object]:
    """What a parser gives, packet by packet, of bytes that come in such steps."""
    parser, found, start = ResponseParser(), list[object](), 0
    if lead_bytes:
        parser.lead_bytes[0] = lead_bytes
    for step in (*steps, len(data)):
        parser.receive_data(data[start : start + step])
        start += step
        while (item := parser.next_item()) is not None:
            found += list_packets(item)
    return found


def list_packets(item: Response | Frame | PacketRun) -> list[object]:
    if isinstance(item, PacketRun):
        return [(item.channel, packet) for packet in item.list_packets()]
    if isinstance(item, Frame):
        return [(item.channel, parse_rtp_packet(item.packet))]
    return [item]


def test_a_row_ends_before_what_is_not_like_its_first() -> None:
    shorter = encode_frame(0, make_packet(6, b"end"))
    run = read_packet_run(make_picture(5) + shorter, 0, LEAD_BYTES)
    assert run
    assert list(run.list_packets()) == [
        RtpPacket(number + 1, 7, 96, False, bytes([number]) * 20) for number in range(5)
    ]
    assert (run.leads[1], run.bodies[1]) == (b"\1" * 2, b"\1" * 18)
    assert run.stop == len(make_picture(5))


def test_a_row_is_no_longer_than_is_allowed_and_never_of_one() -> None:
    run = read_packet_run(make_picture(MAX_RUN + 1), 0, LEAD_BYTES)
    assert run and len(run.bodies) == MAX_RUN
    assert read_packet_run(make_picture(1), 0, LEAD_BYTES) is None
    assert read_packet_run(make_picture(2)[:-1], 0, LEAD_BYTES) is None


packets = st.builds(
    make_packet,
    st.sampled_from([1, 2, 3, 4, 65535]),
    st.sampled_from([b"", b"ab", b"abc", b"abd", b"abcd" * 5]),
    rtp_time=st.sampled_from([7, 8]),
    kind=st.sampled_from([96, 96, 96, 96 | 0x80, 97]),
    flags=st.sampled_from([0x80, 0x80, 0x80, 0xA0, 0x90, 0x81, 0]),
)
rows = st.builds(make_picture, st.integers(2, 9), st.integers(65530, 65540))
pieces = st.builds(encode_frame, st.sampled_from([0, 0, 0, 1]), packets)
responses = st.just(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n")


@given(st.lists(pieces | rows | responses, max_size=12), st.lists(st.integers(1, 60), max_size=20))
def test_rows_are_the_same_packets(data: list[bytes], steps: list[int]) -> None:
    stream = b"".join(data)
    one_by_one = read_packets(stream, steps, 0)
    for lead_bytes in (LEAD_BYTES, LEAD_BYTES + 1):
        assert read_packets(stream, steps, lead_bytes) == one_by_one
