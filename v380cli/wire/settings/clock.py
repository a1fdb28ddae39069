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
from v380cli.wire.settings.exchange import (
    GetReply,
    LegacyGetReply,
    LegacySettingRequest,
    SettingRequest,
)
from v380cli.wire.settings.subject import Framing, Subject

TIME_TEXT = text(32)
NUMBERS = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})\D+(\d{1,2})\D(\d{1,2})\D(\d{1,2})")


@dataclass(frozen=True, kw_only=True)
class Clock:
    """What the clock shows, as text, and four numbers that nobody has explained."""

    format: Annotated[int, I32] = 0
    text: Annotated[str, TIME_TEXT] = ""
    zone: Annotated[int, I32] = 0
    zone_on: Annotated[int, U8] = 0
    zone_offset: Annotated[int, I32] = 0

    @property
    def time(self) -> dt.datetime | None:
        """The camera's wall clock, without a zone; None for a text that is not a time."""
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


@dataclass(frozen=True, kw_only=True)
class ClockReply(Clock, GetReply):
    """415."""

    MIN_SIZE: ClassVar[int] = 32

    command: Annotated[int, I32] = 415


@dataclass(frozen=True, kw_only=True)
class LegacyClockReply(Clock, LegacyGetReply):
    """215."""

    MIN_SIZE: ClassVar[int] = 31

    command: Annotated[int, I32] = 215


@dataclass(frozen=True, kw_only=True)
class SetClockRequest(Clock, SettingRequest):
    """316."""

    command: Annotated[int, I32] = SettingCommand.SET_CLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySetClockRequest(LegacySettingRequest):
    """116."""

    command: Annotated[int, I32] = SettingCommand.LEGACY_SET_CLOCK
    format: Annotated[int, I32]
    text: Annotated[str, TIME_TEXT]
    device_id: Annotated[int, I32]
    zone: Annotated[int, I32]
    zone_on: Annotated[int, U8]
    zone_offset: Annotated[int, I32]


CLOCK = Subject(
    name="clock",
    value=Clock,
    framings=(
        Framing(SettingCommand.GET_CLOCK, ClockReply, SettingCommand.SET_CLOCK, SetClockRequest),
        Framing(
            SettingCommand.LEGACY_GET_CLOCK,
            LegacyClockReply,
            SettingCommand.LEGACY_SET_CLOCK,
            LegacySetClockRequest,
        ),
    ),
)
