"""The simulated card: frames in order from any place, and footage that shows its time."""

import datetime as dt
import math
import socket
import struct
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.camera.card import ENTRIES, SMALL_CARD, make_reader, simulate_card
from v380cli.simulator.card import Card, CardState, plan_days
from v380cli.simulator.card_options import parse_card
from v380cli.simulator.card_player import CardPlayer
from v380cli.simulator.faults import FaultLedger
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.stream import keep_clear
from v380cli.wire.card.records import encode_packets
from v380cli.wire.card.segments import (
    Action,
    SegmentControl,
    SegmentOpen,
    SegmentOpenReply,
    SegmentSearch,
    SegmentSearchReply,
)
from v380cli.wire.card.words import RecordingKind

NOW = dt.datetime(2026, 11, 20, 12, 0)
CARD = Card(SMALL_CARD, device_id=7)


@pytest.mark.parametrize("position_s", [0, 0.5, 1, 4.99, 11.9, 99])
def test_a_seek_shows_the_same_frames_from_a_keyframe_on(position_s: float) -> None:
    whole = list(CARD.list_frames(ENTRIES[0]))
    part = list(CARD.list_frames(ENTRIES[0], position_s))
    assert whole[len(whole) - len(part) :] == part
    assert part[0].frame_type == 0
    assert part[0].time_s <= min(position_s, 11)
    assert [frame.frame_id for frame in whole] == list(range(CARD.count_frames(ENTRIES[0])))


def test_the_footage_shows_its_time() -> None:
    """The picture at a second of one recording is that at the same time of another one."""
    later = replace(ENTRIES[0], start=ENTRIES[0].start + dt.timedelta(seconds=5))
    here = [f.payload for f in CARD.list_frames(ENTRIES[0], 5) if f.frame_type < 2]
    there = [f.payload for f in CARD.list_frames(later) if f.frame_type < 2]
    assert here == there[: len(here)]
    keyframes = [f.payload for f in CARD.list_frames(ENTRIES[0]) if f.frame_type == 0]
    assert len(set(keyframes)) == len(keyframes)


def test_days_have_all_kinds_a_midnight_and_no_future() -> None:
    entries = plan_days(NOW, 2)
    assert {entry.kind for entry in entries} == set(RecordingKind)
    assert any(entry.start.date() != entry.end.date() for entry in entries)
    assert max(entry.end for entry in entries) <= NOW
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        ("3d,batch=200,slow", lambda card: (card.batch, card.is_real_time) == (200, True)),
        ("2d,note=0", lambda card: not card.echoes_notes),
        ("none", lambda card: card.state is CardState.MISSING),
        ("broken", lambda card: card.state is CardState.BROKEN),
        ("2d,empty", lambda card: card.entries == ()),
        ("recording", lambda card: card.in_progress_since == NOW - dt.timedelta(seconds=90)),
    ],
)
def test_words(words: str, holds: Callable[[object], bool]) -> None:
    assert holds(parse_card(words, NOW, SMALL_CARD))


def test_a_word_that_means_nothing() -> None:
    with pytest.raises(ValueError, match="floppy"):
        parse_card("floppy", NOW, SMALL_CARD)


def test_it_waits_for_acknowledgements_and_asks_for_them() -> None:
    with simulate_card(replace(SMALL_CARD, batch=5)) as camera:
        ticket = make_reader(camera).ticket.ticket
        start = ENTRIES[0].start
        device_id = camera.spec.device_id
        with socket.create_connection((camera.host, camera.port), timeout=60) as sock:
            request = SegmentOpen(device_id=device_id, ticket=ticket, number=1, position=start)
            sock.sendall(request.encode())
            assert SegmentOpenReply.decode(read(sock, 64)).result == 1000
            control = SegmentControl(action=Action.START, note=3, number=1, position=start)
            sock.sendall(control.encode())
            records = [(0x1F, 0), *((0x7F, number) for number in range(5)), (0x6F, 5)]
            assert [read_record(sock) for _ in range(7)] == records
            sock.sendall(replace(control, action=Action.ACKNOWLEDGE).encode())
            assert read_record(sock) == (0x7F, 5)  # the alive record did not use it up
            seek = replace(control, note=4, position=start + dt.timedelta(seconds=5))
            sock.sendall(seek.encode())
            assert [read_record(sock)[0] for _ in range(6)] == [0x7F] * 4 + [0x1F, 0x7F]


