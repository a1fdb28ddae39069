"""Messages of the legacy file protocol: device version below 3 (PROTOCOL.md, section 3a)."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from v380cli.wire.card.words import ACK_BATCH, ALL_KINDS, WALL_WORDS, YEARS, CardEntry
from v380cli.wire.commands import CardCommand
from v380cli.wire.layout import I16, I32, U8, U16, Annotated, Message, text

ENTRY_BYTES = 48
MAX_PAGE_ENTRIES = 39  # "count < 40"
ALL_SENT = -1
CONTINUOUS = 0  # as a batch: the camera waits for no acknowledgement
ACK_MODE = 2  # from here on it does
# The date is in the name of a file only: <prefix>_YYYYMMDDhhmmss_<type character>*.avi (3d)
NAMED_TIME = re.compile(r"_(\d{14})(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLogin(Message):
    """154: user and password in clear for the handle of the others."""

    SIZE: ClassVar[int] = 128

    command: Annotated[int, I32.at(0)] = CardCommand.FILE_LOGIN
    user: Annotated[str, text(32).at(4)] = ""
    password: Annotated[str, text(32).at(36)] = field(default="", repr=False)
    device_id: Annotated[int, I32.at(68)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLoginReply(Message):
    """254: the handle, or a negative result."""

    SIZE: ClassVar[int] = 8

    command: Annotated[int, I32.at(0)] = CardCommand.FILE_LOGIN_REPLY
    handle: Annotated[int, I32.at(4)] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSearch(Message):
    """150: which files there are; `received` of `total` continues a listing that broke off (I)."""

    SIZE: ClassVar[int] = 128

    command: Annotated[int, I32.at(0)] = CardCommand.FILE_SEARCH
    handle: Annotated[int, I32.at(4)] = field(repr=False)
    channel: Annotated[int, U8.at(8)] = 0
    kind: Annotated[int, U8.at(9)] = ALL_KINDS
    start: Annotated[dt.datetime, WALL_WORDS.at(10)]
    end: Annotated[dt.datetime, WALL_WORDS.at(30)]
    total: Annotated[int, I32.at(50)] = 0
    received: Annotated[int, I32.at(54)] = 0
    unknown_0x3a: Annotated[int, U8.at(58)] = 1  # always 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePageHeader(Message):
    """250: `count` entries follow; or 260, which only asks for patience."""

    SIZE: ClassVar[int] = 16

    command: Annotated[int, I32.at(0)] = CardCommand.FILE_LIST
    total: Annotated[int, I32.at(4)] = 0
    sent_before: Annotated[int, I32.at(8)] = 0
    count: Annotated[int, I32.at(12)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry(Message):
    """One file of a page; `hour` is read as a byte, since a u16 of it is the same (0-23)."""

    SIZE: ClassVar[int] = ENTRY_BYTES

    number: Annotated[int, I32.at(0)]
    size_bytes: Annotated[int, I32.at(4)]
    name: Annotated[str, text(32).at(8)]
    hour: Annotated[int, U8.at(40)]
    minute: Annotated[int, U8.at(42)]
    second: Annotated[int, U8.at(44)]
    duration_s: Annotated[int, U16.at(46)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlay(Message):
    """152: opens one file."""

    SIZE: ClassVar[int] = 64

    command: Annotated[int, I32.at(0)] = CardCommand.FILE_PLAY
    handle: Annotated[int, I32.at(4)] = field(repr=False)
    number: Annotated[int, I32.at(8)]
    name: Annotated[str, text(50).at(12)]
    unknown_0x3e: Annotated[int, U8.at(62)] = 2  # always 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlayReply(Message):
    """252: it says nothing of success; `length_s` 0 is a file that is not there (I)."""

    SIZE: ClassVar[int] = 64

    command: Annotated[int, I32.at(0)] = CardCommand.FILE_PLAY_REPLY
    length_s: Annotated[int, I32.at(12)] = 0
    frame_total: Annotated[int, I32.at(16)] = 0
    fps: Annotated[int, U16.at(20)] = 0
    width: Annotated[int, I16.at(24)] = 0
    height: Annotated[int, I16.at(26)] = 0
    mode: Annotated[int, U8.at(35)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileControl(Message):
    """158: runs the file from `position_s` on, or acknowledges what came up to a frame."""

    SIZE: ClassVar[int] = 16

    command: Annotated[int, I32.at(0)] = CardCommand.FILE_CONTROL
    position_s: Annotated[int, I32.at(4)] = 0
    last_frame_id: Annotated[int, I32.at(8)] = 0
    batch: Annotated[int, U16.at(12)] = ACK_BATCH


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFinish(Message):
    """159: before the connection is closed."""

    SIZE: ClassVar[int] = 16

    command: Annotated[int, I32.at(0)] = CardCommand.FILE_FINISH
    number: Annotated[int, I32.at(4)] = 0


def decode_entry(data: bytes, kind: int, day: dt.date) -> CardEntry | None:
    """A file on the card; None for a time of day that no clock shows.

    The entry knows neither its kind nor its date: the kind is what was searched for, the date is
    in the name, or else, as where that is not a date, the day that was asked.
    """
    entry = FileEntry.decode(data)
    try:
        time = dt.time(entry.hour, entry.minute, entry.second)
    except ValueError:
        return None
    start = _read_named_time(entry.name) or dt.datetime.combine(day, time)
    return CardEntry(
        number=entry.number,
        kind=kind,
        start=start,
        end=start + dt.timedelta(seconds=entry.duration_s),
        name=entry.name,
        size_bytes=max(0, entry.size_bytes),
    )


def _read_named_time(name: str) -> dt.datetime | None:
    """When a file was begun by its name, None if that does not say or is none."""
    found = NAMED_TIME.search(name)
    try:
        time = dt.datetime.strptime(found[1], "%Y%m%d%H%M%S") if found else None
    except ValueError:
        return None
    return time if time and time.year in YEARS else None


def encode_page(entries: Sequence[CardEntry], *, total: int, sent_before: int) -> bytes:
    """A 250 with at most MAX_PAGE_ENTRIES entries."""
    header = FilePageHeader(total=total, sent_before=sent_before, count=len(entries))
    return header.encode() + b"".join(_encode_entry(entry) for entry in entries)


def _encode_entry(entry: CardEntry) -> bytes:
    return FileEntry(
        number=entry.number,
        size_bytes=entry.size_bytes,
        name=entry.name,
        hour=entry.start.hour,
        minute=entry.start.minute,
        second=entry.start.second,
        duration_s=round((entry.end - entry.start).total_seconds()),
    ).encode()
