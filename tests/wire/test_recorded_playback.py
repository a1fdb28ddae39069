"""What real cameras and their firmware say of the SD card is understood, however it is cut."""

import datetime as dt

import pytest

from tests.golden.recorded import read_recorded
from v380cli.wire.card.listing import SegmentListing, Span
from v380cli.wire.card.playback import SegmentPlayback
from v380cli.wire.card.segments import SegmentOpenReply
from v380cli.wire.card.stream import SegmentStream
from v380cli.wire.card.words import CardFrame, PlaybackOpened
from v380cli.wire.login import LoginTicket
from v380cli.wire.refusals import TicketExpired

EIGHT = dt.datetime(2026, 11, 20, 8)
FRAME = CardFrame(1, 0, 1_795_161_600_000, bytes.fromhex("0000000165888400"))


def open_playback() -> SegmentPlayback:
    ticket = LoginTicket(ticket=7, device_version=31, variant_name="x")
    return SegmentPlayback(ticket, 12345678, 1, EIGHT)


@pytest.mark.parametrize("cut", [1, 9, 4096])
def test_records_that_are_marked_with_0(cut: int) -> None:
    session, data = open_playback(), read_recorded("playback-note-zero")
    session.receive_data(SegmentOpenReply(result=1000).encode())
    assert isinstance(session.next_event(), PlaybackOpened)
    for start in range(0, len(data), cut):
        session.receive_data(data[start : start + cut])
    frame = session.next_event()
    assert isinstance(frame, CardFrame)
    assert frame.frame_id == 1


@pytest.mark.parametrize("cut", [1, 9, 4096])
def test_alive_records_that_use_up_a_number_and_those_that_do_not(cut: int) -> None:
    stream, data = SegmentStream(), read_recorded("playback-alive-number")
    for start in range(0, len(data), cut):
        stream.receive_data(data[start : start + cut])
    assert list(iter(stream.next_frame, None)) == [FRAME, FRAME]
    assert stream.wants_ack
    assert stream.is_finished


def test_a_463_that_asks_for_a_new_log_in() -> None:
    session = open_playback()
    session.receive_data(read_recorded("playback-463-result"))
    with pytest.raises(TicketExpired):
        session.next_event()


@pytest.mark.parametrize("cut", [1, 9, 4096])
def test_a_list_that_promises_nothing_and_has_a_row(cut: int) -> None:
    listing = SegmentListing(12345678, 7, Span(EIGHT, EIGHT + dt.timedelta(hours=1)))
    data = read_recorded("listing-461-count")
    for start in range(0, len(data), cut):
        listing.receive_data(data[start : start + cut])
    assert [row.start for row in listing.entries] == [EIGHT]
    assert listing.may_be_complete
