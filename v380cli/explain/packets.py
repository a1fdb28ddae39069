"""From a captured packet to its TCP segment or UDP datagram; and such packets made by ourselves."""

import ipaddress
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from v380cli.explain.ip_fragments import IpFragments

IPV4, IPV6, VLAN = 0x0800, 0x86DD, frozenset({0x8100, 0x88A8, 0x9100})
TCP, UDP = 6, 17
# Extension headers of IPv6 that carry their own length; 44 is a fragment.
IPV6_OPTIONS, IPV6_FRAGMENT = frozenset({0, 43, 60, 135}), 44
MAX_EXTENSIONS = 8
IPV4_MORE, IPV4_OFFSET = 0x2000, 0x1FFF
IPV6_MORE = 1
IPV6_FRAGMENT_HEADER = struct.Struct(">BxHI")
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
LINK_ETHERNET = 1
SNAP = bytes.fromhex("aaaa03000000")
TCP_HEADER = struct.Struct(">HHIIBBHHH")
IPV4_HEADER = struct.Struct(">BBHHHBBH4s4s")
MAX_TOLD_HOSTS = 1024  # whose addresses as text are kept


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An IP address and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Segment:
    """A TCP segment; `missing` bytes of its end were not captured."""

    source: Endpoint
    target: Endpoint
    sequence: int
    acknowledged: int
    flags: int
    payload: bytes
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Datagram:
    """A UDP datagram."""

    source: Endpoint
    target: Endpoint
    payload: bytes


class Unreadable(Exception):
    """A packet that is cut, damaged or of a kind that is not read; the sentence says which."""


def decode_packet(
    link: int, data: bytes, fragments: IpFragments | None = None
) -> Segment | Datagram | None:
    """What a packet carries; None for what is neither TCP nor UDP. Raises Unreadable.

    `fragments` are those that came before; the last of a packet brings what it carried.
    """
    strip = LINKS.get(link)
    if strip is None:
        raise Unreadable(f"packets of link type {link} are not read")
    try:
        kind, start = strip(data)
        if kind == IPV4:
            return _decode_ipv4(data, start, fragments or IpFragments())
        return _decode_ipv6(data, start, fragments or IpFragments()) if kind == IPV6 else None
    except (struct.error, IndexError):
        raise Unreadable("packets are cut in their headers") from None


def encode_segment(segment: Segment, number: int) -> bytes:
    """The segment as an IPv4 packet in an Ethernet frame, with checksums; `number` is any."""
    head = TCP_HEADER.pack(
        segment.source.port,
        segment.target.port,
        segment.sequence & 0xFFFF_FFFF,
        segment.acknowledged & 0xFFFF_FFFF,
        5 << 4,
        segment.flags,
        0xFFFF,
        0,
        0,
    )
    whole = head + segment.payload
    source, target = _pack_hosts(segment)
    pseudo = source + target + struct.pack(">BBH", 0, TCP, len(whole))
    whole = whole[:16] + struct.pack(">H", _checksum(pseudo + whole)) + whole[18:]
    return _encode_frame(segment, TCP, whole, number)


def encode_datagram(datagram: Datagram, number: int) -> bytes:
    """The same of a datagram, which needs no checksum of its own."""
    ports = datagram.source.port, datagram.target.port
    head = struct.pack(">4H", *ports, 8 + len(datagram.payload), 0)
    return _encode_frame(datagram, UDP, head + datagram.payload, number)


def _encode_frame(ends: Segment | Datagram, protocol: int, whole: bytes, number: int) -> bytes:
    fields = (0x45, 0, 20 + len(whole), number & 0xFFFF, 0x4000, 64, protocol)
    hosts = _pack_hosts(ends)
    ip = IPV4_HEADER.pack(*fields, _checksum(IPV4_HEADER.pack(*fields, 0, *hosts)), *hosts)
    return b"\x02" + bytes(5) + b"\x02" + bytes(4) + b"\x01" + struct.pack(">H", IPV4) + ip + whole


def _pack_hosts(ends: Segment | Datagram) -> list[bytes]:
    return [ipaddress.IPv4Address(end.host).packed for end in (ends.source, ends.target)]


