"""List what a camera has on its SD card."""

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from v380cli.camera.access import Access
from v380cli.camera.wall_clock import CameraZone
from v380cli.errors import NetworkError, NetworkTimeout, UnsupportedFirmware
from v380cli.models import Device
from v380cli.net.stream import TcpChannel
from v380cli.wire.card import SEGMENT_DEVICE_VERSION, CardEntry, RecordingKind
from v380cli.wire.card_files import FileLoginReply
from v380cli.wire.listing import (
    FileListing,
    SegmentListing,
    Span,
    make_file_login,
    read_file_login_reply,
)
from v380cli.wire.login import LoginTicket

REPLY_TIMEOUT_S = 5.0
QUIET_S = 2.0  # after so long, a list that may be complete is
LIST_TIMEOUT_S = 60.0  # for all of one day, however the rows trickle in and often it breaks off
RECEIVE_BYTES = 1 << 16
# A broken list of a day is asked for in halves, so often: down to stretches of an hour and a half.
MAX_HALVINGS = 4
MAX_CONTINUATIONS = 8
MAX_RECORDING = dt.timedelta(hours=25)  # longer than the day that it is filed under is no time
MAX_SET_BACK = dt.timedelta(hours=2)  # a farther overlap is of recordings that do not follow
LAST_SECOND = dt.time(23, 59, 59)

KIND_NAMES: dict[int, str] = {
    RecordingKind.NORMAL: "normal",
    RecordingKind.MOTION: "motion",
    RecordingKind.ALARM: "alarm",
}

T = TypeVar("T")

log = logging.getLogger(__name__)


class ListTooLong(NetworkTimeout):
    """The camera goes on and on with the list of one day."""


class Listing(Protocol):
    """What both generations' searches can do."""

    entries: list[CardEntry]
    is_complete: bool

    @property
    def may_be_complete(self) -> bool: ...

    def data_to_send(self) -> bytes: ...

    def receive_data(self, data: bytes | bytearray | memoryview) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRecording:
    """A recording on the card, with true times; `entry` is how the camera calls it.

    `fold` is 1 for one that begins in the second pass of an hour that the clock shows twice.
    """

    start: dt.datetime
    end: dt.datetime
    entry: CardEntry
    fold: int = 0

    @property
    def id(self) -> str:
        """Its start on the camera's clock and its number; tells on which day to look for it."""
        return f"{self.entry.start:%Y%m%d-%H%M%S}-{self.entry.number}"

    @property
    def kind(self) -> str:
        """`normal`, `motion` or `alarm`; what else a camera says is carried on."""
        return format_kind(self.entry.kind)

    @property
    def duration_s(self) -> float:
        return (self.end - self.start).total_seconds()


def format_kind(kind: int) -> str:
    """The name of a kind of recording."""
    return KIND_NAMES.get(kind, f"kind-{kind}")


