"""What is recorded to the card, how large and when: 313, 314, 341 and their legacy forms (5b).

Each switch has two numbers, and which of them means "on" is inferred from their order.
"""

from dataclasses import dataclass
from typing import ClassVar

from v380cli.wire.commands import SettingCommand
from v380cli.wire.layout import I16, I32, U8, U16, Annotated, blob
from v380cli.wire.settings.exchange import (
    Form,
    GetReply,
    LegacyGetReply,
    LegacySettingRequest,
    SettingExchange,
    SettingLogin,
    SettingReply,
    SettingRequest,
)
from v380cli.wire.settings.subject import (
    Framing,
    Subject,
    Word,
    make_legacy_request,
    make_request_head,
    words,
)

FORMAT_TIMEOUT_S = 60.0  # no source says how long a large card takes


class RecordSwitch(Word):
    """Whether it records, always or on an alarm."""

    ON = 1100
    OFF = 1200


class WhenFull(Word):
    """What it does when the card is full."""

    OVERWRITE = 1300
    STOP = 1400


class PictureSize(Word):
    """How large it records; 1001 to 1006 are inferred from the order of the flags."""

    P1080 = 1000
    P720 = 1001
    D1 = 1002
    VGA = 1003
    CIF = 1004
    QVGA = 1005
    QCIF = 1006
    P960 = 1007

    @property
    def word(self) -> str:
        name = self.name.lower()
        return f"{name[1:]}p" if name.startswith("p") else name


class Sound(Word):
    """Whether recordings have sound."""

    ON = 1000
    OFF = 1001


class CardCondition(Word):
    """What the camera says of its card."""

    GOOD = 10
    NONE = -11
    WRITE_ERROR = -12


SWITCH, WHEN_FULL = words(I32, RecordSwitch), words(I32, WhenFull)
SIZE_CODE, SOUND, CONDITION = words(U16, PictureSize), words(U16, Sound), words(I16, CardCondition)
FLAGGED_SIZES = tuple(PictureSize)[:7]  # 960p has no flag
YES = 1


@dataclass(frozen=True, kw_only=True)
class RecordPlan:
    """What is recorded, and the card; its size and what is free are in a unit of the camera's own.

    `size_flags` has a byte for each of `FLAGGED_SIZES`.
    """

    always: Annotated[RecordSwitch | int, SWITCH] = RecordSwitch.OFF
    on_alarm: Annotated[RecordSwitch | int, SWITCH] = RecordSwitch.OFF
    full: Annotated[WhenFull | int, WHEN_FULL] = WhenFull.OVERWRITE
    card_size: Annotated[int, I32] = 0
    card_free: Annotated[int, I32] = 0
    size_flags: Annotated[bytes, blob(7)] = b""
    size: Annotated[PictureSize | int, SIZE_CODE.after(1)] = PictureSize.P720
    sound: Annotated[Sound | int, SOUND] = Sound.ON
    card: Annotated[CardCondition | int, CONDITION] = CardCondition.NONE
    can_format: Annotated[int, U8] = 0

    @property
    def sizes(self) -> tuple[PictureSize, ...]:
        """The sizes that the camera says it can; none when it does not say."""
        flags = zip(FLAGGED_SIZES, self.size_flags, strict=False)
        return tuple(size for size, flag in flags if flag == YES)


@dataclass(frozen=True, kw_only=True)
class RecordReply(RecordPlan, GetReply):
    """413."""

    MIN_SIZE: ClassVar[int] = 41

    command: Annotated[int, I32] = 413


@dataclass(frozen=True, kw_only=True)
class LegacyRecordReply(RecordPlan, LegacyGetReply):
    """213."""

    MIN_SIZE: ClassVar[int] = 40

    command: Annotated[int, I32] = 213


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRecordRequest(SettingRequest):
    """314."""

    command: Annotated[int, I32] = SettingCommand.SET_RECORD
    always: Annotated[int, SWITCH]
    on_alarm: Annotated[int, SWITCH]
    full: Annotated[int, WHEN_FULL]
    size: Annotated[int, SIZE_CODE]
    sound: Annotated[int, SOUND]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySetRecordRequest(LegacySettingRequest):
    """114."""

    command: Annotated[int, I32] = SettingCommand.LEGACY_SET_RECORD
    always: Annotated[int, SWITCH]
    on_alarm: Annotated[int, SWITCH]
    full: Annotated[int, WHEN_FULL]
    device_id: Annotated[int, I32]
    size: Annotated[int, SIZE_CODE]
    sound: Annotated[int, SOUND]


RECORD = Subject(
    name="record",
    value=RecordPlan,
    framings=(
        Framing(
            SettingCommand.GET_RECORD, RecordReply, SettingCommand.SET_RECORD, SetRecordRequest
        ),
        Framing(
            SettingCommand.LEGACY_GET_RECORD,
            LegacyRecordReply,
            SettingCommand.LEGACY_SET_RECORD,
            LegacySetRecordRequest,
        ),
    ),
)


class FormatExchange(SettingExchange[SettingReply]):
    """341 or 141: the camera answers when it is done, or at once."""

    timeout_s = FORMAT_TIMEOUT_S


def list_format_forms() -> dict[int, Form[SettingReply]]:
    """Wipe the card."""

    def spell(login: SettingLogin) -> FormatExchange:
        return FormatExchange(make_request_head(SettingCommand.FORMAT_CARD, login), SettingReply)

    def spell_legacy(login: SettingLogin) -> FormatExchange:
        request = make_legacy_request(SettingCommand.LEGACY_FORMAT_CARD, login)
        return FormatExchange(request, SettingReply)

    return {SettingCommand.FORMAT_CARD: spell, SettingCommand.LEGACY_FORMAT_CARD: spell_legacy}
