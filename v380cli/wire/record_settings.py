"""What is recorded to the card, how large and when: 313, 314, 341 and their legacy forms (5b).

Each switch has two numbers, and which of them means "on" is inferred from their order.
"""

from dataclasses import dataclass
from typing import ClassVar

from v380cli.wire.commands import SettingCommand
from v380cli.wire.layout import I16, I32, U8, U16, Annotated, blob
from v380cli.wire.settings import (
    Form,
    GetReply,
    LegacyGetReply,
    LegacySettingRequest,
    SettingExchange,
    SettingLogin,
    SettingReply,
    SettingRequest,
)
from v380cli.wire.subject import (
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPlan:
    """What is recorded, and the card; its size and what is free are in a unit of the camera's own.

    `size_flags` has a byte for each of `FLAGGED_SIZES`.
    """

    always: RecordSwitch | int = RecordSwitch.OFF
    on_alarm: RecordSwitch | int = RecordSwitch.OFF
    full: WhenFull | int = WhenFull.OVERWRITE
    size: PictureSize | int = PictureSize.P720
    sound: Sound | int = Sound.ON
    card: CardCondition | int = CardCondition.NONE
    card_size: int = 0
    card_free: int = 0
    can_format: int = 0
    size_flags: bytes = b""

    @property
    def sizes(self) -> tuple[PictureSize, ...]:
        """The sizes that the camera says it can; none when it does not say."""
        flags = zip(FLAGGED_SIZES, self.size_flags, strict=False)
        return tuple(size for size, flag in flags if flag == YES)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReply(GetReply):
    """413."""

    MIN_SIZE: ClassVar[int] = 41

    command: Annotated[int, I32.at(0)] = 413
    always: Annotated[int, SWITCH.at(9)]
    on_alarm: Annotated[int, SWITCH.at(13)]
    full: Annotated[int, WHEN_FULL.at(17)]
    card_size: Annotated[int, I32.at(21)] = 0
    card_free: Annotated[int, I32.at(25)] = 0
    size_flags: Annotated[bytes, blob(7).at(29)] = b""
    size: Annotated[int, SIZE_CODE.at(37)]
    sound: Annotated[int, SOUND.at(39)]
    card: Annotated[int, CONDITION.at(41)] = CardCondition.NONE
    can_format: Annotated[int, U8.at(43)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyRecordReply(LegacyGetReply):
    """213."""

    MIN_SIZE: ClassVar[int] = 40

    command: Annotated[int, I32.at(0)] = 213
    always: Annotated[int, SWITCH.at(8)]
    on_alarm: Annotated[int, SWITCH.at(12)]
    full: Annotated[int, WHEN_FULL.at(16)]
    card_size: Annotated[int, I32.at(20)] = 0
    card_free: Annotated[int, I32.at(24)] = 0
    size_flags: Annotated[bytes, blob(7).at(28)] = b""
    size: Annotated[int, SIZE_CODE.at(36)]
    sound: Annotated[int, SOUND.at(38)]
    card: Annotated[int, CONDITION.at(40)] = CardCondition.NONE
    can_format: Annotated[int, U8.at(42)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRecordRequest(SettingRequest):
    """314."""

    command: Annotated[int, I32.at(0)] = SettingCommand.SET_RECORD
    always: Annotated[int, SWITCH.at(13)]
    on_alarm: Annotated[int, SWITCH.at(17)]
    full: Annotated[int, WHEN_FULL.at(21)]
    size: Annotated[int, SIZE_CODE.at(25)]
    sound: Annotated[int, SOUND.at(27)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySetRecordRequest(LegacySettingRequest):
    """114."""

    command: Annotated[int, I32.at(0)] = SettingCommand.LEGACY_SET_RECORD
    always: Annotated[int, SWITCH.at(68)]
    on_alarm: Annotated[int, SWITCH.at(72)]
    full: Annotated[int, WHEN_FULL.at(76)]
    device_id: Annotated[int, I32.at(80)]
    size: Annotated[int, SIZE_CODE.at(84)]
    sound: Annotated[int, SOUND.at(86)]


RECORD = Subject(
    name="record",
    value=RecordPlan,
    framings=(
        Framing(
            get=SettingCommand.GET_RECORD,
            reply=RecordReply,
            set=SettingCommand.SET_RECORD,
            request=SetRecordRequest,
        ),
        Framing(
            get=SettingCommand.LEGACY_GET_RECORD,
            reply=LegacyRecordReply,
            set=SettingCommand.LEGACY_SET_RECORD,
            request=LegacySetRecordRequest,
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
