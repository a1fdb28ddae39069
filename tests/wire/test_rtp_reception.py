"""RTP packets of others: read, ordered, counted, and put on a clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from v380cli.wire.rtp_reception import (
    MAX_WAITING,
    PacketOrder,
    RtpPacket,
    TrackClock,
    holds_goodbye,
    parse_rtp_packet,
)

PACKET = bytes.fromhex("80e01234 00015f90 0000cafe") + b"payload"


def make_packet(sequence: int) -> RtpPacket:
    return RtpPacket(sequence % 65536, 0, 96, False, b"x")


def put_in_order(sequences: list[int], *, may_overtake: bool) -> list[tuple[int, int]]:
    order = PacketOrder(may_overtake=may_overtake)
    taken = [one for number in sequences for one in order.take(make_packet(number))]
    return [(packet.sequence, packet.lost) for packet in taken]


def test_a_packet_is_read_without_what_stands_around_its_payload() -> None:
    expected = RtpPacket(0x1234, 90_000, 96, True, b"payload")
    assert parse_rtp_packet(PACKET) == expected
    padded = b"\xa0" + PACKET[1:] + b"\0\0\3"
    assert parse_rtp_packet(padded) == expected
    extended = b"\x91" + PACKET[1:12] + bytes.fromhex("00000001 bede0001 00000000") + b"payload"
    assert parse_rtp_packet(extended) == expected


@pytest.mark.parametrize("data", [b"", PACKET[:11], b"\0" + PACKET[1:], b"\x9f" + PACKET[1:]])
def test_what_is_no_packet_is_none(data: bytes) -> None:
    assert parse_rtp_packet(data) is None


@given(st.binary(max_size=64))
def test_garbage_is_a_packet_or_none(data: bytes) -> None:
    parse_rtp_packet(data)
    holds_goodbye(data)


def test_a_goodbye_is_found_behind_a_report() -> None:
    report = bytes.fromhex("80c90001 0000cafe")
    assert holds_goodbye(report + bytes.fromhex("81cb0001 0000cafe"))
    assert not holds_goodbye(report)


def test_in_a_connection_a_hole_is_a_loss_at_once() -> None:
    assert put_in_order([65534, 65535, 2, 3], may_overtake=False) == [
        *((65534, 0), (65535, 0), (2, 2), (3, 0))
    ]


def test_datagrams_that_overtook_each_other_are_put_in_order() -> None:
    assert put_in_order([65534, 0, 65535, 1, 0], may_overtake=True) == [
        *((65534, 0), (65535, 0), (0, 0), (1, 0))
    ]


def test_a_datagram_that_does_not_come_is_not_waited_for_for_ever() -> None:
    numbers = [0, *range(2, MAX_WAITING + 3)]
    assert put_in_order(numbers, may_overtake=True) == [
        *((0, 0), (2, 1)),
        *((number, 0) for number in range(3, MAX_WAITING + 3)),
    ]


def test_a_numbering_that_begins_anew_is_followed() -> None:
    taken = put_in_order([40_000, 40_001, 10, 11], may_overtake=True)
    assert [number for number, _ in taken] == [40_000, 40_001, 10, 11]


def test_a_clock_counts_on_over_the_end_of_its_range() -> None:
    clock = TrackClock(90_000, (1 << 32) - 90_000)
    assert clock.read_ms(0) == 1000
    assert clock.read_ms(90_000) == 2000
    assert clock.read_ms(45_000) == 1500
