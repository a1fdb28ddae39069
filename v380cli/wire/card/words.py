"""The SD card's words, common to both generations of its protocol (PROTOCOL.md, section 3).

All times are the camera's wall clock: naive datetimes. What zone they are in, the camera does not
say.
"""

import datetime as dt
import struct
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from typing import Final, Literal, NamedTuple

from v380cli.errors import Refused, RemoteProtocolError
from v380cli.wire.layout import Codec

SEGMENT_DEVICE_VERSION = 3  # from here on the segment protocol is spoken, below the legacy one
EPOCH = dt.datetime(1970, 1, 1)
YEARS = range(1970, 2106)  # of what the segment protocol's u32 can say; others are no time
ALL_KINDS = 0
ACK_BATCH = 100  # what the vendor's app uses; 200 works too (section 11)
# A card that holds an event every four seconds of a day is none; no day has more rows than this.
MAX_ROWS = 20_000


class RecordingKind(IntEnum):
    """Why it was recorded."""

    NORMAL = 1
    MOTION = 2
    ALARM = 3


class PlaybackMagic(IntEnum):
    """The first byte of a record on a playback connection."""

    MEDIA = 0x7F
    PARAMETERS = 0x1F
    ALIVE = 0x6F
    FINISHED = 0xEF


class NoCard(Refused):
    """There is no card in the camera."""

    code = "no_card"


class CardFailed(Refused):
    """The camera cannot read its card."""

    code = "card_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardEntry:
    """A recording on the card; `name` and `size_bytes` are told by the legacy protocol only."""

    number: int
    kind: int
    start: dt.datetime
    end: dt.datetime
    name: str = ""
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class PlaybackOpened:
    """The camera begins to play; 0 for what it did not tell.

    `frame_total` and `fps` are told by the legacy protocol only.
    """

    width: int
    height: int
    frame_total: int = 0
    fps: int = 0


class CardFrame(NamedTuple):
    """One whole media frame in clear; `timestamp_ms` None for legacy frames without one."""

    frame_id: int
    frame_type: int
    timestamp_ms: int | None
    payload: bytes


class PlaybackEnd(Enum):
    """The type of `FINISHED`."""

    FINISHED = auto()


FINISHED: Final = PlaybackEnd.FINISHED
Finished = Literal[PlaybackEnd.FINISHED]


class WallWords(Codec[dt.datetime]):
    """Six u16: year, month, day, hour, minute, second."""

    _STRUCT = struct.Struct("<6H")

    def __init__(self) -> None:
        super().__init__(self._STRUCT.size)

    def pack(self, value: dt.datetime) -> bytes:
        return self._STRUCT.pack(*value.timetuple()[:6])

    def unpack(self, data: bytes) -> dt.datetime:
        return _make_time(*self._STRUCT.unpack(data))


class WallBytes(Codec[dt.datetime]):
    """A u16 year, then month, day, hour, minute and second in a byte each."""

    _STRUCT = struct.Struct("<H5B")

    def __init__(self) -> None:
        super().__init__(self._STRUCT.size)

    def pack(self, value: dt.datetime) -> bytes:
        return self._STRUCT.pack(*value.timetuple()[:6])

    def unpack(self, data: bytes) -> dt.datetime:
        return _make_time(*self._STRUCT.unpack(data))


WALL_WORDS = WallWords()
WALL_BYTES = WallBytes()


def _make_time(*parts: int) -> dt.datetime:
    year, month, day, hour, minute, second = parts
    try:
        return dt.datetime(year, month, day, hour, minute, second)
    except ValueError:
        raise RemoteProtocolError("a time that no calendar has") from None


def from_wall_seconds(seconds: int) -> dt.datetime:
    """A wall clock time that is stored as if it were UTC (section 3b)."""
    return EPOCH + dt.timedelta(seconds=seconds)


def to_wall_seconds(time: dt.datetime) -> int:
    """The reverse of `from_wall_seconds`."""
    return (time - EPOCH) // dt.timedelta(seconds=1)
