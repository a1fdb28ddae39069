"""Answers requests for a simulated card: lists it and opens its recordings. No sockets."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from v380cli.simulator.card import Card, CardState, to_milliseconds
from v380cli.simulator.card_player import ACK_MODE, CardPlayer
from v380cli.simulator.faults import FaultLedger, Stage
from v380cli.simulator.keeper import Keeper
from v380cli.simulator.stream import Encrypt, keep_clear
from v380cli.wire.card.files import (
    MAX_PAGE_ENTRIES,
    FileControl,
    FileFinish,
    FileLogin,
    FileLoginReply,
    FilePlay,
    FilePlayReply,
    FileSearch,
    encode_page,
)
from v380cli.wire.card.segments import (
    MAX_BLOCK_ROWS,
    Action,
    OpenResult,
    SearchResult,
    SegmentControl,
    SegmentListRequest,
    SegmentOpen,
    SegmentOpenReply,
    SegmentSearch,
    SegmentSearchReply,
    encode_block,
)
from v380cli.wire.card.words import CardEntry
from v380cli.wire.commands import CardCommand, Result

SEARCH_RESULTS = {
    CardState.MISSING: SearchResult.NO_CARD,
    CardState.BROKEN: SearchResult.CARD_ERROR,
}
OPEN_RESULTS = {
    Result.NO_SUCH_USER: OpenResult.WRONG_USER,
    Result.WRONG_PASSWORD: OpenResult.WRONG_PASSWORD,
}
FILE_HANDLE = 1001
HOUR = dt.timedelta(hours=1)


class CardKeeper(Keeper, Protocol):
    """The part of a camera that its card's desk asks."""

    @property
    def speaks_segments(self) -> bool:
        """Which generation of the card's protocol it knows."""

    def choose_encryption(self, ticket: int) -> tuple[Encrypt, Encrypt]:
        """For video and for audio."""


@dataclass(frozen=True, slots=True)
class CardRoute:
    """How many bytes a request has, and what answers it at which time."""

    size: int
    answer: Callable[[bytes, float], bytes]


