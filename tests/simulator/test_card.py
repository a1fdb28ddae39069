"""The simulated card: frames in order from any place, and footage that shows its time."""

import datetime as dt
import socket
import struct
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.camera.card import ENTRIES, SMALL_CARD, make_reader, simulate_card
from v380cli.simulator.card import Card, CardState, plan_days
from v380cli.simulator.card_options import parse_card
from v380cli.wire.card.segments import Action, SegmentControl, SegmentOpen, SegmentOpenReply
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
            assert [read_record(sock) for _ in range(7)] == [0x1F, *[0x7F] * 5, 0x6F]
            seek = replace(control, note=4, position=start + dt.timedelta(seconds=5))
            sock.sendall(seek.encode())
            assert [read_record(sock) for _ in range(2)] == [0x1F, 0x7F]


def read(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        data += sock.recv(size - len(data))
    return bytes(data)


def read_record(sock: socket.socket) -> int:
    """The first byte of the next record."""
    magic, _, _, length = struct.unpack("<BBHHxx", read(sock, 8))
    read(sock, length)
    return int(magic)
