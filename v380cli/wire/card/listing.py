"""One search of the SD card: bytes in, rows out (PROTOCOL.md, sections 3a, 3b and 8).

    send data_to_send(), feed receive_data(), until next_event() has the rows

A listing that breaks off keeps in `entries` what came so far.
"""

import datetime as dt
import math
from abc import ABC, abstractmethod
from typing import Literal, NamedTuple

from v380cli.errors import Refused, RemoteProtocolError
from v380cli.models import Device
from v380cli.wire.card.files import (
    ALL_SENT,
    ENTRY_BYTES,
    MAX_PAGE_ENTRIES,
    FileLogin,
    FileLoginReply,
    FilePageHeader,
    FileSearch,
    decode_entry,
)
from v380cli.wire.card.segments import (
    BLOCK_BYTES,
    OpenResult,
    SearchResult,
    SegmentListRequest,
    SegmentSearch,
    SegmentSearchReply,
    decode_block,
)
from v380cli.wire.card.words import ALL_KINDS, MAX_ROWS, CardEntry
from v380cli.wire.commands import CardCommand, Command
from v380cli.wire.machine import NEED_DATA, NeedData, PatientMachine, RequestMachine
from v380cli.wire.refusals import Asked, check_supported, find_refusal

COMMAND_BYTES = 4
QUIET_S = 2.0  # after so long, a list that may be complete is
REFUSED_HANDLES = frozenset(OpenResult) - {OpenResult.OK}
UNKNOWN_WAY = "the camera does not know this way to list recordings"
KEEP_ALIVES = (CardCommand.RELAY_KEEP_ALIVE, Command.STREAM_NOTICE)


class Span(NamedTuple):
    """A range of the camera's wall clock, both ends included."""

    start: dt.datetime
    end: dt.datetime


