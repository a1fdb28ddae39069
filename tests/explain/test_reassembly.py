"""TCP in whatever order, with repeats and holes, comes out as it was said."""

import random
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.explain.wirelab import Wire, without_acks
from v380cli.explain.packets import RST, SYN, Segment
from v380cli.explain.reassembly import (
    MAX_CONNECTIONS,
    MAX_WAITING_BYTES,
    Begun,
    Ended,
    EndKind,
    Lost,
    Reassembler,
    Said,
    TcpEvent,
)

PORTS = frozenset({8800})
TEXT = bytes(range(256)) * 20


def run(segments: Iterable[Segment]) -> list[TcpEvent]:
    tcp = Reassembler(PORTS)
    events = [event for segment in segments for event in tcp.receive(segment, 0.0)]
    return events + list(tcp.flush())


def hear(events: Iterable[TcpEvent], *, from_server: bool) -> bytes:
    said = (event for event in events if isinstance(event, Said))
    return b"".join(event.data for event in said if event.from_server is from_server)


def list_lost(events: Iterable[TcpEvent]) -> list[int]:
    return [event.size for event in events if isinstance(event, Lost)]


def test_both_sides_are_heard_and_the_end_is_told() -> None:
    events = run(Wire().open().ask(b"question").answer(TEXT).close().segments)
    assert hear(events, from_server=False) == b"question"
    assert hear(events, from_server=True) == TEXT
    begun, ended = events[0], events[-1]
    assert isinstance(begun, Begun)
    assert begun.is_whole
    assert isinstance(ended, Ended)
    assert (ended.kind, ended.retransmitted, ended.reordered) == (EndKind.CLOSED, 0, 0)


@settings(max_examples=60)
@given(seed=st.integers(0, 10_000))
def test_any_order_with_repeats_is_put_right(seed: int) -> None:
    chance = random.Random(seed)
    wire = Wire(mss=chance.randint(1, 900)).open().answer(TEXT)
    head, data = wire.segments[:3], without_acks(wire.segments[3:])
    shuffled = data + chance.sample(data, k=len(data) // 2)
    shuffled = sorted(shuffled, key=lambda s: data.index(s) + chance.uniform(-8, 8))
    events = run([*head, *shuffled])
    assert hear(events, from_server=True) == TEXT
    assert list_lost(events) == []


def test_overlapping_retransmissions_are_cut() -> None:
    wire = Wire(mss=100).open().answer(TEXT[:300])
    first, second, third = wire.segments[-3:]
    longer = replace(second, sequence=second.sequence - 50, payload=TEXT[50:250])
    events = run([*wire.segments[:3], first, longer, third])
    assert hear(events, from_server=True) == TEXT[:300]


def test_a_hole_that_is_acknowledged_is_given_up() -> None:
    wire = Wire(mss=100).open().answer(TEXT[:300]).ask(b"thanks").answer(b"more")
    events = run([s for s in wire.segments if s.payload != TEXT[100:200]])
    assert list_lost(events) == [100]
    assert hear(events, from_server=True) == TEXT[:100] + TEXT[200:300] + b"more"


def test_what_waits_behind_a_hole_is_bounded() -> None:
    wire = Wire(mss=1400).open().answer(bytes(3 * MAX_WAITING_BYTES))
    segments = without_acks(wire.segments)
    events = run([*segments[:3], *segments[4:]])
    assert list_lost(events) == [1400]
    assert len(hear(events, from_server=True)) == 3 * MAX_WAITING_BYTES - 1400


def test_a_hole_at_the_end_is_told() -> None:
    wire = Wire(mss=100).open().answer(TEXT[:300])
    segments = without_acks(wire.segments)
    assert list_lost(run([*segments[:-2], segments[-1]])) == [100]


def test_a_capture_that_starts_midstream_says_so() -> None:
    events = run(Wire().open().answer(TEXT).segments[4:])
    assert isinstance(events[0], Begun)
    assert not events[0].is_whole
    assert events[0].server.port == 8800


def test_a_new_connection_between_the_same_ends_is_another_one() -> None:
    first = Wire().open().ask(b"one")
    second = Wire(client_sequence=123_456).open().ask(b"two")
    events = run([*first.segments, *second.segments])
    assert [type(event) for event in events] == [Begun, Said, Ended, Begun, Said, Ended]


def test_what_is_said_again_after_the_end_is_no_connection() -> None:
    wire = Wire().open().ask(b"question").answer(TEXT).close()
    late = [segment for segment in wire.segments if segment.payload]
    events = run([*wire.segments, *late])
    assert isinstance(events[-1], Ended)
    assert [type(event) for event in events].count(Begun) == 1
    more = replace(late[-1], sequence=late[-1].sequence + len(late[-1].payload))
    assert [type(event) for event in run([*wire.segments, more])].count(Begun) == 2


def test_a_reset_ends_it() -> None:
    wire = Wire().open().ask(b"one")
    reset = replace(wire.segments[0], flags=RST)
    ended = run([*wire.segments, reset, reset])[-1]
    assert isinstance(ended, Ended)
    assert ended.kind is EndKind.RESET


def test_the_number_of_connections_is_bounded() -> None:
    tcp = Reassembler(PORTS)
    syn = Wire().open().segments[0]
    ends = 0
    for port in range(MAX_CONNECTIONS + 10):
        segment = replace(syn, source=replace(syn.source, port=port + 1), flags=SYN)
        ends += sum(isinstance(event, Ended) for event in tcp.receive(segment, 0.0))
    assert ends == 10


@settings(max_examples=100)
@given(
    numbers=st.lists(
        st.tuples(
            st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 63), st.binary()
        ),
        max_size=30,
    )
)
def test_any_segments_are_taken(numbers: list[tuple[int, int, int, bytes]]) -> None:
    a, b = Wire().client, Wire().camera
    segments = [
        Segment(*((a, b) if sequence % 2 else (b, a)), sequence, acknowledged, flags, payload)
        for sequence, acknowledged, flags, payload in numbers
    ]
    run(segments)
