"""Messages and data of the SD card: golden bytes, any cut, and what must not be believed."""

import datetime as dt
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.golden.vectors import read_packet
from v380cli.errors import (
    CredentialsRefused,
    Refused,
    RemoteProtocolError,
    UnsupportedFirmware,
)
from v380cli.wire.card.files import (
    MAX_PAGE_ENTRIES,
    FileControl,
    FileLogin,
    FileLoginReply,
    FilePageHeader,
    FilePlayReply,
    decode_entry,
    encode_page,
)
from v380cli.wire.card.listing import FileListing, SegmentListing, Span, read_file_login_reply
from v380cli.wire.card.playback import FilePlayback, SegmentPlayback
from v380cli.wire.card.segments import (
    Action,
    SegmentControl,
    SegmentOpen,
    SegmentOpenReply,
    SegmentSearch,
    SegmentSearchReply,
    decode_block,
    encode_block,
)
from v380cli.wire.card.stream import FileStream, SegmentStream
from v380cli.wire.card.words import (
    FINISHED,
    CardEntry,
    CardFailed,
    CardFrame,
    NoCard,
    PlaybackOpened,
)
from v380cli.wire.commands import Command
from v380cli.wire.fragment_record import MAX_FRAME_BYTES
from v380cli.wire.login import LoginTicket
from v380cli.wire.machine import NEED_DATA
from v380cli.wire.refusals import TicketExpired

DEVICE_ID, TICKET, NOTE = 12345678, 0x11223344, 7
EIGHT = dt.datetime(2026, 11, 20, 8)
DAY = Span(dt.datetime(2026, 11, 20), dt.datetime(2026, 11, 20, 23, 59, 59))
ROWS = [
    CardEntry(number=1, kind=1, start=EIGHT, end=EIGHT + dt.timedelta(minutes=1)),
    CardEntry(
        number=2,
        kind=2,
        start=EIGHT + dt.timedelta(seconds=100),
        end=EIGHT + dt.timedelta(seconds=120),
    ),
]
CLEAR = LoginTicket(ticket=TICKET, device_version=20, variant_name="x")


def make_records(*frames: CardFrame, size: int = 100, note: int = NOTE) -> bytes:
    stream = b"".join(
        struct.pack("<IHHxxQI", f.frame_id, f.frame_type, 0, f.timestamp_ms or 0, len(f.payload))
        + f.payload
        for f in frames
    )
    pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
    return b"".join(
        struct.pack("<BBHHxx", 0x7F, note, number & 0xFFFF, len(piece)) + piece
        for number, piece in enumerate(pieces, 1)
    )


def make_packet(number: int) -> bytes:
    return struct.pack("<BBHHxx", 0x7F, NOTE, number, 1) + b"\0"


def make_alive(number: int) -> bytes:
    return struct.pack("<BBHHxx", 0x6F, NOTE, number, 0)


FRAMES = [
    CardFrame(number, number % 30 != 0, 1_795_161_600_000 + number * 66, bytes([number]) * size)
    for number, size in enumerate([3000, 10, 0, 250, 700, 1])
]


class TestGolden:
    def test_search(self) -> None:
        request = SegmentSearch(device_id=DEVICE_ID, ticket=TICKET, start=DAY.start, end=DAY.end)
        assert request.encode() == read_packet("card_search")
        assert SegmentSearch.decode(read_packet("card_search")) == request

    def test_list_block(self) -> None:
        assert decode_block(read_packet("card_list_block")) == (ROWS, True)
        assert encode_block(ROWS, is_last=True) == read_packet("card_list_block")

    def test_open(self) -> None:
        request = SegmentOpen(device_id=DEVICE_ID, ticket=TICKET, number=1, position=EIGHT)
        assert request.encode() == read_packet("card_open")
        assert SegmentOpen.decode(read_packet("card_open")) == request

    def test_start_and_acknowledgement_come_out_of_a_session(self) -> None:
        session = SegmentPlayback(CLEAR, DEVICE_ID, 1, EIGHT, batch=100, note=NOTE)
        assert session.data_to_send() == read_packet("card_open")
        session.receive_data(SegmentOpenReply(result=1000, width=640, height=360).encode())
        assert session.next_event() == PlaybackOpened(640, 360)
        assert session.data_to_send() == read_packet("card_start")
        frame = CardFrame(42, 0, 1, bytes(100 * 100 - 22))
        session.receive_data(make_records(frame))
        assert session.data_to_send() == read_packet("card_ack")
        assert SegmentControl.decode(read_packet("card_ack")).action == Action.ACKNOWLEDGE

    def test_data(self) -> None:
        stream = SegmentStream()
        stream.receive_data(read_packet("card_data"))
        frame = stream.next_frame()
        assert frame == CardFrame(1, 0, 1_795_161_600_000, bytes.fromhex("0000000165888400"))


