"""Capture files in and out: pcap and pcapng, a packet at a time, whatever their size.

Scapy's readers are not used for this: that of pcapng reads a block of any claimed size into memory,
and both end a damaged file without a word.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from v380cli.errors import InvalidInput

# libpcap's own limit for a packet is 256 KiB; blocks of pcapng hold options besides.
MAX_BLOCK_BYTES = 1 << 20
SKIP_BYTES = 1 << 16
MICRO, NANO = 1_000_000, 1_000_000_000

PCAP_MAGICS = {
    b"\xd4\xc3\xb2\xa1": ("<", MICRO),
    b"\xa1\xb2\xc3\xd4": (">", MICRO),
    b"\x4d\x3c\xb2\xa1": ("<", NANO),
    b"\xa1\xb2\x3c\x4d": (">", NANO),
}
PCAP_HEADER_REST = 20  # behind the magic
SECTION, INTERFACE, OLD_PACKET, SIMPLE_PACKET, PACKET = 0x0A0D0D0A, 1, 2, 3, 6
SECTION_MAGIC = b"\x0a\x0d\x0d\x0a"
BYTE_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
OPTION_END, OPTION_RESOLUTION, OPTION_OFFSET = 0, 9, 14
MAX_INTERFACES = 1024
BINARY_RESOLUTION = 0x80


@dataclass(frozen=True, slots=True)
class RawPacket:
    """A packet as it was captured; `time_s` since 1970 (0 where the file does not say)."""

    time_s: float
    link: int
    data: bytes


class CaptureReader:
    """Packets of a capture file, in its order; InvalidInput for what is none.

    `bytes_read` says how far it is; `problem` is a sentence once the file turned out to be damaged
    or cut, which ends it. Memory: one block of at most `MAX_BLOCK_BYTES`.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.bytes_read = 0
        self.problem = ""
        self._file = file
        self._interfaces: list[tuple[int, int, int]] = []  # link, ticks a second, offset in s
        self._order = "<"

    def read_packets(self) -> Iterator[RawPacket]:
        """All of them."""
        magic = self._read(4)
        try:
            if magic in PCAP_MAGICS:
                yield from self._read_pcap(*PCAP_MAGICS[magic])
            elif magic == SECTION_MAGIC:
                yield from self._read_pcapng()
            else:
                raise InvalidInput(
                    "this is not a capture file",
                    hint="pcap and pcapng are read, as tcpdump, Wireshark and phones write them",
                )
        except EOFError:
            self.problem = f"the file ends in the middle of a packet, at byte {self.bytes_read}"
        except _DamagedError as error:
            self.problem = f"the file is damaged at byte {self.bytes_read}: {error}"

    # pcap -----------------------------------------------------------------------------------

    def _read_pcap(self, order: str, ticks: int) -> Iterator[RawPacket]:
        rest = self._read_whole(PCAP_HEADER_REST)
        link = struct.unpack_from(order + "I", rest, PCAP_HEADER_REST - 4)[0] & 0xFFFF
        while head := self._read(16):
            if len(head) < 16:
                raise EOFError
            seconds, part, captured, _ = struct.unpack(order + "4I", head)
            if captured > MAX_BLOCK_BYTES:
                raise _DamagedError(f"a packet of {captured} bytes")
            yield RawPacket(seconds + part / ticks, link, self._read_whole(captured))

    # pcapng ---------------------------------------------------------------------------------

    def _read_pcapng(self) -> Iterator[RawPacket]:
        self._begin_section(b"")
        while head := self._read(8):
            if head[:4] == SECTION_MAGIC:
                self._begin_section(head[4:])
                continue
            if len(head) < 8:
                raise EOFError
            kind, size = struct.unpack(self._order + "2I", head)
            if size < 12 or size % 4:
                raise _DamagedError(f"a block of {size} bytes")
            packet = self._take_block(kind, size - 12)
            self._read_whole(4)  # the size again
            if packet:
                yield packet

    def _begin_section(self, size: bytes) -> None:
        """Read a section's header: its size, where that is not given, and the byte order."""
        size = size or self._read_whole(4)
        order = BYTE_ORDERS.get(self._read_whole(4))
        if order is None:
            raise _DamagedError("a section without a byte order")
        self._order, self._interfaces = order, []
        self._skip(max(0, struct.unpack(order + "I", size)[0] - 12))

    def _take_block(self, kind: int, size: int) -> RawPacket | None:
        if kind not in (INTERFACE, OLD_PACKET, SIMPLE_PACKET, PACKET):
            self._skip(size)
            return None
        if size > MAX_BLOCK_BYTES:
            raise _DamagedError(f"a block of {size} bytes")
        body = self._read_whole(size)
        try:
            if kind == INTERFACE:
                self._add_interface(body)
                return None
            return self._make_packet(kind, body)
        except struct.error:
            raise _DamagedError("a block that is too small for its kind") from None

    def _add_interface(self, body: bytes) -> None:
        (link,) = struct.unpack_from(self._order + "H", body)
        ticks, offset_s, start = MICRO, 0, 8
        while start + 4 <= len(body):
            code, length = struct.unpack_from(self._order + "2H", body, start)
            value = body[start + 4 : start + 4 + length]
            if code == OPTION_END:
                break
            if code == OPTION_RESOLUTION and value:
                power = value[0] & 0x3F  # 2^63 and 10^63 are far beyond any clock
                ticks = 2**power if value[0] & BINARY_RESOLUTION else 10**power
            elif code == OPTION_OFFSET and length == 8:
                (offset_s,) = struct.unpack(self._order + "q", value)
            start += 4 + length + -length % 4
        if len(self._interfaces) >= MAX_INTERFACES:
            raise _DamagedError(f"more than {MAX_INTERFACES} interfaces")
        self._interfaces.append((link, ticks, offset_s))

    def _make_packet(self, kind: int, body: bytes) -> RawPacket:
        if kind == SIMPLE_PACKET:
            (original,) = struct.unpack_from(self._order + "I", body)
            return RawPacket(0.0, self._find_interface(0)[0], body[4 : 4 + original])
        form = "I4I" if kind == PACKET else "HH4I"
        fields = struct.unpack_from(self._order + form, body)
        start = struct.calcsize("=" + form)
        high, low, captured, _ = fields[-4:]
        link, ticks, offset_s = self._find_interface(fields[0])
        time_s = max(0.0, ((high << 32) | low) / ticks + offset_s)
        return RawPacket(time_s, link, body[start : start + captured])

    def _find_interface(self, index: int) -> tuple[int, int, int]:
        if index >= len(self._interfaces):
            raise _DamagedError(f"a packet of interface {index}, which nothing described")
        return self._interfaces[index]

    # Bytes ----------------------------------------------------------------------------------

    def _read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.bytes_read += len(data)
        return data

    def _read_whole(self, size: int) -> bytes:
        data = self._read(size)
        if len(data) < size:
            raise EOFError
        return data

    def _skip(self, size: int) -> None:
        while size > 0:
            size -= len(self._read_whole(min(size, SKIP_BYTES)))


class _DamagedError(Exception):
    """What the file claims cannot be."""


class CaptureWriter:
    """Writes a pcapng file of one interface; times are in microseconds."""

    def __init__(self, file: BinaryIO, *, link: int, program: str) -> None:
        self._file = file
        self.bytes_written = 0
        self._write(SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _option(4, program))
        self._write(INTERFACE, struct.pack("<HHI", link, 0, 0))

    def write_packet(self, time_s: float, data: bytes) -> None:
        """Add a packet, captured at this time."""
        high, low = divmod(round(time_s * MICRO), 1 << 32)
        head = struct.pack("<5I", 0, high, low, len(data), len(data))
        self._write(PACKET, head + data + bytes(-len(data) % 4))

    def _write(self, kind: int, body: bytes) -> None:
        size = len(body) + 12
        self._file.write(struct.pack("<2I", kind, size) + body + struct.pack("<I", size))
        self.bytes_written += size


def _option(code: int, value: str) -> bytes:
    data = value.encode()
    padded = data + bytes(-len(data) % 4)
    return struct.pack("<2H", code, len(data)) + padded + struct.pack("<2H", OPTION_END, 0)
