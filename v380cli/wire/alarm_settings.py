"""Alarm, motion and arming: 321, 322, 344 and their legacy forms (PROTOCOL.md, section 5b).

The labels of the later switches are inferred. A change sends everything that was read, windows and
grid included, four bytes further on than where it was read.
"""

from dataclasses import dataclass
from typing import ClassVar

from v380cli.wire.commands import SettingCommand
from v380cli.wire.layout import I32, U8, Annotated, blob
from v380cli.wire.settings import GetReply, LegacyGetReply, LegacySettingRequest, SettingRequest
from v380cli.wire.subject import (
    Framing,
    Subject,
    Word,
    words,
)


class Switch(Word):
    """On or off; a camera without the thing says neither."""

    ON = 1000
    OFF = 1001


class Language(Word):
    """What the camera speaks."""

    CHINESE = 1000
    ENGLISH = 1100


SWITCH, LANGUAGE = words(I32, Switch), words(I32, Language)
WINDOWS, WINDOW_BYTES = blob(21), 7  # three times of the day, whose bytes no source explains
GRID = blob(176)  # as much of it as a change has room for


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What raises an alarm, and what the camera does then.

    `windows` and `grid` are carried as they are; `rows` and `columns` are those of the grid.
    """

    has_voice: Switch | int = Switch.OFF
    voice: Switch | int = Switch.OFF
    voice_on_alarm: Switch | int = Switch.OFF
    language: Language | int = Language.ENGLISH
    has_io: Switch | int = Switch.OFF
    io_mode: int = 0
    has_alarm: Switch | int = Switch.ON
    alarm: Switch | int = Switch.OFF
    motion: Switch | int = Switch.OFF
    pir: Switch | int = Switch.OFF
    smoke: Switch | int = Switch.OFF
    can_schedule: int = 0
    window_count: int = 0
    windows: bytes = b""
    rows: int = 0
    columns: int = 0
    grid: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arming:
    """The alarm's main switch, as the vendor's app has it on a button."""

    alarm: Switch | int = Switch.OFF


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmReply(GetReply):
    """421."""

    MIN_SIZE: ClassVar[int] = 53

    command: Annotated[int, I32.at(0)] = 421
    has_voice: Annotated[int, SWITCH.at(9)]
    voice: Annotated[int, SWITCH.at(13)]
    voice_on_alarm: Annotated[int, SWITCH.at(17)]
    language: Annotated[int, LANGUAGE.at(21)]
    has_io: Annotated[int, SWITCH.at(25)]
    io_mode: Annotated[int, I32.at(29)]
    has_alarm: Annotated[int, SWITCH.at(33)]
    alarm: Annotated[int, SWITCH.at(37)]
    motion: Annotated[int, SWITCH.at(41)]
    pir: Annotated[int, SWITCH.at(45)]
    smoke: Annotated[int, SWITCH.at(49)]
    can_schedule: Annotated[int, U8.at(53)] = 0
    window_count: Annotated[int, U8.at(54)] = 0
    windows: Annotated[bytes, WINDOWS.at(55)] = b""
    rows: Annotated[int, U8.at(76)] = 0
    columns: Annotated[int, U8.at(77)] = 0
    grid: Annotated[bytes, GRID.at(78)] = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyAlarmReply(LegacyGetReply):
    """221; the place of the number of windows is inferred."""

    MIN_SIZE: ClassVar[int] = 52

    command: Annotated[int, I32.at(0)] = 221
    has_voice: Annotated[int, SWITCH.at(8)]
    voice: Annotated[int, SWITCH.at(12)]
    voice_on_alarm: Annotated[int, SWITCH.at(16)]
    language: Annotated[int, LANGUAGE.at(20)]
    has_io: Annotated[int, SWITCH.at(24)]
    io_mode: Annotated[int, I32.at(28)]
    has_alarm: Annotated[int, SWITCH.at(32)]
    alarm: Annotated[int, SWITCH.at(36)]
    motion: Annotated[int, SWITCH.at(40)]
    pir: Annotated[int, SWITCH.at(44)]
    smoke: Annotated[int, SWITCH.at(48)]
    can_schedule: Annotated[int, U8.at(52)] = 0
    window_count: Annotated[int, U8.at(53)] = 0
    windows: Annotated[bytes, WINDOWS.at(54)] = b""
    rows: Annotated[int, U8.at(75)] = 0
    columns: Annotated[int, U8.at(76)] = 0
    grid: Annotated[bytes, GRID.at(77)] = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAlarmRequest(SettingRequest):
    """322."""

    command: Annotated[int, I32.at(0)] = SettingCommand.SET_ALARM
    has_voice: Annotated[int, SWITCH.at(13)]
    voice: Annotated[int, SWITCH.at(17)]
    voice_on_alarm: Annotated[int, SWITCH.at(21)]
    language: Annotated[int, LANGUAGE.at(25)]
    has_io: Annotated[int, SWITCH.at(29)]
    io_mode: Annotated[int, I32.at(33)]
    has_alarm: Annotated[int, SWITCH.at(37)]
    alarm: Annotated[int, SWITCH.at(41)]
    motion: Annotated[int, SWITCH.at(45)]
    pir: Annotated[int, SWITCH.at(49)]
    smoke: Annotated[int, SWITCH.at(53)]
    has_schedule: Annotated[int, U8.at(57)] = 1
    window_count: Annotated[int, U8.at(58)]
    windows: Annotated[bytes, WINDOWS.at(59)]
    grid: Annotated[bytes, GRID.at(80)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySetAlarmRequest(LegacySettingRequest):
    """122; what is at [104] and [108] is inferred from the row of the reply."""

    command: Annotated[int, I32.at(0)] = SettingCommand.LEGACY_SET_ALARM
    has_voice: Annotated[int, SWITCH.at(68)]
    voice: Annotated[int, SWITCH.at(72)]
    voice_on_alarm: Annotated[int, SWITCH.at(76)]
    language: Annotated[int, LANGUAGE.at(80)]
    has_io: Annotated[int, SWITCH.at(84)]
    io_mode: Annotated[int, I32.at(88)]
    has_alarm: Annotated[int, SWITCH.at(92)]
    alarm: Annotated[int, SWITCH.at(96)]
    motion: Annotated[int, SWITCH.at(100)]
    pir: Annotated[int, SWITCH.at(104)]
    smoke: Annotated[int, SWITCH.at(108)]
    device_id: Annotated[int, I32.at(112)]
    has_schedule: Annotated[int, U8.at(116)] = 1
    window_count: Annotated[int, U8.at(117)]
    windows: Annotated[bytes, WINDOWS.at(118)]
    grid: Annotated[bytes, GRID.at(139)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmRequest(SettingRequest):
    """344."""

    command: Annotated[int, I32.at(0)] = SettingCommand.SET_ARMED
    alarm: Annotated[int, SWITCH.at(13)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyArmRequest(LegacySettingRequest):
    """144; the place of the device id is that of all legacy frames without more arguments."""

    command: Annotated[int, I32.at(0)] = SettingCommand.LEGACY_SET_ARMED
    device_id: Annotated[int, I32.at(68)]
    alarm: Annotated[int, SWITCH.at(72)]


ALARM = Subject(
    name="alarm",
    value=Alarm,
    framings=(
        Framing(
            get=SettingCommand.GET_ALARM,
            reply=AlarmReply,
            set=SettingCommand.SET_ALARM,
            request=SetAlarmRequest,
        ),
        Framing(
            get=SettingCommand.LEGACY_GET_ALARM,
            reply=LegacyAlarmReply,
            set=SettingCommand.LEGACY_SET_ALARM,
            request=LegacySetAlarmRequest,
        ),
    ),
)
ARMING = Subject(
    name="arming",
    value=Arming,
    framings=(
        Framing(
            get=SettingCommand.GET_ALARM,
            reply=AlarmReply,
            set=SettingCommand.SET_ARMED,
            request=ArmRequest,
        ),
        Framing(
            get=SettingCommand.LEGACY_GET_ALARM,
            reply=LegacyAlarmReply,
            set=SettingCommand.LEGACY_SET_ARMED,
            request=LegacyArmRequest,
        ),
    ),
)
