"""Messages of the segment protocol: device version 3 and above (PROTOCOL.md, section 3b)."""

import datetime as dt
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar

from v380cli.errors import RemoteProtocolError
from v380cli.wire.card.words import (
    ACK_BATCH,
    ALL_KINDS,
    WALL_BYTES,
    WALL_WORDS,
    CardEntry,
    from_wall_seconds,
    to_wall_seconds,
)
from v380cli.wire.commands import CardCommand
from v380cli.wire.layout import I16, I32, U8, U16, U32, Annotated, Message, blob

BLOCK_BYTES = 512
LAST_BLOCK = 12
BLOCK_HEADER_BYTES = 8
BLOCK_ROWS_BYTES = BLOCK_BYTES - BLOCK_HEADER_BYTES
ROW = struct.Struct("<iBII")
MAX_BLOCK_ROWS = BLOCK_ROWS_BYTES // ROW.size


class SearchResult(IntEnum):
    """The result of 461 (section 8)."""

    OK = 1
    NONE = -1
    NO_CARD = -2
    CARD_ERROR = -3
    WRONG_DEVICE_ID = -4
    WRONG_TICKET = -5


class OpenResult(IntEnum):
    """The result of 463, and of the legacy 254."""

    OK = 1000
    WRONG_USER = -1001
    WRONG_PASSWORD = -1002
    NO_PRIVILEGE = -1003
    UNCLEAR = -1004


class Action(IntEnum):
    """What 364 asks for."""

    START = 1  # or seek
    ACKNOWLEDGE = 2
    STOP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSearch(Message):
    """361: which recordings there are in a range of times."""

    SIZE: ClassVar[int] = 128

    command: Annotated[int, I32.at(0)] = CardCommand.SEGMENT_SEARCH
    device_id: Annotated[int, I32.at(4)]
    ticket: Annotated[int, I32.at(8)] = field(repr=False)
    channel: Annotated[int, U8.at(12)] = 0
    kind: Annotated[int, U8.at(13)] = ALL_KINDS
    start: Annotated[dt.datetime, WALL_WORDS.at(14)]
    end: Annotated[dt.datetime, WALL_WORDS.at(34)]
    unknown_0x36: Annotated[int, U16.at(54)] = 0
    unknown_0x38: Annotated[int, U16.at(56)] = 0
    unknown_0x3a: Annotated[int, U8.at(58)] = 1  # always 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSearchReply(Message):
    """461: how many there are."""

    SIZE: ClassVar[int] = 32
    MIN_SIZE: ClassVar[int] = 8

    command: Annotated[int, I32.at(0)] = CardCommand.SEGMENT_SEARCH_REPLY
    result: Annotated[int, I32.at(4)]
    count: Annotated[int, U16.at(8)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentListRequest(Message):
    """362: lets the rows of the search come."""

    SIZE: ClassVar[int] = 32

    command: Annotated[int, I32.at(0)] = CardCommand.SEGMENT_LIST


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentBlock(Message):
    """462: `count` rows of 13 bytes."""

    SIZE: ClassVar[int] = BLOCK_BYTES
    MIN_SIZE: ClassVar[int] = BLOCK_HEADER_BYTES

    command: Annotated[int, I32.at(0)] = CardCommand.SEGMENT_BLOCK
    flag: Annotated[int, U16.at(4)] = 0
    count: Annotated[int, U16.at(6)]
    rows: Annotated[bytes, blob(BLOCK_ROWS_BYTES).at(8)] = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentOpen(Message):
    """363: opens one recording at a time within it."""

    SIZE: ClassVar[int] = 64

    command: Annotated[int, I32.at(0)] = CardCommand.SEGMENT_OPEN
    device_id: Annotated[int, I32.at(4)]
    ticket: Annotated[int, I32.at(8)] = field(repr=False)
    number: Annotated[int, I32.at(12)]
    position: Annotated[dt.datetime, WALL_BYTES.at(16)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentOpenReply(Message):
    """463."""

    SIZE: ClassVar[int] = 64
    MIN_SIZE: ClassVar[int] = 18

    command: Annotated[int, I32.at(0)] = CardCommand.SEGMENT_OPEN_REPLY
    result: Annotated[int, I32.at(4)]
    number: Annotated[int, I32.at(8)] = 0
    width: Annotated[int, I16.at(14)] = 0
    height: Annotated[int, I16.at(16)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentControl(Message):
    """364: starts, seeks, acknowledges or stops; `note` marks the records of one start."""

    SIZE: ClassVar[int] = 32

    command: Annotated[int, I32.at(0)] = CardCommand.SEGMENT_CONTROL
    action: Annotated[int, U8.at(4)]
    note: Annotated[int, U8.at(5)]
    batch: Annotated[int, U16.at(6)] = ACK_BATCH
    last_frame_id: Annotated[int, U32.at(8)] = 0
    number: Annotated[int, I32.at(12)]
    position: Annotated[dt.datetime, WALL_BYTES.at(16)]
    last_packet: Annotated[int, U16.at(23)] = 0


def decode_block(data: bytes) -> tuple[list[CardEntry], bool]:
    """The rows of a 462, and whether it is the last one."""
    block = SegmentBlock.decode(data)
    if block.count > MAX_BLOCK_ROWS:
        raise RemoteProtocolError(f"a list block claims {block.count} rows, {MAX_BLOCK_ROWS} fit")
    rows = ROW.iter_unpack(block.rows[: block.count * ROW.size])
    entries = [
        CardEntry(
            number=number, kind=kind, start=from_wall_seconds(start), end=from_wall_seconds(end)
        )
        for number, kind, start, end in rows
    ]
    return entries, block.flag == LAST_BLOCK


def encode_block(entries: Sequence[CardEntry], *, is_last: bool) -> bytes:
    """A 462 with at most MAX_BLOCK_ROWS rows."""
    rows = b"".join(
        ROW.pack(entry.number, entry.kind, to_wall_seconds(entry.start), to_wall_seconds(entry.end))
        for entry in entries
    )
    flag = LAST_BLOCK if is_last else 0
    return SegmentBlock(flag=flag, count=len(entries), rows=rows).encode()
