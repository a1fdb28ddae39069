"""Light and motion sensor: 347 and 348, which have no legacy form (PROTOCOL.md, section 5b)."""

from dataclasses import dataclass
from typing import ClassVar

from v380cli.wire.commands import SettingCommand
from v380cli.wire.layout import I32, U8, U16, Annotated
from v380cli.wire.settings import GetReply, SettingRequest
from v380cli.wire.subject import Framing, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """How the light answers to darkness and motion; the scales are the camera's own."""

    pir_sensitivity: int = 0
    brightness: int = 0
    seconds: int = 0
    photo_sensitivity: int = 0
    motion_sensitivity: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LightReply(GetReply):
    """447."""

    MIN_SIZE: ClassVar[int] = 15

    command: Annotated[int, I32.at(0)] = 447
    pir_sensitivity: Annotated[int, U8.at(9)]
    brightness: Annotated[int, U8.at(10)]
    seconds: Annotated[int, U16.at(11)]
    photo_sensitivity: Annotated[int, U8.at(13)]
    motion_sensitivity: Annotated[int, U8.at(14)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLightRequest(SettingRequest):
    """348."""

    command: Annotated[int, I32.at(0)] = SettingCommand.SET_LIGHT
    pir_sensitivity: Annotated[int, U8.at(13)]
    brightness: Annotated[int, U8.at(14)]
    seconds: Annotated[int, U16.at(15)]
    photo_sensitivity: Annotated[int, U8.at(17)]
    motion_sensitivity: Annotated[int, U8.at(18)]


LIGHT = Subject(
    name="light",
    value=Light,
    framings=(
        Framing(
            get=SettingCommand.GET_LIGHT,
            reply=LightReply,
            set=SettingCommand.SET_LIGHT,
            request=SetLightRequest,
        ),
    ),
)
