"""The assembler: whole frames or none, however bytes are cut, lost, doubled or mixed in."""

import itertools
from collections.abc import Iterable, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.vectors import VECTORS
from v380cli.wire.commands import AUDIO_TYPES, LIVE_VIDEO_TYPES
from v380cli.wire.fragment_record import (
    MAX_FRAGMENT_BYTES,
    MAX_FRAME_BYTES,
    RECORD_HEADER,
    encode_fragments,
)
from v380cli.wire.fragments import FragmentAssembler
from v380cli.wire.live import FRAME_HEADER, MediaFrame
from v380cli.wire.stream_counters import StreamCounters

GOLDEN = VECTORS["packets"]["fragments_of_a_frame"]
VIDEO, AUDIO = 1, 22


def make_frame(frame_id: int, frame_type: int = VIDEO, size: int = 1300) -> bytes:
    payload = Random(frame_id).randbytes(size)
    return FRAME_HEADER.pack(frame_id, frame_type, 15, 66 * frame_id) + payload


def make_record(magic: int, data: bytes = b"", *, total: int = 1, index: int = 0) -> bytes:
    return RECORD_HEADER.pack(magic, 0, total, index, len(data)) + data


def make_frames(count: int, seed: int = 1) -> list[bytes]:
    """Video of many sizes with audio of one size among it, numbered together."""
    random = Random(seed)
    return [
        make_frame(number, AUDIO, 256)
        if number % 3 == 2
        else make_frame(number, VIDEO, random.randrange(200, 6000))
        for number in range(1, count + 1)
    ]


def encode(frames: Iterable[bytes]) -> bytes:
    return b"".join(
        encode_fragments(frame, FRAME_HEADER.unpack_from(frame)[1] % 256, 500) for frame in frames
    )


def take_frame(assembler: FragmentAssembler) -> bytes | None:
    frame = assembler.next_frame()
    return frame and encode_frame(frame)


def take_frames(assembler: FragmentAssembler) -> list[bytes]:
    return [encode_frame(frame) for frame in assembler.take_frames()]


def encode_frame(frame: MediaFrame) -> bytes:
    *header, payload = frame
    return FRAME_HEADER.pack(*header) + payload


def run(chunks: Sequence[bytes], lead_in_bytes: int = 0) -> tuple[list[bytes], StreamCounters]:
    assembler = FragmentAssembler(lead_in_bytes=lead_in_bytes)
    for chunk in chunks:
        assembler.receive_data(chunk)
    assembler.flush()
    return take_frames(assembler), assembler.counters


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def test_golden_fragments() -> None:
    frame, wire = bytes.fromhex(GOLDEN["frame"]), bytes.fromhex(GOLDEN["wire"])
    assert encode_fragments(frame, 0, GOLDEN["fragment_payload"]) == wire
    frames, counters = run([wire])
    assert frames == [frame]
    assert counters == StreamCounters(bytes_received=len(wire), fragments=3, video_frames=1)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_buffer_may_be_used_again(kind: type) -> None:
    frame = make_frame(1)
    buffer = bytearray(encode([frame]))
    assembler = FragmentAssembler()
    assembler.receive_data(kind(buffer))
    buffer[:] = bytes(len(buffer))
    assembler.flush()
    assert take_frame(assembler) == frame