class CardDesk:
    """The requests of one connection; `player` is there while a recording is played.

    `is_leaving` asks the connection to end.
    """

    def __init__(self, keeper: CardKeeper, card: Card, ledger: FaultLedger) -> None:
        self.player: CardPlayer | None = None
        self.is_leaving = False
        self._keeper, self._card, self._ledger = keeper, card, ledger
        self._found: list[CardEntry] = []
        self._list_fault = ""
        self._entry: CardEntry | None = None
        self._encrypt: tuple[Encrypt, Encrypt] = (keep_clear, keep_clear)

    def list_routes(self) -> dict[int, CardRoute]:
        """By number, for the generation that the camera speaks."""
        if self._keeper.speaks_segments:
            return {
                CardCommand.SEGMENT_SEARCH: CardRoute(SegmentSearch.SIZE, self._search_segments),
                CardCommand.SEGMENT_LIST: CardRoute(SegmentListRequest.SIZE, self._list_segments),
                CardCommand.SEGMENT_OPEN: CardRoute(SegmentOpen.SIZE, self._open_segment),
                CardCommand.SEGMENT_CONTROL: CardRoute(SegmentControl.SIZE, self._control_segment),
            }
        return {
            CardCommand.FILE_LOGIN: CardRoute(FileLogin.SIZE, self._login_to_files),
            CardCommand.FILE_SEARCH: CardRoute(FileSearch.SIZE, self._search_files),
            CardCommand.FILE_PLAY: CardRoute(FilePlay.SIZE, self._open_file),
            CardCommand.FILE_CONTROL: CardRoute(FileControl.SIZE, self._control_file),
            CardCommand.FILE_FINISH: CardRoute(FileFinish.SIZE, self._finish_file),
        }

    # -- segments ------------------------------------------------------------------------------

    def _search_segments(self, request: bytes, _now: float) -> bytes:
        search = SegmentSearch.decode(request)
        verdict = self._keeper.check_ticket(search.device_id, search.ticket)
        if verdict is not Result.OK:
            is_other = verdict is Result.WRONG_DEVICE_ID
            refused = SearchResult.WRONG_DEVICE_ID if is_other else SearchResult.WRONG_TICKET
            return SegmentSearchReply(result=refused).encode()
        if refusal := SEARCH_RESULTS.get(self._card.spec.state):
            return SegmentSearchReply(result=refusal).encode()
        self._found = self._card.search(search.start, search.end, search.kind)
        self._list_fault = self._ledger.take(Stage.LISTING) if self._found else ""
        result = SearchResult.OK if self._found else SearchResult.NONE
        count = 0 if self._list_fault == "list-promises-none" else len(self._found)
        return SegmentSearchReply(result=result, count=count).encode()

    def _list_segments(self, _request: bytes, _now: float) -> bytes:
        fault = self._list_fault
        rows = self._spoil_rows(self._found, fault)
        blocks = [rows[i : i + MAX_BLOCK_ROWS] for i in range(0, len(rows), MAX_BLOCK_ROWS)]
        if fault == "list-hang-up":
            self.is_leaving = True
            half = blocks[0][: len(blocks[0]) // 2]
            return encode_block(half, is_last=False)
        if fault == "list-promises-none":
            wait = SegmentListRequest(command=CardCommand.SEGMENT_WAIT).encode()
            return wait + b"".join(encode_block(block, is_last=False) + wait for block in blocks)
        return b"".join(
            encode_block(block, is_last=index + 1 == len(blocks))
            for index, block in enumerate(blocks)
        )

    def _spoil_rows(self, rows: list[CardEntry], fault: str) -> list[CardEntry]:
        match fault:
            case "list-repeats":
                return [*rows, *rows]
            case "list-backwards":
                last = rows[-1]
                return [
                    *rows,
                    CardEntry(number=9999, kind=1, start=last.start, end=last.start - HOUR),
                ]
        return rows

    def _open_segment(self, request: bytes, _now: float) -> bytes:
        wanted = SegmentOpen.decode(request)
        is_known = self._keeper.check_ticket(wanted.device_id, wanted.ticket) is Result.OK
        if not is_known or self._ledger.take(Stage.PLAYBACK_START):
            return SegmentOpenReply(result=OpenResult.NO_PRIVILEGE).encode()
        self._entry = self._card.find(wanted.number)
        if self._entry is None:
            return SegmentOpenReply(result=OpenResult.UNCLEAR).encode()
        self._encrypt = self._choose_encryption(wanted.ticket)
        spec = self._card.spec
        return SegmentOpenReply(
            result=OpenResult.OK, number=wanted.number, width=spec.width, height=spec.height
        ).encode()

    def _choose_encryption(self, ticket: int) -> tuple[Encrypt, Encrypt]:
        video, audio = self._keeper.choose_encryption(ticket)
        return (keep_clear if self._card.spec.clears_video else video), audio

    def _control_segment(self, request: bytes, now: float) -> bytes:
        control = SegmentControl.decode(request)
        match control.action:
            case Action.START if self._entry:
                position_s = (control.position - self._entry.start).total_seconds()
                note = control.note if self._card.spec.echoes_notes else 0
                self.player = self._play(
                    self._entry, position_s, is_segment=True, note=note, now=now
                )
            case Action.ACKNOWLEDGE if self.player:
                self.player.acknowledge()
            case Action.STOP:
                self.is_leaving = True
        return b""

    # -- files ---------------------------------------------------------------------------------

    def _login_to_files(self, request: bytes, _now: float) -> bytes:
        login = FileLogin.decode(request)
        verdict = self._keeper.check_user(login.device_id, login.user, login.password)
        refusal = OPEN_RESULTS.get(verdict, OpenResult.UNCLEAR)
        handle = FILE_HANDLE if verdict is Result.OK else int(refusal)
        return FileLoginReply(handle=handle).encode()

    def _search_files(self, request: bytes, _now: float) -> bytes:
        search = FileSearch.decode(request)
        if search.handle != FILE_HANDLE or self._card.spec.state is not CardState.OK:
            return encode_page([], total=-1, sent_before=0)
        found = self._card.search(search.start, search.end, search.kind)
        fault = self._ledger.take(Stage.LISTING)
        pages = [
            encode_page(
                found[start : start + MAX_PAGE_ENTRIES], total=len(found), sent_before=start
            )
            for start in range(max(0, search.received), len(found), MAX_PAGE_ENTRIES)
        ]
        if fault == "list-hang-up" and pages:
            self.is_leaving = True
            return pages[0]
        return b"".join(pages) or encode_page([], total=-1, sent_before=search.received)

    def _open_file(self, request: bytes, _now: float) -> bytes:
        wanted = FilePlay.decode(request)
        self._entry = self._card.find(wanted.number)
        if self._entry is None or wanted.handle != FILE_HANDLE:
            return FilePlayReply().encode()
        spec = self._card.spec
        return FilePlayReply(
            length_s=round((self._entry.end - self._entry.start).total_seconds()),
            frame_total=self._card.count_frames(self._entry),
            fps=spec.fps,
            width=spec.width,
            height=spec.height,
            mode=ACK_MODE if spec.batch else 1,
        ).encode()

    def _control_file(self, request: bytes, now: float) -> bytes:
        control = FileControl.decode(request)
        if self.player and control.last_frame_id:
            self.player.acknowledge()
        elif self._entry:
            self.player = self._play(
                self._entry, control.position_s, is_segment=False, note=0, now=now
            )
        return b""

    def _finish_file(self, _request: bytes, _now: float) -> bytes:
        self.is_leaving = True
        return b""

    def _play(
        self, entry: CardEntry, position_s: float, *, is_segment: bool, note: int, now: float
    ) -> CardPlayer:
        video, audio = self._encrypt
        return CardPlayer(
            self._card.list_frames(entry, position_s),
            self._card.spec,
            is_segment=is_segment,
            note=note,
            to_milliseconds=lambda frame: to_milliseconds(entry, frame),
            encrypt_video=video,
            encrypt_audio=audio,
            ledger=self._ledger,
            now=now,
            waits_for_acks=bool(self._card.spec.batch),
        )