def _checksum(data: bytes) -> int:
    padded = data + bytes(len(data) % 2)
    total: int = sum(struct.unpack(f">{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


# Links: the kind of what they carry, and where it begins -------------------------------------


def _strip_ethernet(data: bytes, start: int = 12) -> tuple[int, int]:
    (kind,) = struct.unpack_from(">H", data, start)
    while kind in VLAN:
        start += 4
        (kind,) = struct.unpack_from(">H", data, start)
    return kind, start + 2


def _strip_cooked(data: bytes) -> tuple[int, int]:
    return _strip_ethernet(data, 14)


def _strip_cooked2(data: bytes) -> tuple[int, int]:
    (kind,) = struct.unpack_from(">H", data, 0)
    return kind, 20


def _strip_raw(data: bytes, start: int = 0) -> tuple[int, int]:
    return {4: IPV4, 6: IPV6}.get(data[start] >> 4, 0), start


def _strip_loopback(data: bytes) -> tuple[int, int]:
    return _strip_raw(data, 4)  # the family has another number on each system


def _strip_radiotap(data: bytes) -> tuple[int, int]:
    return _strip_wifi(data, struct.unpack_from("<H", data, 2)[0])


def _strip_wifi(data: bytes, start: int = 0) -> tuple[int, int]:
    """802.11 data frames in clear; what is encrypted or no data carries nothing for us."""
    control, flags = data[start], data[start + 1]
    is_data, is_protected = control & 0x0C == 0x08, flags & 0x40
    if not is_data or is_protected or control & 0x40:  # 0x40: without a payload
        return 0, start
    start += 24 + (6 if flags & 3 == 3 else 0) + (2 if control & 0x80 else 0)
    if data[start : start + len(SNAP)] != SNAP:
        return 0, start
    return _strip_ethernet(data, start + len(SNAP))


LINKS: dict[int, Callable[[bytes], tuple[int, int]]] = {
    0: _strip_loopback,
    LINK_ETHERNET: _strip_ethernet,
    12: _strip_raw,
    14: _strip_raw,
    101: _strip_raw,
    105: _strip_wifi,
    108: _strip_loopback,
    113: _strip_cooked,
    127: _strip_radiotap,
    228: _strip_raw,
    229: _strip_raw,
    276: _strip_cooked2,
}


# IP -----------------------------------------------------------------------------------------


def _decode_ipv4(data: bytes, start: int, fragments: IpFragments) -> Segment | Datagram | None:
    first, _, total, number, fragment, _, protocol, _, source, target = IPV4_HEADER.unpack_from(
        data, start
    )
    # a total of 0 is what offloading leaves in packets that this machine sent
    stop = start + total if total else len(data)
    hosts = _tell_host(source), _tell_host(target)
    begin = start + (first & 15) * 4
    if not fragment & (IPV4_MORE | IPV4_OFFSET):
        return _decode_transport(protocol, data, begin, stop, hosts)
    piece = _cut_fragment(data, begin, stop)
    offset, is_last = (fragment & IPV4_OFFSET) * 8, not fragment & IPV4_MORE
    key = (hosts, protocol, number)
    whole = fragments.receive(key, offset, piece, is_last=is_last)
    return _decode_transport(protocol, whole, 0, len(whole), hosts) if whole else None


def _decode_ipv6(data: bytes, start: int, fragments: IpFragments) -> Segment | Datagram | None:
    length, protocol, _, source, target = struct.unpack_from(">4xHBB16s16s", data, start)
    begin = start + 40
    stop = begin + length if length else len(data)
    hosts = _tell_host(source), _tell_host(target)
    for _ in range(MAX_EXTENSIONS):
        if protocol == IPV6_FRAGMENT:
            protocol, place, number = IPV6_FRAGMENT_HEADER.unpack_from(data, begin)
            piece = _cut_fragment(data, begin + IPV6_FRAGMENT_HEADER.size, stop)
            offset, is_last = place & ~7, not place & IPV6_MORE
            data = fragments.receive((hosts, number), offset, piece, is_last=is_last) or b""
            if not data:
                return None
            begin, stop = 0, len(data)
        if protocol not in IPV6_OPTIONS:
            break
        protocol, begin = data[begin], begin + 8 * (data[begin + 1] + 1)
    return _decode_transport(protocol, data, begin, stop, hosts)


@lru_cache(maxsize=MAX_TOLD_HOSTS)
def _tell_host(packed: bytes) -> str:
    return str(ipaddress.ip_address(packed))


def _cut_fragment(data: bytes, begin: int, stop: int) -> bytes:
    if stop > len(data):
        raise Unreadable("fragments of IP packets are cut")
    return data[begin:stop]


def _decode_transport(
    protocol: int, data: bytes, start: int, stop: int, hosts: tuple[str, str]
) -> Segment | Datagram | None:
    if protocol == UDP:
        source, target, length = struct.unpack_from(">HHH", data, start)
        end = start + length if length >= 8 else stop
        payload = data[start + 8 : min(end, stop)]
        return Datagram(Endpoint(hosts[0], source), Endpoint(hosts[1], target), payload)
    if protocol != TCP:
        return None
    source, target, sequence, acknowledged, offset, flags, _, _, _ = TCP_HEADER.unpack_from(
        data, start
    )
    begin = start + (offset >> 4) * 4
    return Segment(
        Endpoint(hosts[0], source),
        Endpoint(hosts[1], target),
        sequence,
        acknowledged,
        flags,
        data[begin:stop],
        max(0, stop - max(begin, len(data))),
    )