class CardReader:
    """One camera's card: logs in once, and again when the camera wants it.

    `uses_segments` tells the generation of the protocol: by the device version, until the camera
    says that it does not know it.
    """

    def __init__(self, access: Access) -> None:
        self.access = access
        self._ticket: LoginTicket | None = None
        self._handle: int | None = None
        self.uses_segments = False

    @property
    def device(self) -> Device:
        """The camera where it was seen last."""
        return self.access.device

    @property
    def ticket(self) -> LoginTicket:
        """The present right to ask."""
        return self._adopt(self.access.ticket)

    def _adopt(self, ticket: LoginTicket) -> LoginTicket:
        """What hangs on a former ticket goes with it."""
        if self._ticket is None:
            self.uses_segments = ticket.device_version >= SEGMENT_DEVICE_VERSION
        if ticket is not self._ticket:
            self._ticket, self._handle = ticket, None
        return ticket

    def read_handle(self) -> int:
        """The legacy protocol's right to ask."""
        if self._handle is None:
            with self.access.open_channel() as channel:
                channel.send(make_file_login(self.device))
                self._handle = read_file_login_reply(_receive_exactly(channel, FileLoginReply.SIZE))
        return self._handle

    def retry_login(self, action: Callable[[], T]) -> T:
        """Do it, and once more after a new log-in, or in the other generation of the protocol."""

        def act(ticket: LoginTicket) -> T:
            self._adopt(ticket)
            return action()

        try:
            return self.access.use_ticket(act)
        except UnsupportedFirmware:
            self.uses_segments = not self.uses_segments
            log.info("%s: asking in the other way", self.device.label)
            return action()

    def list_days(
        self, days: Iterable[dt.date], kinds: Sequence[RecordingKind]
    ) -> Iterator[list[CardEntry]]:
        """The rows of each day in the camera's order, each once; asked a day at a time.

        Raises NoCard, CardFailed, another Refused, NetworkError or RemoteProtocolError.
        """
        for day in days:
            start = dt.datetime.combine(day, dt.time())
            span = Span(start, dt.datetime.combine(day, LAST_SECOND))
            yield self.retry_login(partial(self._list_day, span, kinds))

    def _list_day(self, span: Span, kinds: Sequence[RecordingKind]) -> list[CardEntry]:
        deadline = time.monotonic() + LIST_TIMEOUT_S
        if self.uses_segments:
            rows = self._list_segments(span, MAX_HALVINGS, deadline)
        else:
            rows = [row for kind in kinds for row in self._list_files(span, kind, deadline)]
        return list(dict.fromkeys(rows))

    def _list_segments(self, span: Span, halvings: int, deadline: float) -> list[CardEntry]:
        listing = SegmentListing(self.device.device_id, self.ticket.ticket, span)
        error = self._run(listing, deadline)
        if error is None:
            return listing.entries
        if not halvings:
            raise error
        log.info("%s: the list broke off (%s)", self.device.label, error.message)
        middle = span.start + (span.end - span.start) // 2
        halves = (Span(span.start, middle), Span(middle, span.end))
        rest = [row for half in halves for row in self._list_segments(half, halvings - 1, deadline)]
        return [*listing.entries, *rest]

    def _list_files(self, span: Span, kind: RecordingKind, deadline: float) -> list[CardEntry]:
        rows: list[CardEntry] = []
        total = received = 0
        for _ in range(MAX_CONTINUATIONS):
            handle = self.read_handle()
            listing = FileListing(handle, span, kind, total=total, received=received)
            error = self._run(listing, deadline)
            rows += listing.entries
            if error is None:
                return rows
            total, received = listing.total, listing.received
        raise NetworkError("the camera breaks off its list of recordings again and again")

    def _run(self, listing: Listing, deadline: float) -> NetworkError | None:
        """Ask and read; returns the error of a list that broke off.

        Raises NetworkTimeout at the deadline, whatever the camera still says.
        """
        buffer = memoryview(bytearray(RECEIVE_BYTES))
        has_answered = False
        with self.access.open_channel() as channel:
            try:
                while not listing.is_complete:
                    if data := listing.data_to_send():
                        channel.send(data)
                    timeout_s = QUIET_S if listing.may_be_complete else REPLY_TIMEOUT_S
                    count = channel.receive_into(buffer, min(timeout_s, _find_rest(deadline)))
                    if not count:
                        raise NetworkError("the camera hung up in the middle of its list")
                    has_answered = True
                    listing.receive_data(buffer[:count])
            except ListTooLong:
                raise
            except NetworkError as error:
                if listing.may_be_complete:
                    return None
                if has_answered:
                    return error
                raise
        return None


def list_recordings(
    reader: CardReader,
    days: Iterable[dt.date],
    zone: CameraZone,
    kinds: Sequence[RecordingKind] = tuple(RecordingKind),
) -> list[CardRecording]:
    """What was recorded on these days, by time; rows whose times make no sense are left out.

    A recording that runs past midnight belongs to both days and comes once.
    """
    rows = [row for rows in reader.list_days(days, kinds) for row in rows]
    recordings = place_in_time(list(dict.fromkeys(rows)), zone)
    if len(kinds) < len(RecordingKind):
        recordings = [r for r in recordings if r.entry.kind in kinds]
    return sorted(recordings, key=lambda r: (r.start, r.entry.number))


def place_in_time(rows: Sequence[CardEntry], zone: CameraZone) -> list[CardRecording]:
    """Give rows their true times; those that run backwards or for days are left out."""
    recordings: list[CardRecording] = []
    for row in sorted(rows, key=lambda row: row.number):
        try:
            placed = _place(row, recordings[-1] if recordings else None, zone)
        except (OverflowError, ValueError):  # at the first or the last day of the calendar
            placed = None
        if placed is None:
            log.warning("a recording with impossible times: %s to %s", row.start, row.end)
        else:
            recordings.append(placed)
    return recordings


def _place(row: CardEntry, before: CardRecording | None, zone: CameraZone) -> CardRecording | None:
    fold, start = 0, zone.to_true(row.start)
    # Clocks are set back: what begins before the one before it ended, begins in the second pass.
    overlap = before.end - start if before else dt.timedelta()
    if dt.timedelta() < overlap <= MAX_SET_BACK and zone.is_repeated(row.start):
        fold, start = 1, zone.to_true(row.start.replace(fold=1))
    end = zone.to_true(row.end)
    if end < start:
        end = zone.to_true(row.end.replace(fold=1))
    if not start <= end <= start + MAX_RECORDING:
        return None
    return CardRecording(start=start, end=end, entry=row, fold=fold)


def _find_rest(deadline: float) -> float:
    """How many seconds are left for the list."""
    if (rest_s := deadline - time.monotonic()) > 0:
        return rest_s
    raise ListTooLong(f"the camera has not ended the list of a day within {LIST_TIMEOUT_S:g} s")


def _receive_exactly(channel: TcpChannel, size: int) -> bytes:
    data = bytearray()
    buffer = memoryview(bytearray(size))
    deadline = time.monotonic() + REPLY_TIMEOUT_S
    while len(data) < size:
        count = channel.receive_into(buffer[: size - len(data)], deadline - time.monotonic())
        if not count:
            raise NetworkError("the camera hung up in the middle of its reply")
        data += buffer[:count]
    return bytes(data)
