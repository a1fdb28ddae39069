"""The list of recordings: whole, each once, with true times."""

import datetime as dt
import struct
from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from tests.camera.card import (
    DAY,
    ENTRIES,
    GENERATIONS,
    SMALL_CARD,
    UTC,
    make_reader,
    simulate_card,
)
from v380cli.camera.access import Access
from v380cli.camera.conversation import converse
from v380cli.camera.recordings import CardReader, CardRecording, list_recordings, place_in_time
from v380cli.camera.wall_clock import CameraZone, parse_zone
from v380cli.errors import InvalidInput, NetworkTimeout, UnsupportedFirmware
from v380cli.models import Device
from v380cli.simulator.card import CardState, make_entry
from v380cli.wire.card.files import FilePageHeader
from v380cli.wire.card.segments import SegmentSearchReply, encode_block
from v380cli.wire.card.words import CardEntry, CardFailed, NoCard, RecordingKind
from v380cli.wire.login import LoginTicket

MADRID, KOLKATA = parse_zone("Europe/Madrid"), parse_zone("Asia/Kolkata")
NORMAL = RecordingKind.NORMAL
BUSY_DAY = replace(
    SMALL_CARD,
    entries=tuple(
        make_entry(
            number, NORMAL, dt.datetime(2026, 11, 20) + dt.timedelta(minutes=10 * number - 10), 599
        )
        for number in range(1, 145)
    ),
)


@pytest.mark.parametrize("variant", GENERATIONS.values(), ids=GENERATIONS.keys())
def test_days_are_asked_one_by_one_and_rows_come_once(variant: str) -> None:
    days = [DAY + dt.timedelta(days=number) for number in range(-1, 2)]
    with simulate_card(variant=variant) as camera:
        found = list_recordings(make_reader(camera), days, UTC)
    assert [(r.entry.number, r.kind) for r in found] == [(1, "normal"), (2, "motion"), (3, "alarm")]
    assert [r.entry.start for r in found] == [entry.start for entry in ENTRIES]
    assert {r.duration_s for r in found} == {12.0}


@pytest.mark.parametrize("variant", GENERATIONS.values(), ids=GENERATIONS.keys())
def test_one_kind_only(variant: str) -> None:
    with simulate_card(variant=variant) as camera:
        found = list_recordings(make_reader(camera), [DAY], UTC, [RecordingKind.MOTION])
    assert [r.entry.number for r in found] == [2]


@pytest.mark.parametrize("variant", ["today", "legacy"])
@pytest.mark.parametrize("fault", ["list-hang-up", "list-hang-up*3"])
def test_a_broken_list_is_continued(fault: str, variant: str) -> None:
    with simulate_card(BUSY_DAY, fault, variant=variant) as camera:
        found = list_recordings(make_reader(camera), [DAY], UTC)
    assert [r.entry.number for r in found] == list(range(1, 145))


def test_repeated_rows_are_removed() -> None:
    with simulate_card(BUSY_DAY, "list-repeats") as camera:
        found = list_recordings(make_reader(camera), [DAY], UTC)
    assert [r.entry.number for r in found] == list(range(1, 145))


def test_a_list_may_hold_more_than_it_promises() -> None:
    with simulate_card(BUSY_DAY, "list-promises-none") as camera:
        found = list_recordings(make_reader(camera), [DAY], UTC)
    assert [r.entry.number for r in found] == list(range(1, 145))


class DrippingCamera:
    """A link on which one message comes again and again, a second by the test's clock apart."""

    def __init__(self, *messages: bytes) -> None:
        self.now_s = 0.0
        self._messages = messages
        self._waiting: list[bytes] = []

    def open_channel(self) -> "DrippingCamera":
        self._waiting = list(self._messages)
        return self

    def __enter__(self) -> "DrippingCamera":
        return self

    def __exit__(self, *_: object) -> None: ...

    def send(self, data: bytes) -> None: ...

    def receive_into(self, buffer: memoryview, _timeout_s: float) -> int:
        self.now_s += 1
        data = self._waiting.pop(0) if self._waiting else self._messages[-1]
        buffer[: len(data)] = data
        return len(data)

    def monotonic(self) -> float:
        return self.now_s


class EndingCamera(DrippingCamera):
    """One that says nothing more after its messages."""

    opened = 0

    def open_channel(self) -> DrippingCamera:
        self.opened += 1
        return super().open_channel()

    def receive_into(self, buffer: memoryview, timeout_s: float) -> int:
        if not self._waiting:
            raise NetworkTimeout("nothing came")
        return super().receive_into(buffer, timeout_s)


def make_reader_of(link: DrippingCamera, monkeypatch: pytest.MonkeyPatch) -> CardReader:
    """A reader that is let in at this link."""
    access = Access(Device(device_id=7, host="127.0.0.1", port=8800))
    monkeypatch.setattr(access, "open_channel", link.open_channel)
    access.last_ticket = LoginTicket(ticket=1, device_version=3, variant_name="x")
    reader = CardReader(access)
    assert reader.ticket
    reader.uses_segments = True
    return reader


