"""pcap and pcapng in every byte order; what is cut or damaged ends in a sentence."""

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from v380cli.errors import InvalidInput
from v380cli.explain.capture_file import MAX_BLOCK_BYTES, CaptureReader, CaptureWriter, RawPacket

PACKETS = [(1.5, b"first"), (1_700_000_000.25, b"second packet")]


def make_pcap(order: str, magic: int, ticks: int) -> bytes:
    data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262_144, 113)
    for time_s, packet in PACKETS:
        part = round(time_s % 1 * ticks)
        size = len(packet)
        data += struct.pack(order + "4I", int(time_s), part, size, size) + packet
    return data


def make_block(order: str, kind: int, body: bytes) -> bytes:
    padded = body + bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(padded) + 12)
    return struct.pack(order + "I", kind) + size + padded + size


def make_pcapng(order: str, options: bytes = b"", ticks: int = 1_000_000) -> bytes:
    data = make_block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    data += make_block(order, 1, struct.pack(order + "HHI", 113, 0, 0) + options)
    data += make_block(order, 4, b"a block of another kind, to be passed over")
    for time_s, packet in PACKETS:
        stamp = int(time_s * ticks)
        head = struct.pack(order + "5I", 0, stamp >> 32, stamp & 0xFFFF_FFFF, len(packet), 99)
        data += make_block(order, 6, head + packet)
    return data


def read(data: bytes) -> tuple[list[RawPacket], str]:
    reader = CaptureReader(io.BytesIO(data))
    packets = list(reader.read_packets())
    assert reader.bytes_read <= len(data)
    return packets, reader.problem


EXPECTED = [RawPacket(time_s, 113, data) for time_s, data in PACKETS]


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(("magic", "ticks"), [(0xA1B2C3D4, 10**6), (0xA1B23C4D, 10**9)])
def test_pcap(order: str, magic: int, ticks: int) -> None:
    assert read(make_pcap(order, magic, ticks)) == (EXPECTED, "")


@pytest.mark.parametrize("order", "<>")
def test_pcapng(order: str) -> None:
    assert read(make_pcapng(order)) == (EXPECTED, "")


def test_pcapng_with_another_clock_and_a_second_section() -> None:
    binary = struct.pack("<HHB3x", 9, 1, 0x80 | 10) + bytes(4)
    packets, problem = read(make_pcapng("<", binary, ticks=1024) + make_pcapng(">"))
    assert (packets, problem) == (EXPECTED * 2, "")


def test_a_time_before_1970_is_none() -> None:
    offset = struct.pack("<HHq", 14, 8, -(1 << 62)) + bytes(4)
    packets, problem = read(make_pcapng("<", offset))
    assert ([packet.time_s for packet in packets], problem) == ([0.0, 0.0], "")


def test_what_was_written_is_read() -> None:
    file = io.BytesIO()
    writer = CaptureWriter(file, link=113, program="v380 0")
    for time_s, data in PACKETS:
        writer.write_packet(time_s, data)
    assert writer.bytes_written == len(file.getvalue())
    assert read(file.getvalue()) == (EXPECTED, "")


@pytest.mark.parametrize("data", [make_pcap("<", 0xA1B2C3D4, 10**6), make_pcapng("<")])
def test_a_cut_file_gives_what_is_whole_and_says_so(data: bytes) -> None:
    packets, problem = read(data[:-3])
    assert packets[:1] == EXPECTED[:1]
    assert "the file ends in the middle of a packet" in problem


@pytest.mark.parametrize(
    "data",
    [
        make_pcap("<", 0xA1B2C3D4, 10**6) + struct.pack("<4I", 0, 0, MAX_BLOCK_BYTES + 1, 0),
        make_pcapng("<") + struct.pack("<2I", 6, 0xFFFF_FFF0),
        make_pcapng("<") + struct.pack("<2I", 6, 3),
        make_pcapng("<") + make_block("<", 6, struct.pack("<5I", 9, 0, 0, 0, 0)),
        make_pcapng("<") + make_block("<", 6, b""),
    ],
    ids=["huge packet", "huge block", "odd block", "no such interface", "empty block"],
)
def test_what_cannot_be_ends_the_file_in_a_sentence(data: bytes) -> None:
    packets, problem = read(data)
    assert packets == EXPECTED
    assert "the file is damaged at byte" in problem


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"\xa1\xb2"])
def test_what_is_no_capture_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="not a capture file"):
        read(data)


@settings(max_examples=200)
@given(
    data=st.binary(max_size=300),
    head=st.sampled_from([make_pcap("<", 0xA1B2C3D4, 10**6), make_pcapng("<"), make_pcapng(">")]),
    cut=st.integers(4, 120),
)
def test_any_bytes_end_in_packets_or_a_sentence(data: bytes, head: bytes, cut: int) -> None:
    read(head[:cut] + data)