def read(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        data += sock.recv(size - len(data))
    return bytes(data)


def read_record(sock: socket.socket) -> tuple[int, int]:
    """The first byte and the number of the next record."""
    magic, _, number, length = struct.unpack("<BBHHxx", read(sock, 8))
    read(sock, length)
    return magic, number


def test_packets_are_numbered_up_to_65534() -> None:
    packets = encode_packets(b"abc", 1, note=0, last_number=65_533)
    assert [int.from_bytes(packet[2:4], "little") for packet in packets] == [65_534, 0, 1]


def play_to_the_end(*, is_segment: bool) -> list[bytes]:
    player = CardPlayer(
        CARD.list_frames(ENTRIES[0], 11),
        replace(SMALL_CARD, batch=10_000),
        is_segment=is_segment,
        note=3,
        to_milliseconds=lambda _: 0,
        encrypt_video=keep_clear,
        encrypt_audio=keep_clear,
        ledger=FaultLedger(()),
        now=0.0,
    )
    records = []
    while player.due < math.inf:
        records.append(player.pull(0.0).data)
    return records


def test_a_segment_ends_with_three_records_of_504_bytes() -> None:
    end = b"\xef\x03\0\0\xf8\1\0\0" + bytes(504)
    assert play_to_the_end(is_segment=True)[-1] == end * 3


def test_a_file_ends_with_its_last_frame() -> None:
    assert {record[0] for record in play_to_the_end(is_segment=False)} == {0x1F, 0x7F}


@pytest.mark.parametrize(("device_id", "result"), [(None, -5), (1, -4)])
def test_a_search_tells_a_wrong_ticket_from_a_wrong_id(device_id: int | None, result: int) -> None:
    with simulate_card() as camera:
        search = SegmentSearch(
            device_id=device_id or camera.spec.device_id, ticket=7, start=NOW, end=NOW
        )
        assert SegmentSearchReply.decode(ask(camera, search.encode(), 32)).result == result


@pytest.mark.parametrize(("state", "result"), [(CardState.OK, 1000), (CardState.MISSING, -1004)])
def test_what_is_not_there_is_not_opened(state: CardState, result: int) -> None:
    with simulate_card(replace(SMALL_CARD, state=state)) as camera:
        device_id, start = camera.spec.device_id, ENTRIES[0].start
        ticket = make_reader(camera).ticket.ticket
        opening = SegmentOpen(device_id=device_id, ticket=ticket, number=1, position=start)
        assert SegmentOpenReply.decode(ask(camera, opening.encode(), 64)).result == result
        stale = replace(opening, ticket=ticket ^ 1)
        assert SegmentOpenReply.decode(ask(camera, stale.encode(), 64)).result == -1003


def ask(camera: SimulatedCamera, request: bytes, size: int) -> bytes:
    """The first `size` bytes of what it says to this."""
    with socket.create_connection((camera.host, camera.port), timeout=60) as sock:
        sock.sendall(request)
        return read(sock, size)


@pytest.mark.parametrize(
    ("start", "end", "numbers"),
    [((8, 0, 0), (8, 0, 59), [1]), ((8, 0, 12), (8, 1, 5), [1, 2]), ((8, 0, 13), (8, 1, 4), [])],
)
def test_a_search_finds_what_touches_its_range(
    start: tuple[int, int, int], end: tuple[int, int, int], numbers: list[int]
) -> None:
    day = ENTRIES[0].start.date()
    first, last = (dt.datetime.combine(day, dt.time(*each)) for each in (start, end))
    assert [entry.number for entry in CARD.search(first, last, 0)] == numbers