@pytest.mark.parametrize("size", [1, 2, 11, 12, 13, 512, 1448, 65536])
def test_cutting_changes_nothing(size: int) -> None:
    frames = make_frames(12)
    found, counters = run(cut(encode(frames), size))
    assert found == frames
    assert (counters.video_frames, counters.audio_frames) == (8, 4)
    assert counters.fragments == sum(-(-len(frame) // 500) for frame in frames)
    assert counters.dropped_frames == counters.skipped_bytes == 0


def test_a_frame_waits_for_what_follows() -> None:
    first, second = make_frame(1), make_frame(2)
    wire, follower = encode([first]), encode([second])
    assembler = FragmentAssembler()
    assembler.receive_data(wire + follower[:11])
    assert assembler.next_frame() is None
    assembler.receive_data(follower[11:12])
    assert take_frame(assembler) == first
    assembler.receive_data(follower[12:])
    assert assembler.next_frame() is None
    assembler.flush()
    assert take_frame(assembler) == second


def test_types_interleave() -> None:
    video, audio = make_frame(1, VIDEO, 1500), make_frame(2, AUDIO, 1500)
    pieces = zip(cut(encode([video]), 512), cut(encode([audio]), 512), strict=True)
    frames, counters = run([b"".join(v + a for v, a in pieces)])
    assert frames == [video, audio]
    assert counters.dropped_frames == 0


@pytest.mark.parametrize("index", range(3))
def test_a_missing_fragment_drops_its_frame_whole(index: int) -> None:
    before, broken, after = (make_frame(number) for number in (1, 2, 3))
    pieces = cut(encode([broken]), 512)
    wire = encode([before]) + b"".join(pieces[:index] + pieces[index + 1 :]) + encode([after])
    frames, counters = run([wire])
    # what follows a gap may have filled up what stood before it: then that is not believed either
    assert frames == ([after] if index == 0 else [before, after])
    assert counters.dropped_frames == 3 - len(frames)


def test_fragments_out_of_order_drop_their_frame() -> None:
    first, second = make_frame(1, size=3000), make_frame(2)
    pieces = cut(encode([first]), 512)
    pieces[2], pieces[3] = pieces[3], pieces[2]
    frames, counters = run([b"".join(pieces) + encode([second])])
    assert frames == [second]
    assert counters.dropped_frames >= 1


KNOWN_RECORDS = {
    "keep-alive": make_record(0x6F),
    "keep-alive of zeros": b"\x6f" + bytes(11),
    "parameters": make_record(0x1F),
    "parameters with a length that means nothing": b"\x1f" + b"\x40" * 11,
    "parameters with data": make_record(0x1F, bytes(40)),
    "ignored": make_record(0x5B, b"ignored", total=4, index=2),
    "unknown": make_record(0x33),
    "unknown with data": make_record(0x33, b"data", total=4, index=2),
}


@pytest.mark.parametrize("record", KNOWN_RECORDS.values(), ids=KNOWN_RECORDS.keys())
@pytest.mark.parametrize("size", [1, 10_000])
def test_other_records_are_carried_past(record: bytes, size: int) -> None:
    """At the start, inside a frame, between frames and at the end."""
    frames = make_frames(3)
    first = cut(encode(frames[:1]), 512)
    wire = record + first[0] + record + b"".join(first[1:]) + record + encode(frames[1:]) + record
    found, counters = run(cut(wire, size))
    assert found == frames
    assert counters.records_by_magic == {record[0]: 4}
    assert counters.dropped_frames == counters.skipped_bytes == 0


NOTICE = bytes.fromhex("d9070000").ljust(32, b"\0")  # 2009, as a camera sent it


@pytest.mark.parametrize("message", [NOTICE, NOTICE * 2, bytes.fromhex("0121").ljust(16, b"\0")])
@pytest.mark.parametrize("size", [1, 10_000])
def test_messages_between_records_cost_no_frame(message: bytes, size: int) -> None:
    frames = make_frames(12)
    first = cut(encode(frames[:1]), 512)
    wire = message + first[0] + message + b"".join(first[1:])
    wire += b"".join(message + encode([frame]) for frame in frames[1:]) + message
    found, counters = run(cut(wire, size))
    assert found == frames
    assert sum(counters.messages_by_number.values()) == 14 * (1 + (len(message) > 32))
    assert counters.messages_by_number.keys() <= {2009, 0x2101}
    assert counters.dropped_frames == counters.skipped_bytes == 0
    assert counters.records_by_magic == {}


@pytest.mark.parametrize("missing", [12, 24])
def test_what_only_begins_like_a_message_vouches_for_nothing(missing: int) -> None:
    """Bytes are lost so that an id, or the upper half of a time stamp, stands behind a fragment."""
    frames = [
        FRAME_HEADER.pack(number, AUDIO, 15, 0x19A_0000_0000 + number)
        + Random(number).randbytes(90)
        for number in range(500, 540)
    ]
    wire, middle = encode(frames), 20 * (12 + 16 + 90)
    found, counters = run([wire[: middle - 50] + wire[middle - 50 + missing :]])
    assert set(found) <= set(frames)
    assert counters.dropped_frames == len(frames) - len(found) > 0


@pytest.mark.parametrize("length", [0, 100, 0xFFFF])
def test_what_only_begins_like_parameters_vouches_for_nothing(length: int) -> None:
    """Bytes are lost, and what fills the frame up ends where the next one looks like them."""
    before, after, last = (make_frame(number, AUDIO, 256) for number in (1, 2, 3))
    likeness = RECORD_HEADER.pack(0x1F, 0, 0, 0, length) + b"\x6f"
    after = after[:60] + likeness + after[60 + len(likeness) :]
    wire = encode([before])[: -RECORD_HEADER.size - 60] + encode([after, last])
    found, counters = run([wire])
    assert found == [after, last]
    assert counters.dropped_frames == 1


@pytest.mark.parametrize("behind", [0, 1, 3])
def test_a_frame_that_comes_again_is_handed_out_once(behind: int) -> None:
    frames = [make_frame(number, number % 2 * VIDEO, 100) for number in range(1, 31)]
    wire = encode([*frames[:15], *frames[14 - behind : 15], *frames[15:]])
    found, counters = run([wire])
    assert found == frames
    assert (counters.repeated_frames, counters.dropped_frames) == (behind + 1, 0)


@pytest.mark.parametrize("byte", range(12))
def test_a_flipped_bit_of_a_frame_header_loses_no_other_frame(byte: int) -> None:
    """Nothing protects the header: a false id is not taken for ids that are missing.

    A frame of no known type is lost; its records say that it was one.
    """
    frames = make_frames(40)
    before, after = encode(frames[:20]), encode(frames[21:])
    for bit in range(8):
        flipped = bytearray(frames[20])
        flipped[byte] ^= 1 << bit
        found, counters = run([before + encode_fragments(bytes(flipped), VIDEO, 500) + after])
        _, frame_type, _, _ = FRAME_HEADER.unpack_from(flipped)
        is_known = frame_type in LIVE_VIDEO_TYPES | AUDIO_TYPES
        assert found == [*frames[:20], *[bytes(flipped)] * is_known, *frames[21:]], f"bit {bit}"
        assert counters.dropped_frames == (0 if is_known else 1), f"bit {bit}"


@pytest.mark.parametrize("byte", range(RECORD_HEADER.size))
def test_a_flipped_bit_of_a_record_costs_what_is_counted(byte: int) -> None:
    frames = [make_frame(number) for number in range(1, 41)]  # of three records each
    intact = encode(frames)
    for record, bit in itertools.product(range(3), range(8)):
        wire = bytearray(intact)
        wire[len(wire) // 2 + record * (RECORD_HEADER.size + 500) + byte] ^= 1 << bit
        found, counters = run([bytes(wire)])
        assert set(found) <= set(frames), f"record {record}, bit {bit}"
        missing = len(frames) - len(found)
        assert counters.dropped_frames == missing <= 3, f"record {record}, bit {bit}"


@pytest.mark.parametrize("size", [1, 380])
def test_the_rest_of_a_long_reply_is_no_garbage(size: int) -> None:
    frames = make_frames(3)
    for seed in range(20):
        tail = Random(seed).randbytes(size)
        found, counters = run([tail + encode(frames)], lead_in_bytes=380)
        assert found == frames
        assert counters.skipped_bytes == 0


def test_more_than_the_rest_of_a_reply_is_garbage() -> None:
    frames = make_frames(3)
    found, counters = run([bytes(400) + encode(frames)], lead_in_bytes=380)
    assert found == frames
    assert counters.skipped_bytes == 20


def test_the_lead_in_ends_with_the_first_record() -> None:
    frames = make_frames(3)
    wire = encode(frames[:2]) + b"\0" * 100 + encode(frames[2:])
    _, counters = run([wire], lead_in_bytes=380)
    assert counters.skipped_bytes >= 100


def damage(wire: bytes, name: str, random: Random) -> bytes:
    position = random.randrange(len(wire) // 3, len(wire) * 2 // 3)
    size = random.choice([1, 3, 12, 100, 500, 512, 1024])
    match name:
        case "lost":
            return wire[:position] + wire[position + size :]
        case "garbage":
            return wire[:position] + random.randbytes(size) + wire[position:]
        case "doubled":
            return wire[: position + size] + wire[position:]
    return wire[:position]


@pytest.mark.parametrize("name", ["lost", "garbage", "doubled", "cut off"])
def test_no_damaged_frame_is_handed_out(name: str) -> None:
    for seed in range(60):
        frames, random = make_frames(40, seed), Random(seed)
        wire = damage(encode(frames), name, random)
        found, counters = run([wire])
        assert set(found) <= set(frames), f"seed {seed}"
        missing = len(frames) - len(set(found))
        if name == "cut off":  # what never came is not missed
            assert counters.dropped_frames <= 1, f"seed {seed}"
        else:
            assert counters.dropped_frames == missing <= 4, f"seed {seed}"
        assert run(cut(wire, random.randrange(1, 3000))) == (found, counters), f"seed {seed}"


def test_what_ids_tell_of_the_last_frame_counts_when_nobody_reads_on() -> None:
    """But not the frame that is on its way then."""
    frames = make_frames(22)
    assembler = FragmentAssembler()
    assembler.receive_data(encode([*frames[:19], frames[20]]) + encode(frames[21:])[:100])
    assert assembler.counters.dropped_frames == 0
    assembler.settle()
    assert assembler.counters.dropped_frames == 1


def test_frames_that_vanish_whole_are_counted_from_their_ids() -> None:
    frames = make_frames(40)
    _, counters = run([encode(frames[:15] + frames[22:])])
    assert counters.dropped_frames == 7


@given(st.binary(max_size=600), st.integers(1, 200))
def test_garbage_yields_nothing_and_breaks_nothing(data: bytes, size: int) -> None:
    found, counters = run(cut(data, size))
    assert sum(map(len, found)) <= len(data)
    assert counters.bytes_received == len(data)


def count_held_bytes(assembler: FragmentAssembler) -> int:
    """What the assembler keeps; the one look behind its door here, for what no caller can see."""
    partials = assembler._partials.values()
    return len(assembler._data) + sum(len(part) for each in partials for part in each.parts)


MAX_RECORD = RECORD_HEADER.size + MAX_FRAGMENT_BYTES
FLOODS = {
    "one frame without end": lambda index: (
        RECORD_HEADER.pack(0x7F, 1, 65535, index, 20_000) + bytes(20_000)
    ),
    "a frame of each type": lambda index: (
        RECORD_HEADER.pack(0x7F, index % 256, 65535, index // 256, 20_000) + bytes(20_000)
    ),
    "parameters that never end": lambda index: b"\x1f\xff" * 1000,
    "keep-alives": lambda index: make_record(0x6F) * 200,
    "records to ignore": lambda index: make_record(0x5B, bytes(20_000)),
    "magics only": lambda index: b"\x7f" * 1000,
    "zeros": lambda index: bytes(20_000),
}


@pytest.mark.parametrize("make_chunk", FLOODS.values(), ids=FLOODS.keys())
def test_memory_is_bounded(make_chunk: object) -> None:
    assert callable(make_chunk)
    assembler, peak = FragmentAssembler(), 0
    for index in range(300):  # up to 6 MB
        assembler.receive_data(make_chunk(index))
        peak = max(peak, count_held_bytes(assembler))
    assert peak <= MAX_FRAME_BYTES + 4 * MAX_RECORD
    assert take_frames(assembler) == []


def test_a_frame_that_is_too_large_is_dropped_and_the_next_one_is_not() -> None:
    huge, after = make_frame(1, size=MAX_FRAME_BYTES), make_frame(2)
    frames, counters = run([encode_fragments(huge, VIDEO, 20_000) + encode([after])])
    assert frames == [after]
    assert counters.dropped_frames == 1


def test_a_whole_frame_at_the_end_is_believed_when_told_so() -> None:
    frame, later = make_frame(1), make_frame(2)
    wire = encode([frame])
    assembler = FragmentAssembler()
    assembler.receive_data(wire[:-1])
    assembler.believe_end()
    assert take_frames(assembler) == []
    assembler.receive_data(wire[-1:])
    assert take_frames(assembler) == []
    assembler.believe_end()
    assert take_frames(assembler) == [frame]
    assembler.receive_data(encode([later]))
    assembler.flush()
    assert take_frames(assembler) == [later]
    assert assembler.counters.dropped_frames == assembler.counters.skipped_bytes == 0


@pytest.mark.parametrize("size", [1, 7, 511, 512, 700])
def test_frames_are_the_same_whenever_the_end_is_believed(size: int) -> None:
    frames = make_frames(12)
    assembler = FragmentAssembler()
    for chunk in cut(encode(frames), size):
        assembler.receive_data(chunk)
        assembler.believe_end()
    assert take_frames(assembler) == frames
    assert assembler.counters.dropped_frames == assembler.counters.skipped_bytes == 0
