"""The camera's clock: 315, 316 and their legacy forms (PROTOCOL.md, section 5b).

The text is local time. What the numbers of the zone mean is in no source; they are carried as
they are.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import ClassVar

from v380cli.wire.commands import SettingCommand
from v380cli.wire.layout import I32, U8, Annotated, text
from v380cli.wire.settings import GetReply, LegacyGetReply, LegacySettingRequest, SettingRequest
from v380cli.wire.subject import Framing, Subject

TIME_TEXT = text(32)
NUMBERS = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})\D+(\d{1,2})\D(\d{1,2})\D(\d{1,2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What the clock shows, as text, and four numbers that nobody has explained."""

    text: str = ""
    format: int = 0
    zone: int = 0
    zone_on: int = 0
    zone_offset: int = 0

    @property
    def time(self) -> dt.datetime | None:
        """The camera's wall clock, without a zone; None for a text that is no time."""
        match = NUMBERS.search(self.text)
        if match is None:
            return None
        year, month, day, hour, minute, second = map(int, match.groups())
        try:
            return dt.datetime(year, month, day, hour, minute, second)
        except ValueError:
            return None


def format_time(time: dt.datetime) -> str:
    """A time as cameras write it: `yyyy-MM-dd HH:mm:ss`, as in a log-in."""
    return f"{time:%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReply(GetReply):
    """415."""

    MIN_SIZE: ClassVar[int] = 32

    command: Annotated[int, I32.at(0)] = 415
    format: Annotated[int, I32.at(9)] = 0
    text: Annotated[str, TIME_TEXT.at(13)]
    zone: Annotated[int, I32.at(45)] = 0
    zone_on: Annotated[int, U8.at(49)] = 0
    zone_offset: Annotated[int, I32.at(50)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyClockReply(LegacyGetReply):
    """215."""

    MIN_SIZE: ClassVar[int] = 31

    command: Annotated[int, I32.at(0)] = 215
    format: Annotated[int, I32.at(8)] = 0
    text: Annotated[str, TIME_TEXT.at(12)]
    zone: Annotated[int, I32.at(44)] = 0
    zone_on: Annotated[int, U8.at(48)] = 0
    zone_offset: Annotated[int, I32.at(49)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetClockRequest(SettingRequest):
    """316."""

    command: Annotated[int, I32.at(0)] = SettingCommand.SET_CLOCK
    format: Annotated[int, I32.at(13)]
    text: Annotated[str, TIME_TEXT.at(17)]
    zone: Annotated[int, I32.at(49)]
    zone_on: Annotated[int, U8.at(53)]
    zone_offset: Annotated[int, I32.at(54)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySetClockRequest(LegacySettingRequest):
    """116."""

    command: Annotated[int, I32.at(0)] = SettingCommand.LEGACY_SET_CLOCK
    format: Annotated[int, I32.at(68)]
    text: Annotated[str, TIME_TEXT.at(72)]
    device_id: Annotated[int, I32.at(104)]
    zone: Annotated[int, I32.at(108)]
    zone_on: Annotated[int, U8.at(112)]
    zone_offset: Annotated[int, I32.at(113)]


CLOCK = Subject(
    name="clock",
    value=Clock,
    framings=(
        Framing(
            get=SettingCommand.GET_CLOCK,
            reply=ClockReply,
            set=SettingCommand.SET_CLOCK,
            request=SetClockRequest,
        ),
        Framing(
            get=SettingCommand.LEGACY_GET_CLOCK,
            reply=LegacyClockReply,
            set=SettingCommand.LEGACY_SET_CLOCK,
            request=LegacySetClockRequest,
        ),
    ),
)
