"""Alarm, motion and arming: 321, 322, 344 and their legacy forms (PROTOCOL.md, section 5b).

The labels of the later switches are inferred. A change sends everything that was read, windows and
grid included, four bytes further on than where it was read.
"""

from dataclasses import dataclass
from typing import ClassVar

from v380cli.wire.commands import SettingCommand
from v380cli.wire.layout import I32, U8, Annotated, blob
from v380cli.wire.settings.exchange import (
    GetReply,
    LegacyGetReply,
    LegacyPlainRequest,
    LegacySettingRequest,
    SettingRequest,
)
from v380cli.wire.settings.subject import Framing, Subject, Word, words


class Switch(Word):
    """On or off; a camera without the thing says neither."""

    ON = 1000
    OFF = 1001


class Language(Word):
    """What the camera speaks."""

    CHINESE = 1000
    ENGLISH = 1100


SWITCH, LANGUAGE = words(I32, Switch), words(I32, Language)
WINDOWS = blob(21)  # three times of the day, seven bytes each, which no source explains
GRID = blob(176)  # as much of it as a change has room for


@dataclass(frozen=True, kw_only=True)
class AlarmSwitches:
    """What stands in this order in every message about alarms."""

    has_voice: Annotated[Switch | int, SWITCH] = Switch.OFF
    voice: Annotated[Switch | int, SWITCH] = Switch.OFF
    voice_on_alarm: Annotated[Switch | int, SWITCH] = Switch.OFF
    language: Annotated[Language | int, LANGUAGE] = Language.ENGLISH
    has_io: Annotated[Switch | int, SWITCH] = Switch.OFF
    io_mode: Annotated[int, I32] = 0
    has_alarm: Annotated[Switch | int, SWITCH] = Switch.ON
    alarm: Annotated[Switch | int, SWITCH] = Switch.OFF
    motion: Annotated[Switch | int, SWITCH] = Switch.OFF
    pir: Annotated[Switch | int, SWITCH] = Switch.OFF
    smoke: Annotated[Switch | int, SWITCH] = Switch.OFF


@dataclass(frozen=True, kw_only=True)
class Alarm(AlarmSwitches):
    """What raises an alarm, and what the camera does then.

    `windows` and `grid` are carried as they are; `rows` and `columns` are those of the grid.
    """

    can_schedule: Annotated[int, U8] = 0
    window_count: Annotated[int, U8] = 0
    windows: Annotated[bytes, WINDOWS] = b""
    rows: Annotated[int, U8] = 0
    columns: Annotated[int, U8] = 0
    grid: Annotated[bytes, GRID] = b""


@dataclass(frozen=True, kw_only=True)
class Arming:
    """The alarm's main switch, as the vendor's app has it on a button."""

    alarm: Annotated[Switch | int, SWITCH] = Switch.OFF


@dataclass(frozen=True, kw_only=True)
class AlarmReply(Alarm, GetReply):
    """421."""

    MIN_SIZE: ClassVar[int] = 53

    command: Annotated[int, I32] = 421


@dataclass(frozen=True, kw_only=True)
class LegacyAlarmReply(Alarm, LegacyGetReply):
    """221; the place of the number of windows is inferred."""

    MIN_SIZE: ClassVar[int] = 52

    command: Annotated[int, I32] = 221


@dataclass(frozen=True, kw_only=True)
class SetAlarmRequest(AlarmSwitches, SettingRequest):
    """322."""

    command: Annotated[int, I32] = SettingCommand.SET_ALARM
    has_schedule: Annotated[int, U8] = 1
    window_count: Annotated[int, U8]
    windows: Annotated[bytes, WINDOWS]
    grid: Annotated[bytes, GRID]


@dataclass(frozen=True, kw_only=True)
class LegacySetAlarmRequest(AlarmSwitches, LegacySettingRequest):
    """122; what is at [104] and [108] is inferred from the row of the reply."""

    command: Annotated[int, I32] = SettingCommand.LEGACY_SET_ALARM
    device_id: Annotated[int, I32]
    has_schedule: Annotated[int, U8] = 1
    window_count: Annotated[int, U8]
    windows: Annotated[bytes, WINDOWS]
    grid: Annotated[bytes, GRID]


@dataclass(frozen=True, kw_only=True)
class ArmRequest(Arming, SettingRequest):
    """344."""

    command: Annotated[int, I32] = SettingCommand.SET_ARMED


@dataclass(frozen=True, kw_only=True)
class LegacyArmRequest(Arming, LegacyPlainRequest):
    """144; the place of the device id is that of all legacy frames without more arguments."""

    command: Annotated[int, I32] = SettingCommand.LEGACY_SET_ARMED


ALARM = Subject(
    name="alarm",
    value=Alarm,
    framings=(
        Framing(SettingCommand.GET_ALARM, AlarmReply, SettingCommand.SET_ALARM, SetAlarmRequest),
        Framing(
            SettingCommand.LEGACY_GET_ALARM,
            LegacyAlarmReply,
            SettingCommand.LEGACY_SET_ALARM,
            LegacySetAlarmRequest,
        ),
    ),
)
ARMING = Subject(
    name="arming",
    value=Arming,
    framings=(
        Framing(SettingCommand.GET_ALARM, AlarmReply, SettingCommand.SET_ARMED, ArmRequest),
        Framing(
            SettingCommand.LEGACY_GET_ALARM,
            LegacyAlarmReply,
            SettingCommand.LEGACY_SET_ARMED,
            LegacyArmRequest,
        ),
    ),
)
