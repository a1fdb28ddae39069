"""IP packets in fragments are put together; those that never become whole are told."""

import itertools
import random
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from v380cli.explain.capture_file import RawPacket
from v380cli.explain.explainer import LOST_FRAGMENTS, Explainer
from v380cli.explain.ip_fragments import MAX_PACKET_BYTES, MAX_PACKETS, IpFragments
from v380cli.explain.packets import Datagram, Endpoint, decode_packet

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from scapy.layers.inet import IP, UDP, fragment
    from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment, fragment6
    from scapy.layers.l2 import Ether

RAW_IP = 101
TEXT = bytes(range(256)) * 20
PORTS: dict[str, Any] = {"sport": 10009, "dport": 10008}


def cut_ipv4() -> list[bytes]:
    packet = IP(src="192.168.1.50", dst="192.168.1.20", id=7) / UDP(**PORTS) / TEXT
    return [bytes(piece) for piece in fragment(packet, 1000)]  # type: ignore[no-untyped-call]


def cut_ipv6() -> list[bytes]:
    head = IPv6(src="fe80::1", dst="fe80::2") / IPv6ExtHdrFragment(id=7)
    pieces = fragment6(head / UDP(**PORTS) / TEXT, 1280)  # type: ignore[no-untyped-call]
    return [bytes(piece) for piece in pieces]


def read(pieces: list[bytes]) -> list[object]:
    """What each brings."""
    fragments = IpFragments()
    return [decode_packet(RAW_IP, piece, fragments) for piece in pieces]


@pytest.mark.parametrize("version", [4, 6])
def test_a_datagram_in_fragments_in_any_order(version: int) -> None:
    pieces = cut_ipv4() if version == 4 else cut_ipv6()
    hosts = ("192.168.1.50", "192.168.1.20") if version == 4 else ("fe80::1", "fe80::2")
    whole = Datagram(Endpoint(hosts[0], 10009), Endpoint(hosts[1], 10008), TEXT)
    assert len(pieces) > 4
    for seed in range(8):
        shuffled = random.Random(seed).sample(pieces, k=len(pieces))
        assert read(shuffled) == [*itertools.repeat(None, len(pieces) - 1), whole]
        assert read([shuffled[0], *shuffled])[-1] == whole


def test_what_is_missing_of_a_packet_is_told() -> None:
    explainer = Explainer(None)
    packets = [RawPacket(0.0, RAW_IP, piece) for piece in cut_ipv4()[1:]]
    assert list(explainer.explain(packets)) == []
    assert explainer.unreadable == {LOST_FRAGMENTS: 1}


def test_what_waits_is_bounded() -> None:
    fragments = IpFragments()
    for number in range(MAX_PACKETS + 5):
        assert fragments.receive(number, 0, b"begins", is_last=False) is None
    assert fragments.receive(0, MAX_PACKET_BYTES - 1, b"too much", is_last=True) is None
    assert fragments.given_up == 6


def test_fragments_that_overlap_make_nothing() -> None:
    fragments = IpFragments()
    assert fragments.receive(1, 0, bytes(16), is_last=False) is None
    assert fragments.receive(1, 8, bytes(16), is_last=True) is None


def test_fragments_that_overlap_do_not_pile_up() -> None:
    fragments = IpFragments()
    for offset in range(0, 80, 8):
        fragments.receive(1, offset, bytes(MAX_PACKET_BYTES // 4), is_last=False)
    assert fragments.given_up == 2


@settings(max_examples=200)
@given(
    pieces=st.lists(
        st.tuples(st.integers(0, 40), st.binary(max_size=24), st.booleans()), max_size=30
    )
)
def test_any_fragments_are_taken(pieces: list[tuple[int, bytes, bool]]) -> None:
    fragments = IpFragments()
    for offset, data, is_last in pieces:
        whole = fragments.receive(1, offset, data, is_last=is_last)
        assert whole is None or len(whole) >= offset


def test_a_fragment_on_ethernet() -> None:
    fragments = IpFragments()
    ends: dict[str, Any] = {"src": "02:00:00:00:00:01", "dst": "02:00:00:00:00:02", "type": 0x0800}
    told = [decode_packet(1, bytes(Ether(**ends)) + piece, fragments) for piece in cut_ipv4()]
    assert isinstance(told[-1], Datagram)