class TestListing:
    def open_listing(self, count: int) -> SegmentListing:
        listing = SegmentListing(DEVICE_ID, TICKET, DAY)
        listing.data_to_send()
        listing.receive_data(SegmentSearchReply(result=1, count=count).encode())
        assert listing.data_to_send()[:4] == struct.pack("<i", 362)
        return listing

    def test_byte_by_byte_is_the_same_as_at_once(self) -> None:
        data = SegmentSearchReply(result=1, count=3).encode()
        data += struct.pack("<i28x", 460) + encode_block(ROWS, is_last=False)
        data += struct.pack("<i", 2000) + struct.pack("<i28x", 2009)
        data += encode_block(ROWS[:1], is_last=True)
        listing = SegmentListing(DEVICE_ID, TICKET, DAY)
        for byte in data:
            listing.receive_data(bytes([byte]))
        assert listing.is_complete
        assert listing.entries == [*ROWS, ROWS[0]]

    def test_460_ends_a_list_that_is_whole_and_no_other(self) -> None:
        listing = self.open_listing(2)
        listing.receive_data(struct.pack("<i", 460))
        assert not listing.is_complete
        listing.receive_data(encode_block(ROWS, is_last=False) + struct.pack("<i", 460))
        assert listing.is_complete

    def test_a_count_of_none_is_no_promise(self) -> None:
        listing = self.open_listing(0)
        for block in (ROWS[:1], ROWS[1:]):
            listing.receive_data(struct.pack("<i28x", 460) + encode_block(block, is_last=False))
        listing.receive_data(struct.pack("<i28x", 460))
        assert listing.may_be_complete
        assert len(listing.entries) == 2
        listing.receive_data(encode_block(ROWS[:1], is_last=True))
        assert listing.is_complete
        assert listing.entries == [*ROWS, ROWS[0]]

    def test_what_is_promised_is_waited_for(self) -> None:
        listing = self.open_listing(3)
        listing.receive_data(encode_block(ROWS, is_last=False))
        states = [listing.may_be_complete]
        for size in (512, 100):
            listing.receive_data(encode_block(ROWS[:1], is_last=False)[:size])
            states.append(listing.may_be_complete)
        assert states == [False, True, False]

    @pytest.mark.parametrize(
        ("result", "error"),
        [
            (-2, NoCard),
            (-3, CardFailed),
            (-5, TicketExpired),
            (-11, TicketExpired),
            (-99, Refused),
        ],
    )
    def test_refusals(self, result: int, error: type[Exception]) -> None:
        listing = SegmentListing(DEVICE_ID, TICKET, DAY)
        with pytest.raises(error):
            listing.receive_data(SegmentSearchReply(result=result).encode())

    def test_no_recordings_is_an_empty_list(self) -> None:
        listing = SegmentListing(DEVICE_ID, TICKET, DAY)
        listing.receive_data(SegmentSearchReply(result=-1).encode())
        assert (listing.is_complete, listing.entries) == (True, [])

    def test_another_generation_is_told(self) -> None:
        listing = SegmentListing(DEVICE_ID, TICKET, DAY)
        with pytest.raises(UnsupportedFirmware):
            listing.receive_data(SegmentSearchReply(command=Command.UNSUPPORTED, result=0).encode())

    def test_a_block_that_claims_more_rows_than_fit_is_refused(self) -> None:
        listing = self.open_listing(2)
        with pytest.raises(RemoteProtocolError, match="claims 39 rows"):
            listing.receive_data(struct.pack("<iHH", 462, 0, 39).ljust(512, b"\1"))

    def test_a_list_without_an_end_is_refused(self) -> None:
        listing = self.open_listing(65535)
        block = encode_block(ROWS * 19, is_last=False)
        with pytest.raises(RemoteProtocolError, match="more than 20000"):
            for _ in range(20_000 // 38 + 1):
                listing.receive_data(block)

    @given(st.binary(max_size=3000))
    @settings(max_examples=200)
    def test_garbage_is_refused_or_waited_for(self, data: bytes) -> None:
        for listing in (self.open_listing(5), FileListing(1, DAY, 1)):
            try:
                listing.receive_data(data)
            except RemoteProtocolError:
                continue
            assert len(listing.entries) < 3000


class TestFileListing:
    def test_pages_in_any_cut_with_a_wait_between(self) -> None:
        entries = [
            CardEntry(
                number=number,
                kind=1,
                start=EIGHT + dt.timedelta(minutes=number),
                end=EIGHT + dt.timedelta(minutes=number + 1),
                name=f"Rec_{EIGHT + dt.timedelta(minutes=number):%Y%m%d%H%M%S}_N.avi",
            )
            for number in range(50)
        ]
        wait = FilePageHeader(command=260).encode()
        data = wait + encode_page(entries[:39], total=50, sent_before=0)
        data += wait + encode_page(entries[39:], total=50, sent_before=39)
        listing = FileListing(1, DAY, 1)
        for byte in data:
            listing.receive_data(bytes([byte]))
        assert listing.is_complete
        assert listing.entries == entries

    def test_a_total_of_a_billion_is_no_reason_to_wait_for_empty_pages(self) -> None:
        listing = FileListing(1, DAY, 1)
        listing.receive_data(encode_page(ROWS, total=1_000_000_000, sent_before=0))
        assert not listing.is_complete
        with pytest.raises(RemoteProtocolError, match="empty page"):
            listing.receive_data(encode_page([], total=1_000_000_000, sent_before=2))

    def test_an_overfull_page_is_refused(self) -> None:
        page = FilePageHeader(total=99, count=MAX_PAGE_ENTRIES + 1).encode()
        with pytest.raises(RemoteProtocolError):
            FileListing(1, DAY, 1).receive_data(page)

    def test_a_name_without_a_date_belongs_to_the_day_that_was_asked(self) -> None:
        entry = CardEntry(number=3, kind=2, start=EIGHT, end=EIGHT + dt.timedelta(seconds=9))
        data = encode_page([entry], total=1, sent_before=0)[16:]
        assert decode_entry(data, 2, EIGHT.date()) == entry

    @pytest.mark.parametrize("stamp", ["00010101000000", "99991231235959", "20261399080000"])
    def test_a_date_that_is_none_leaves_the_day_that_was_asked(self, stamp: str) -> None:
        entry = CardEntry(
            number=3,
            kind=2,
            start=EIGHT,
            end=EIGHT + dt.timedelta(seconds=65_535),
            name=f"Rec_{stamp}_N.avi",
        )
        data = encode_page([entry], total=1, sent_before=0)[16:]
        assert decode_entry(data, 2, EIGHT.date()) == entry

    def test_a_time_that_no_clock_shows_is_left_out(self) -> None:
        data = bytearray(encode_page(ROWS[:1], total=1, sent_before=0)[16:])
        data[40] = 77
        assert decode_entry(bytes(data), 1, EIGHT.date()) is None

    @pytest.mark.parametrize(
        ("handle", "error"), [(-1001, CredentialsRefused), (-1002, CredentialsRefused)]
    )
    def test_a_refused_log_in(self, handle: int, error: type[Exception]) -> None:
        with pytest.raises(error):
            read_file_login_reply(FileLoginReply(handle=handle).encode())

    def test_the_password_shows_in_no_repr(self) -> None:
        assert "secret1" not in repr(FileLogin(user="a", password="secret1", device_id=1))


class TestSegmentStream:
    @pytest.mark.parametrize("cut", [1, 7, 100, 4096])
    def test_frames_come_whole_however_the_bytes_are_cut(self, cut: int) -> None:
        data = make_records(*FRAMES) + struct.pack("<BBHHxx", 0xEF, NOTE, 0, 0)
        stream = SegmentStream()
        for start in range(0, len(data), cut):
            stream.receive_data(data[start : start + cut])
        assert list(iter(stream.next_frame, None)) == FRAMES
        assert stream.is_finished

    @pytest.mark.parametrize("note", [0, NOTE, 255])
    def test_records_count_whatever_their_note(self, note: int) -> None:
        stream = SegmentStream()
        stream.receive_data(make_records(*FRAMES, note=note))
        assert list(iter(stream.next_frame, None)) == FRAMES

    def test_a_frame_beyond_the_cap_is_refused_before_it_is_kept(self) -> None:
        header = struct.pack("<IHHxxQI", 1, 0, 0, 0, MAX_FRAME_BYTES + 1)
        record = struct.pack("<BBHHxx", 0x7F, NOTE, 1, len(header)) + header
        with pytest.raises(RemoteProtocolError, match="claims"):
            SegmentStream().receive_data(record)

    def test_a_missing_packet_is_found_out(self) -> None:
        data = make_records(FRAMES[0])
        record_bytes = 108
        lost = data[: 20 * record_bytes] + data[21 * record_bytes :]
        with pytest.raises(RemoteProtocolError, match="packet 21"):
            SegmentStream().receive_data(lost)

    @pytest.mark.parametrize("begins", [1, 65_500, 65_534])
    def test_an_alive_record_may_use_up_a_number(self, begins: int) -> None:
        """Those of a camera that has nothing to give do, those that miss an answer do not."""
        numbers = [(begins + index) % 65_535 for index in range(300)]
        records = [
            make_alive(number) if index % 3 == 1 else make_packet(number)
            for index, number in enumerate(numbers)
        ]
        stream = SegmentStream()
        stream.receive_data(b"".join(records))
        assert (stream.unacknowledged, stream.last_packet) == (200, numbers[-1])

    @pytest.mark.parametrize("number", [0, 29, 30])
    def test_an_alive_record_may_use_up_none(self, number: int) -> None:
        stream = SegmentStream()
        stream.receive_data(b"".join(make_packet(before) for before in range(1, 30)))
        stream.receive_data(make_alive(number) * 3)
        stream.receive_data(b"".join(make_packet(after) for after in range(30, 60)))
        assert (stream.unacknowledged, stream.last_packet) == (59, 59)

    @pytest.mark.parametrize("alives", [[], [0], [29], [30], [30, 31], [0, 30]])
    def test_a_packet_that_is_missing_beside_alive_records_is_found_out(
        self, alives: list[int]
    ) -> None:
        stream = SegmentStream()
        stream.receive_data(b"".join(make_packet(before) for before in range(1, 30)))
        stream.receive_data(b"".join(map(make_alive, alives)))
        used_up = sum(number >= 30 for number in alives)
        with pytest.raises(RemoteProtocolError, match=f"packet {30 + used_up} "):
            stream.receive_data(make_packet(31 + used_up))

    @pytest.mark.parametrize("cut", [1, 4096])
    def test_messages_between_records_are_passed_over(self, cut: int) -> None:
        message = struct.pack("<i28x", 2009)
        records = [make_packet(number) for number in range(1, 20)]
        data = message + message.join(records) + message
        stream = SegmentStream()
        for start in range(0, len(data), cut):
            stream.receive_data(data[start : start + cut])
        assert stream.unacknowledged == 19

    def test_numbers_wrap_and_may_begin_anew(self) -> None:
        frame = CardFrame(1, 0, 5, bytes(100 * 70_000 // 50))
        stream = SegmentStream()
        for _ in range(2):
            stream.receive_data(make_records(frame, size=2))
        assert list(iter(stream.next_frame, None)) == [frame, frame]

    def test_an_unknown_record_is_refused(self) -> None:
        with pytest.raises(RemoteProtocolError, match="0x33"):
            SegmentStream().receive_data(bytes([0x33]) * 8)

    @given(st.binary(max_size=2000))
    @settings(max_examples=200)
    def test_garbage_is_refused_or_kept_within_bounds(self, data: bytes) -> None:
        for stream in (SegmentStream(), FileStream()):
            try:
                stream.receive_data(data)
            except RemoteProtocolError:
                continue
            while stream.next_frame() is not None:
                pass


class TestAcknowledgements:
    def open_playback(self, batch: int) -> SegmentPlayback:
        session = SegmentPlayback(CLEAR, DEVICE_ID, 1, EIGHT, batch=batch, note=NOTE)
        session.receive_data(SegmentOpenReply(result=1000).encode())
        assert isinstance(session.next_event(), PlaybackOpened)
        session.data_to_send()
        return session

    @pytest.mark.parametrize("batch", [100, 200])
    def test_one_comes_after_each_batch(self, batch: int) -> None:
        session = self.open_playback(batch)
        data = make_records(CardFrame(1, 0, 5, bytes(100 * batch - 22)))
        session.receive_data(data[:-1])
        assert session.data_to_send() == b""
        session.receive_data(data[-1:])
        assert SegmentControl.decode(session.data_to_send()).last_packet == batch

    def test_alive_is_answered_at_once(self) -> None:
        session = self.open_playback(100)
        session.receive_data(struct.pack("<BBHHxx", 0x6F, NOTE, 0, 0))
        assert SegmentControl.decode(session.data_to_send()).action == Action.ACKNOWLEDGE
        assert session.data_to_send() == b""

    @pytest.mark.parametrize(
        ("result", "error"), [(-1003, TicketExpired), (-1004, Refused), (-12, TicketExpired)]
    )
    def test_a_refusal_to_open(self, result: int, error: type[Exception]) -> None:
        session = SegmentPlayback(CLEAR, DEVICE_ID, 1, EIGHT)
        session.receive_data(SegmentOpenReply(result=result).encode()[:8])
        with pytest.raises(error):
            session.next_event()


class TestFilePlayback:
    def open_playback(self, total: int, mode: int = 2) -> FilePlayback:
        session = FilePlayback(CLEAR, 1, ROWS[0], 5, batch=2)
        session.receive_data(FilePlayReply(length_s=9, frame_total=total, mode=mode).encode())
        assert isinstance(session.next_event(), PlaybackOpened)
        start = FileControl.decode(session.data_to_send()[-16:])
        assert (start.position_s, start.batch) == (5, 2 if mode == 2 else 0)
        return session

    def make_fragments(self, frame_id: int, frame_type: int, payload: bytes) -> bytes:
        stamp = struct.pack("<i", 777) if frame_type >= 50 else b""
        data = struct.pack("<iiHH", frame_id, frame_type, 2, 0) + stamp + payload
        pieces = [data[start : start + 504] for start in range(0, len(data), 504)]
        return b"".join(
            struct.pack("<BBHHH", 0x7F, frame_type, len(pieces), index, len(piece)) + piece
            for index, piece in enumerate(pieces)
        )

    def test_frames_acknowledgements_and_the_end(self) -> None:
        session = self.open_playback(total=3)
        data = b"".join(
            self.make_fragments(number, kind, bytes(1200)) for number, kind in enumerate([0, 51, 1])
        )
        for byte in data:
            session.receive_data(bytes([byte]))
        frames = [session.next_event() for _ in range(3)]
        assert [frame.timestamp_ms for frame in frames if isinstance(frame, CardFrame)] == [
            None,
            777,
            None,
        ]
        assert session.next_event() is FINISHED
        assert FileControl.decode(session.data_to_send()).last_frame_id == 1

    def test_without_acknowledgements_none_are_sent(self) -> None:
        session = self.open_playback(total=99, mode=1)
        session.receive_data(self.make_fragments(0, 0, b"1234") * 5)
        assert session.data_to_send() == b""

    def test_types_interleave(self) -> None:
        session = self.open_playback(total=99)
        video, audio = self.make_fragments(0, 1, bytes(1000)), self.make_fragments(1, 22, b"12345")
        session.receive_data(video[:512] + audio + video[512:])
        assert isinstance(session.next_event(), CardFrame)
        assert isinstance(session.next_event(), CardFrame)

    def test_a_recording_of_one_frame_is_not_over_before_it(self) -> None:
        session = self.open_playback(total=1)
        assert session.next_event() is NEED_DATA
        session.receive_data(self.make_fragments(0, 0, b"1234"))
        assert isinstance(session.next_event(), CardFrame)
        assert session.next_event() is FINISHED

    def test_messages_between_fragments_are_passed_over(self) -> None:
        session = self.open_playback(total=99)
        fragments = self.make_fragments(0, 0, bytes(1000))
        session.receive_data(fragments[:512] + struct.pack("<i28x", 2009) + fragments[512:])
        assert isinstance(session.next_event(), CardFrame)

    def test_frames_that_do_not_become_whole_are_held_within_bounds(self) -> None:
        stream = FileStream()
        records = [
            struct.pack("<BBHHH", 0x7F, kind, 60_000, position, 504) + bytes(504)
            for kind in range(200)
            for position in range(300)
        ]
        held = 0
        with pytest.raises(RemoteProtocolError, match="frame of more than"):
            for record in records:
                stream.receive_data(record)
                held += len(record)
        assert held < 20 << 20

    def test_a_missing_fragment_is_found_out(self) -> None:
        session = self.open_playback(total=99)
        with pytest.raises(RemoteProtocolError):
            session.receive_data(self.make_fragments(0, 1, bytes(1000))[512:])

    def test_a_file_that_is_not_there(self) -> None:
        session = FilePlayback(CLEAR, 1, ROWS[0])
        assert session.next_event() is NEED_DATA
        session.receive_data(FilePlayReply().encode())
        with pytest.raises(Refused):
            session.next_event()
