"""What a camera says that it can do, in its reply to a log-in (PROTOCOL.md, section 2b)."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from v380cli.wire.layout import U8, Annotated, Message


class Light(IntEnum):
    """How the light is switched."""

    NONE = 0
    ON = 1
    OFF = 2
    AUTO = 3


class ColorMode(IntEnum):
    """What the picture looks like."""

    NONE = 0
    COLOR = 1
    BLACK_AND_WHITE = 2
    AUTO = 3


class Tracking(IntEnum):
    """Whether the camera turns after what moves."""

    NONE = 0
    ON = 1
    OFF = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities(Message):
    """[63] to [102] of 1168; 0 is "not there", and an unknown number stays an int.

    The index k of an ability byte is counted from [71]. One that `is_partial` ends before them, as
    168 and early replies of 1168 do: their zeros say nothing.
    """

    SIZE: ClassVar[int] = 40
    ALWAYS_TOLD: ClassVar[frozenset[str]] = frozenset({"audio", "talk", "ptz", "flip", "presets"})

    channels: Annotated[int, U8.at(0)] = 1
    audio: Annotated[int, U8.at(1)] = 0
    unknown_0x02: Annotated[int, U8.at(2)] = 0
    talk: Annotated[int, U8.at(3)] = 0
    ptz: Annotated[int, U8.at(4)] = 0
    flip: Annotated[int, U8.at(5)] = 0
    presets: Annotated[int, U8.at(6)] = 0
    preset_count: Annotated[int, U8.at(7)] = 0
    light: Annotated[int, U8.at(15)] = Light.NONE
    voice_control: Annotated[int, U8.at(16)] = 0
    color_mode: Annotated[int, U8.at(17)] = ColorMode.NONE
    tracking: Annotated[int, U8.at(18)] = Tracking.NONE
    light_sensitivity: Annotated[int, U8.at(19)] = 0
    zoom: Annotated[int, U8.at(20)] = 0
    is_partial: bool = False

    def tells(self, name: str) -> bool:
        """Whether the camera said anything about the ability of this name."""
        return name in self.ALWAYS_TOLD or not self.is_partial