LIST_OF_5 = SegmentSearchReply(result=1, count=5).encode()
SEGMENT_WAIT = struct.pack("<i28x", 460)
ONE_ROW = encode_block(ENTRIES[:1], is_last=False)


@pytest.mark.parametrize(
    ("messages", "is_segment"),
    [
        ((LIST_OF_5, SEGMENT_WAIT), True),
        ((LIST_OF_5, ONE_ROW, b"\0"), True),
        ((SegmentSearchReply(result=1, count=0).encode(), SEGMENT_WAIT), True),
        ((FilePageHeader(command=260).encode(),), False),
    ],
    ids=["waits", "zeros", "promises none", "files"],
)
def test_a_camera_that_only_asks_to_wait_is_given_up_after_a_minute(
    messages: tuple[bytes, ...], is_segment: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = DrippingCamera(*messages)
    monkeypatch.setattr("v380cli.camera.recordings.time", link)
    on_its_clock = partial(converse, clock=link.monotonic)
    monkeypatch.setattr("v380cli.camera.recordings.converse", on_its_clock)
    reader = make_reader_of(link, monkeypatch)
    reader._handle = 1
    reader.uses_segments = is_segment
    with pytest.raises(NetworkTimeout, match="not ended the list"):
        list_recordings(reader, [DAY], UTC)
    assert 60 <= link.now_s < 70


def test_a_list_that_ends_before_what_was_promised_is_handed_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    link = EndingCamera(LIST_OF_5, ONE_ROW, SEGMENT_WAIT)
    reader = make_reader_of(link, monkeypatch)
    assert [r.entry.number for r in list_recordings(reader, [DAY], UTC)] == [1]
    assert "ended 4 recordings before" in caplog.text
    assert link.opened == 1


def test_times_that_run_backwards_are_a_skipped_row() -> None:
    with simulate_card(SMALL_CARD, "list-backwards") as camera:
        found = list_recordings(make_reader(camera), [DAY], UTC)
    assert [r.entry.number for r in found] == [1, 2, 3]


@pytest.mark.parametrize(
    ("state", "error"), [(CardState.MISSING, NoCard), (CardState.BROKEN, CardFailed)]
)
def test_no_card_and_a_broken_one_are_told_apart(state: CardState, error: type[Exception]) -> None:
    with (
        simulate_card(replace(SMALL_CARD, state=state)) as camera,
        pytest.raises(error),
    ):
        list_recordings(make_reader(camera), [DAY], UTC)


@pytest.mark.parametrize("variant", ["today", "legacy"])
def test_no_recordings_is_an_empty_list(variant: str) -> None:
    with simulate_card(replace(SMALL_CARD, entries=()), variant=variant) as camera:
        assert list_recordings(make_reader(camera), [DAY], UTC) == []


def test_a_recording_in_progress_grows() -> None:
    since = (dt.datetime.now() - dt.timedelta(seconds=60)).replace(microsecond=0)
    days = [since.date(), since.date() + dt.timedelta(days=1)]
    card = replace(SMALL_CARD, entries=(), in_progress_since=since)
    with simulate_card(card) as camera:
        (found,) = list_recordings(make_reader(camera), days, CameraZone())
    assert 60 <= found.duration_s <= 65


def test_an_expired_ticket_is_renewed() -> None:
    with simulate_card(ticket_lifetime_s=0.0) as camera:
        reader = make_reader(camera)
        assert reader.ticket
        camera.spec = replace(camera.spec, ticket_lifetime_s=60.0)
        camera.logins.tickets.clear()
        assert len(list_recordings(reader, [DAY], UTC)) == 3


def test_a_log_in_that_is_not_understood_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def log_in(*_: object, variant: str, **__: object) -> LoginTicket:
        tries.append(variant)
        raise UnsupportedFirmware("none of the log-ins that are known")

    monkeypatch.setattr("v380cli.camera.access.log_in", log_in)
    reader = CardReader(Access(Device(device_id=1, host="camera")))
    with pytest.raises(UnsupportedFirmware):
        list_recordings(reader, [DAY], UTC)
    assert len(tries) == 1


def test_the_other_generation_is_tried_when_the_first_is_not_known() -> None:
    with simulate_card(variant="legacy") as camera:
        reader = make_reader(camera)
        assert reader.ticket
        reader.uses_segments = True
        assert len(list_recordings(reader, [DAY], UTC)) == 3
    assert not reader.uses_segments


def make_row(number: int, start: str, end: str) -> CardEntry:
    return CardEntry(
        number=number,
        kind=1,
        start=dt.datetime.fromisoformat(start),
        end=dt.datetime.fromisoformat(end),
    )


def place(zone: CameraZone, *spans: tuple[str, str]) -> list[CardRecording]:
    return place_in_time([make_row(n, *span) for n, span in enumerate(spans, 1)], zone)


class TestTrueTimes:
    """Wall clock times with the camera's zone, each case that a clock can bring."""

    def test_summer_and_winter(self) -> None:
        summer, winter = place(
            MADRID,
            ("2026-07-01T12:00:00", "2026-07-01T12:01:00"),
            ("2026-12-01T12:00:00", "2026-12-01T12:01:00"),
        )
        assert summer.start.isoformat() == "2026-07-01T12:00:00+02:00"
        assert winter.start.isoformat() == "2026-12-01T12:00:00+01:00"

    def test_the_hour_that_is_leapt_over(self) -> None:
        """Clocks go from 2 to 3: a recording over it lasted a minute, not an hour and one."""
        (over,) = place(MADRID, ("2026-03-29T01:59:30", "2026-03-29T03:00:30"))
        assert over.duration_s == 60
        (inside,) = place(MADRID, ("2026-03-29T02:30:00", "2026-03-29T02:31:00"))
        assert inside.start.isoformat() == "2026-03-29T03:30:00+02:00"

    def test_the_hour_that_comes_twice(self) -> None:
        """Clocks go from 3 back to 2: the second pass is known by what came before it."""
        first, crossing, second = place(
            MADRID,
            ("2026-10-25T02:10:00", "2026-10-25T02:55:00"),
            ("2026-10-25T02:55:00", "2026-10-25T02:05:00"),
            ("2026-10-25T02:10:00", "2026-10-25T02:20:00"),
        )
        assert first.start.isoformat() == "2026-10-25T02:10:00+02:00"
        assert crossing.duration_s == 600
        assert second.start.isoformat() == "2026-10-25T02:10:00+01:00"

    def test_the_second_pass_is_known_by_the_recording_before_it(self) -> None:
        first, second = place(
            MADRID,
            ("2026-10-25T02:10:00", "2026-10-25T02:55:00"),
            ("2026-10-25T02:10:00", "2026-10-25T02:20:00"),
        )
        assert (first.start.isoformat(), first.fold) == ("2026-10-25T02:10:00+02:00", 0)
        assert (second.start.isoformat(), second.fold) == ("2026-10-25T02:10:00+01:00", 1)

    def test_half_an_hour(self) -> None:
        (found,) = place(KOLKATA, ("2026-11-20T08:00:00", "2026-11-20T08:01:00"))
        assert found.start.isoformat() == "2026-11-20T08:00:00+05:30"
        assert found.start.astimezone(dt.UTC).isoformat() == "2026-11-20T02:30:00+00:00"

    def test_midnight_and_the_end_of_a_year(self) -> None:
        (found,) = place(MADRID, ("2026-12-31T23:59:30", "2027-01-01T00:00:30"))
        assert found.id == "20261231-235930-1"
        assert (found.duration_s, found.end.year) == (60, 2027)

    def test_this_machines_zone_is_the_default(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import time

        monkeypatch.setenv("TZ", "Asia/Kolkata")
        time.tzset()
        try:
            (found,) = place(parse_zone(""), ("2026-11-20T08:00:00", "2026-11-20T08:01:00"))
        finally:
            monkeypatch.undo()
            time.tzset()
        assert found.start.utcoffset() == dt.timedelta(hours=5, minutes=30)

    @pytest.mark.parametrize(
        ("text", "hours"), [("+05:30", 5.5), ("-3", -3), ("UTC+1", 1), ("UTC", 0)]
    )
    def test_offsets(self, text: str, hours: float) -> None:
        (found,) = place(parse_zone(text), ("2026-11-20T08:00:00", "2026-11-20T08:01:00"))
        assert found.start.utcoffset() == dt.timedelta(hours=hours)

    @pytest.mark.parametrize("text", ["Nowhere/Town", "+99:00", "../etc/passwd", "\0"])
    def test_what_is_no_zone(self, text: str) -> None:
        with pytest.raises(InvalidInput):
            parse_zone(text)

    @pytest.mark.parametrize("zone", ["-12", "UTC", "+14", "Asia/Kolkata", ""])
    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
    def test_the_ends_of_the_calendar_are_no_time(self, day: str, zone: str) -> None:
        span = (f"{day}T00:00:00", f"{day}T23:59:59")
        rows = place(parse_zone(zone), span, ("2026-11-20T08:00:00", "2026-11-20T08:01:00"))
        assert rows[-1].entry.number == 2

    def test_days_of_recording_are_no_time(self) -> None:
        assert place(UTC, ("2026-11-20T08:00:00", "2026-11-25T08:00:00")) == []

    def test_there_and_back(self) -> None:
        zone = CameraZone(ZoneInfo("America/St_Johns"))
        wall = dt.datetime(2026, 11, 20, 8)
        assert zone.to_wall(zone.to_true(wall)) == wall
