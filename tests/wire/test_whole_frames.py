"""Frames read in one go are those read record by record, whatever happened to the stream."""

from collections.abc import Sequence
from random import Random

import pytest

from tests.wire.test_fragments import cut, encode, make_frame, make_frames, make_record, take_frames
from v380cli.wire.commands import RecordMagic
from v380cli.wire.fragment_record import RECORD_HEADER_BYTES
from v380cli.wire.fragments import FragmentAssembler
from v380cli.wire.stream_counters import StreamCounters
from v380cli.wire.whole_frames import MAX_FRAGMENTS, find_outline

STREAMS = 360


class CarefulAssembler(FragmentAssembler):
    """Believes each record when another one stands behind it, and nothing in one go."""

    def _find_outline(self) -> None:
        return None


def damage(wire: bytearray, random: Random) -> None:
    """Do one thing to the stream, as a careless link or camera might."""
    at = random.randrange(len(wire))
    size = random.choice((1, 3, 12, 500, 512, 2000))
    match random.randrange(7):
        case 0:
            del wire[at : at + size]
        case 1:
            wire[at : at + size] = random.randbytes(size)
        case 2:
            wire[at:at] = wire[at : at + size]
        case 3:
            wire[at:at] = random.randbytes(size)
        case 4:
            wire[at] ^= 1 << random.randrange(8)
        case 5:  # in a header
            start = at - at % (RECORD_HEADER_BYTES + 500)
            wire[start + random.randrange(RECORD_HEADER_BYTES)] ^= 1 << random.randrange(8)
        case 6:
            wire[at:at] = make_record(random.choice((RecordMagic.KEEP_ALIVE, 0x7F)), bytes(4))


def cut_at_random(wire: bytes, random: Random) -> list[bytes]:
    chunks, start = [], 0
    while start < len(wire):
        size = random.choice((1, 100, 511, 512, 4096, 20_000, 200_000))
        chunks.append(wire[start : start + size])
        start += size
    return chunks


def run(
    assembler: FragmentAssembler, chunks: Sequence[bytes], *, prompt: bool
) -> tuple[list[list[bytes]], StreamCounters]:
    """The frames that each chunk brought, and the counters at the end."""
    brought = []
    for chunk in chunks:
        assembler.receive_data(chunk)
        if prompt:
            assembler.believe_end()
        brought.append(take_frames(assembler))
    assembler.flush()
    return [*brought, take_frames(assembler)], assembler.counters


@pytest.mark.parametrize("first", range(0, STREAMS, 30))
def test_the_frames_and_counters_are_the_same(first: int) -> None:
    for seed in range(first, first + 30):
        random = Random(seed)
        wire = bytearray(encode(make_frames(25, seed)))
        for _ in range(random.randrange(6)):
            damage(wire, random)
        chunks, prompt = cut_at_random(bytes(wire), random), random.random() < 0.3
        quick = run(FragmentAssembler(lead_in_bytes=380), chunks, prompt=prompt)
        careful = run(CarefulAssembler(lead_in_bytes=380), chunks, prompt=prompt)
        assert quick == careful, f"seed {seed}"


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Has an entry for each time that records are looked at one by one."""
    looks: list[int] = []
    read_record = FragmentAssembler._read_record

    def note(assembler: FragmentAssembler) -> bool:
        looks.append(1)
        return read_record(assembler)

    monkeypatch.setattr(FragmentAssembler, "_read_record", note)
    return looks


@pytest.mark.parametrize("size", [700, 4096, 190_000])
def test_a_good_stream_is_read_in_one_go_however_it_is_cut(size: int, records: list[int]) -> None:
    frames = make_frames(30)
    assembler = FragmentAssembler()
    for chunk in cut(encode(frames), size):
        assembler.receive_data(chunk)
    assert take_frames(assembler) == frames[:-1]
    assert records == []


def test_who_looks_on_gets_each_frame_in_one_go(records: list[int]) -> None:
    assembler = FragmentAssembler()
    for frame in make_frames(30):
        for chunk in cut(encode([frame]), 1448):
            assembler.receive_data(chunk)
            assembler.believe_end()
        assert take_frames(assembler) == [frame]
    assert records == []


def test_what_does_not_fit_is_not_waited_for() -> None:
    """A damaged total makes a frame look longer than it is: the next one comes all the same."""
    first, second, third = (make_frame(number) for number in (1, 2, 3))
    wire = bytearray(encode([first, second, third]))
    wire[3] = 200  # of three fragments
    assembler = FragmentAssembler()
    assembler.receive_data(wire)
    assert take_frames(assembler) == [second]


def test_nothing_is_read_beyond_the_bytes() -> None:
    wire = encode([make_frame(1), make_frame(2)])
    first = encode([make_frame(1)])
    for size in range(RECORD_HEADER_BYTES, len(wire)):
        outline = find_outline(bytearray(wire[:size]), 0)
        assert outline is not None
        assert outline.is_coming(bytearray(wire[:size])) is (size < len(first) + 12)
        frame = outline.read(bytearray(wire[:size]))
        assert (frame is not None) is (size >= len(first))
    assert frame is not None
    assert frame.header + frame.payload == make_frame(1)
    assert frame.stop == len(first)


def test_a_frame_of_too_many_fragments_is_left_to_others() -> None:
    large, next_one = make_frame(1, size=500 * (MAX_FRAGMENTS + 1)), make_frame(2)
    assert find_outline(bytearray(encode([large, next_one])), 0) is None
