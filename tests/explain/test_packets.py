"""Each kind of link, told apart by scapy's packets; and our own packets, read by scapy."""

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from v380cli.explain.packets import (
    ACK,
    LINK_ETHERNET,
    LINKS,
    PSH,
    Datagram,
    Endpoint,
    Segment,
    Unreadable,
    decode_packet,
    encode_segment,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from scapy.layers.dot11 import Dot11, Dot11QoS, RadioTap
    from scapy.layers.inet import IP, TCP, UDP
    from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment
    from scapy.layers.l2 import LLC, SNAP, CookedLinux, CookedLinuxV2, Dot1Q, Ether, Loopback

SEGMENT = Segment(
    Endpoint("192.168.1.50", 8800),
    Endpoint("192.168.1.20", 50_000),
    1000,
    2000,
    PSH | ACK,
    b"hello",
)
IPV4 = IP(src="192.168.1.50", dst="192.168.1.20") / TCP(
    sport=8800, dport=50_000, seq=1000, ack=2000, flags="PA"
) / b"hello"  # fmt: skip
IPV6 = IPv6(src="fe80::1", dst="fe80::2") / UDP(sport=10009, dport=10008) / b"hello"
DATAGRAM = Datagram(Endpoint("fe80::1", 10009), Endpoint("fe80::2", 10008), b"hello")
WIFI = LLC() / SNAP()
# Addresses of its own, so that scapy asks nobody on the LAN for them.
ETHER = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
FRAMES = {
    "Ethernet": (1, ETHER / IPV4, SEGMENT),
    "VLAN": (1, ETHER / Dot1Q(vlan=3) / Dot1Q(vlan=4) / IPV4, SEGMENT),
    "IPv6": (1, ETHER / IPV6, DATAGRAM),
    "padded": (1, ETHER / IPV4 / b"", SEGMENT),
    "cooked": (113, CookedLinux(proto=0x0800) / IPV4, SEGMENT),
    "cooked, version 2": (276, CookedLinuxV2(proto=0x86DD) / IPV6, DATAGRAM),
    "raw": (101, IPV4, SEGMENT),
    "raw IPv6": (229, IPV6, DATAGRAM),
    "loopback": (0, Loopback(type=2) / IPV4, SEGMENT),
    "Wi-Fi": (105, Dot11(type=2, subtype=0, FCfield=2) / WIFI / IPV4, SEGMENT),
    "Wi-Fi, QoS": (127, RadioTap() / Dot11(type=2, subtype=8) / Dot11QoS() / WIFI / IPV6, DATAGRAM),
    "Wi-Fi, encrypted": (105, Dot11(type=2, subtype=0, FCfield="protected") / bytes(40), None),
    "Wi-Fi, a beacon": (105, Dot11(type=0, subtype=8) / bytes(40), None),
    "ARP": (1, Ether(src=ETHER.src, dst=ETHER.dst, type=0x0806) / bytes(28), None),
    "ICMP": (1, ETHER / IP(proto=1) / bytes(28), None),
}


@pytest.mark.parametrize(("link", "frame", "expected"), FRAMES.values(), ids=FRAMES.keys())
def test_links(link: int, frame: object, expected: object) -> None:
    assert decode_packet(link, bytes(frame)) == expected  # type: ignore[call-overload]


def test_the_padding_of_a_short_frame_is_no_payload() -> None:
    assert decode_packet(1, bytes(ETHER / IPV4) + bytes(12)) == SEGMENT


def test_what_was_not_captured_of_a_segment_is_told() -> None:
    cut = decode_packet(1, bytes(ETHER / IPV4)[:-2])
    assert isinstance(cut, Segment)
    assert (cut.payload, cut.missing) == (b"hel", 2)


def test_extension_headers_are_passed_over() -> None:
    packet = ETHER / IPv6(src="fe80::1", dst="fe80::2") / IPv6ExtHdrDestOpt() / UDP() / b"x"
    assert isinstance(decode_packet(1, bytes(packet)), Datagram)


@pytest.mark.parametrize(
    "packet",
    [
        ETHER / IP(frag=3, len=100) / bytes(40),
        ETHER / IPv6(plen=100) / IPv6ExtHdrFragment(offset=3) / bytes(40),
        Ether(type=0x0800) / b"\x45",
    ],
)
def test_what_cannot_be_read_says_why(packet: object) -> None:
    with pytest.raises(Unreadable):
        decode_packet(1, bytes(packet))  # type: ignore[call-overload]


def test_our_packets_are_those_that_scapy_would_make() -> None:
    frame = encode_segment(SEGMENT, 77)
    packet = Ether(frame)
    ours = packet[IP].chksum, packet[TCP].chksum
    del packet[IP].chksum, packet[TCP].chksum
    again = Ether(bytes(packet))
    assert ours == (again[IP].chksum, again[TCP].chksum)
    assert decode_packet(LINK_ETHERNET, frame) == SEGMENT


@settings(max_examples=300)
@given(link=st.sampled_from([*LINKS, 9999]), data=st.binary(max_size=120))
def test_any_bytes_are_a_packet_or_not(link: int, data: bytes) -> None:
    try:
        decode_packet(link, data)
    except Unreadable as reason:
        assert str(reason)