class CardListing(PatientMachine, ABC):
    """What both generations share: rows in messages of some size, until one is the last."""

    def __init__(self, request: bytes) -> None:
        super().__init__(request)
        self.entries: list[CardEntry] = []
        self.is_answered = False
        self.is_complete = False

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes. Raises a Refused or RemoteProtocolError."""
        super().receive_data(data)
        self.is_answered = True
        while not self.is_complete and self._read_next():
            pass

    def next_event(self) -> list[CardEntry] | Literal[NeedData.NEED_DATA]:
        """All rows, once no more are to be waited for."""
        if self.is_complete or (self._is_ended and self.may_be_complete):
            return self.entries
        return NEED_DATA

    @property
    def _patience_s(self) -> float:
        return QUIET_S if self.may_be_complete else math.inf

    @property
    def may_be_complete(self) -> bool:
        """Whether a camera that says nothing more has nothing more to say."""
        return False

    @abstractmethod
    def _read_next(self) -> bool:
        """Read one whole message of what came; False when there is none."""


class SegmentListing(CardListing):
    """361 and 362: every recording of a range.

    The count of the reply is not a promise: a camera may say 0 and send rows (section 3b).
    """

    def __init__(self, device_id: int, ticket: int, span: Span, kind: int = ALL_KINDS) -> None:
        request = SegmentSearch(
            device_id=device_id, ticket=ticket, kind=kind, start=span.start, end=span.end
        )
        super().__init__(request.encode())
        self._promised: int | None = None  # None before the reply
        self._is_told_to_wait = False

    @property
    def missing(self) -> int:
        """How many rows fewer than promised there are."""
        return max(0, (self._promised or 0) - len(self.entries))

    @property
    def has_broken_promise(self) -> bool:
        """Whether the camera, if it says nothing more, ended the list with 460 before the last."""
        return bool(self.entries) and self._is_told_to_wait and not self._received

    @property
    def may_be_complete(self) -> bool:
        has_all = self._promised is not None and len(self.entries) >= self._promised
        return has_all and not self._received

    def _read_next(self) -> bool:
        if self._promised is None:
            return self._read_reply()
        # How long 460 and 2000 are is not known: what they hold besides their number is passed
        # over as long as it is zero, with which no message begins, as what 2009 holds.
        del self._received[: len(self._received) - len(self._received.lstrip(b"\0"))]
        if len(self._received) < COMMAND_BYTES:
            return False
        match _read_command(self._received):
            case CardCommand.SEGMENT_BLOCK:
                return self._read_block()
            case CardCommand.SEGMENT_WAIT:
                del self._received[:COMMAND_BYTES]
                self._is_told_to_wait = True
                self.is_complete = 0 < self._promised <= len(self.entries)
                return True
            case command if command in KEEP_ALIVES:
                del self._received[:COMMAND_BYTES]
                return True
            case command:
                raise RemoteProtocolError(f"the camera sent message {command} in its list")

    def _read_reply(self) -> bool:
        check_supported(self._received, UNKNOWN_WAY)
        if len(self._received) < SegmentSearchReply.MIN_SIZE:
            return False
        reply = SegmentSearchReply.decode(self._received)
        check_search_reply(reply)
        if reply.result == SearchResult.NONE:
            self.is_complete = True
            return False
        if len(self._received) < SegmentSearchReply.SIZE:
            return False
        del self._received[: SegmentSearchReply.SIZE]
        self._promised = reply.count
        self._outgoing += SegmentListRequest().encode()
        return True

    def _read_block(self) -> bool:
        if len(self._received) < BLOCK_BYTES:
            return False
        entries, is_last = decode_block(bytes(self._received[:BLOCK_BYTES]))
        del self._received[:BLOCK_BYTES]
        _add_entries(self.entries, entries)
        self._is_told_to_wait = False
        self.is_complete = is_last
        return True


class FileListing(CardListing):
    """150: every file of a range of one day; `total` and `received` continue an earlier one.

    The last page says that it is.
    """

    def __init__(
        self, handle: int, span: Span, kind: int, *, total: int = 0, received: int = 0
    ) -> None:
        request = FileSearch(
            handle=handle,
            kind=kind,
            start=span.start,
            end=span.end,
            total=total,
            received=received,
        )
        super().__init__(request.encode())
        self.total, self.received = total, received
        self._day, self._kind = span.start.date(), kind

    def _read_next(self) -> bool:
        check_supported(self._received, UNKNOWN_WAY)
        if len(self._received) < FilePageHeader.SIZE:
            return False
        page = FilePageHeader.decode(self._received)
        if page.command == CardCommand.FILE_WAIT:
            del self._received[: FilePageHeader.SIZE]
            return True
        if page.command != CardCommand.FILE_LIST or not 0 <= page.count <= MAX_PAGE_ENTRIES:
            raise RemoteProtocolError(f"the camera sent message {page.command} in its list")
        end = FilePageHeader.SIZE + page.count * ENTRY_BYTES
        if len(self._received) < end:
            return False
        rows = bytes(self._received[FilePageHeader.SIZE : end])
        del self._received[:end]
        self._take_page(page, rows)
        return True

    def _take_page(self, page: FilePageHeader, rows: bytes) -> None:
        entries = [
            decode_entry(rows[start : start + ENTRY_BYTES], self._kind, self._day)
            for start in range(0, len(rows), ENTRY_BYTES)
        ]
        _add_entries(self.entries, [entry for entry in entries if entry])
        self.total, self.received = page.total, page.sent_before + page.count
        is_last = page.total == ALL_SENT or self.received >= page.total
        if not (is_last or page.count):
            raise RemoteProtocolError("the camera sent an empty page in the middle of its list")
        self.is_complete = is_last


def check_search_reply(reply: SegmentSearchReply) -> None:
    """Raise what a 461 says that is neither a list nor an empty one."""
    if reply.command != CardCommand.SEGMENT_SEARCH_REPLY:
        raise RemoteProtocolError(f"the camera answered 361 with message {reply.command}")
    if reply.result in (SearchResult.OK, SearchResult.NONE):
        return
    what = f"the camera refused to list its card ({reply.result})"
    raise find_refusal(Asked.CARD_LIST, reply.result) or Refused(what)


class FileAccess(RequestMachine):
    """154, which the legacy protocol wants before everything else; its event is the handle."""

    def __init__(self, device: Device) -> None:
        request = FileLogin(
            user=device.username, password=device.password.reveal(), device_id=device.device_id
        )
        super().__init__(request.encode())

    def next_event(self) -> int | Literal[NeedData.NEED_DATA]:
        """The handle, once it is there. Raises a Refused or RemoteProtocolError."""
        check_supported(self._received, "the camera knows no way to list recordings")
        if len(self._received) < FileLoginReply.SIZE:
            return NEED_DATA
        return read_file_login_reply(bytes(self._received[: FileLoginReply.SIZE]))


def read_file_login_reply(data: bytes) -> int:
    """The handle in a 254. Raises a Refused or RemoteProtocolError."""
    reply = FileLoginReply.decode(data)
    if reply.command != CardCommand.FILE_LOGIN_REPLY:
        raise RemoteProtocolError(f"the camera answered 154 with message {reply.command}")
    if reply.handle in REFUSED_HANDLES:
        what = f"the camera refused access to its card ({reply.handle})"
        raise find_refusal(Asked.CARD_LOGIN, reply.handle) or Refused(what)
    return reply.handle


def _read_command(data: bytes | bytearray) -> int:
    return int.from_bytes(data[:COMMAND_BYTES], "little", signed=True)


def _add_entries(entries: list[CardEntry], new: list[CardEntry]) -> None:
    entries += new
    if len(entries) > MAX_ROWS:
        raise RemoteProtocolError(f"the camera lists more than {MAX_ROWS} recordings at once")
