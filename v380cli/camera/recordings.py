"""List what a camera has on its SD card."""

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from v380cli.camera.access import Access
from v380cli.camera.conversation import converse
from v380cli.camera.wall_clock import CameraZone
from v380cli.errors import NetworkError, NetworkTimeout, UnsupportedFirmware
from v380cli.models import Device
from v380cli.wire.card.listing import CardListing, FileAccess, FileListing, SegmentListing, Span
from v380cli.wire.card.words import SEGMENT_DEVICE_VERSION, CardEntry, RecordingKind
from v380cli.wire.login import LoginTicket
from v380cli.wire.machine import NEED_DATA, REPLY_TIMEOUT_S

LIST_TIMEOUT_S = 60.0  # for all of one day, however the rows trickle in and often it breaks off
# A broken list of a day is asked for in halves, so often: down to stretches of an hour and a half.
MAX_HALVINGS = 4
MAX_CONTINUATIONS = 8
TOO_LONG = f"the camera has not ended the list of a day within {LIST_TIMEOUT_S:g} s"
MAX_RECORDING = dt.timedelta(hours=25)  # longer than the day that it is filed under makes no sense
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
                self._handle = converse(
                    channel,
                    FileAccess(self.device),
                    time.monotonic() + REPLY_TIMEOUT_S,
                    hung_up="the camera hung up in the middle of its reply",
                )
        return self._handle

    def retry_login(self, action: Callable[[], T]) -> T:
        """Do it, and once more after a new log-in, or in the other generation of the protocol."""

        def act(ticket: LoginTicket) -> T:
            self._adopt(ticket)
            return action()

        self._adopt(self.access.ticket)  # no other generation mends a log-in that is not understood
        try:
            return self.access.use_ticket(act)
        except UnsupportedFirmware:
            self.uses_segments = not self.uses_segments
            log.info("%s: asking in the other way", self.device.label)
            return self.access.use_ticket(act)

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
        deadline_s = time.monotonic() + LIST_TIMEOUT_S
        if self.uses_segments:
            rows = self._list_segments(span, MAX_HALVINGS, deadline_s)
        else:
            rows = [row for kind in kinds for row in self._list_files(span, kind, deadline_s)]
        return list(dict.fromkeys(rows))

    def _list_segments(self, span: Span, halvings: int, deadline_s: float) -> list[CardEntry]:
        listing = SegmentListing(self.device.device_id, self.ticket.ticket, span)
        error = self._run(listing, deadline_s)
        if error is None:
            return listing.entries
        if listing.has_broken_promise:
            said = "%s: the list of %s to %s ended %d recordings before what was promised"
            log.warning(said, self.device.label, *span, listing.missing)
            return listing.entries
        if not halvings:
            raise error
        log.info("%s: the list broke off (%s)", self.device.label, error.message)
        middle = span.start + (span.end - span.start) // 2
        halves = (Span(span.start, middle), Span(middle, span.end))
        rest = [
            row for half in halves for row in self._list_segments(half, halvings - 1, deadline_s)
        ]
        return [*listing.entries, *rest]

    def _list_files(self, span: Span, kind: RecordingKind, deadline_s: float) -> list[CardEntry]:
        rows: list[CardEntry] = []
        total = received = 0
        for _ in range(MAX_CONTINUATIONS):
            handle = self.read_handle()
            listing = FileListing(handle, span, kind, total=total, received=received)
            error = self._run(listing, deadline_s)
            rows += listing.entries
            if error is None:
                return rows
            total, received = listing.total, listing.received
        raise NetworkError("the camera breaks off its list of recordings again and again")

    def _run(self, listing: CardListing, deadline_s: float) -> NetworkError | None:
        """Ask and read; returns the error of a list that broke off.

        Raises ListTooLong at the deadline, whatever the camera still says.
        """
        with self.access.open_channel() as channel:
            try:
                converse(
                    channel,
                    listing,
                    deadline_s,
                    silence_s=REPLY_TIMEOUT_S,
                    hung_up="the camera hung up in the middle of its list",
                )
            except NetworkError as error:
                if time.monotonic() >= deadline_s:
                    raise ListTooLong(TOO_LONG) from None
                listing.receive_eof()
                if listing.next_event() is not NEED_DATA:
                    return None
                if listing.is_answered:
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
