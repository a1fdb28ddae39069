"""Light and motion sensor: 347 and 348, which have no legacy form (PROTOCOL.md, section 5b)."""

from dataclasses import dataclass
from typing import ClassVar

from v380cli.wire.commands import SettingCommand
from v380cli.wire.layout import I32, U8, U16, Annotated
from v380cli.wire.settings.exchange import GetReply, SettingRequest
from v380cli.wire.settings.subject import Framing, Subject


@dataclass(frozen=True, kw_only=True)
class Light:
    """How the light answers to darkness and motion; the scales are the camera's own."""

    pir_sensitivity: Annotated[int, U8] = 0
    brightness: Annotated[int, U8] = 0
    seconds: Annotated[int, U16] = 0
    photo_sensitivity: Annotated[int, U8] = 0
    motion_sensitivity: Annotated[int, U8] = 0


@dataclass(frozen=True, kw_only=True)
class LightReply(Light, GetReply):
    """447."""

    MIN_SIZE: ClassVar[int] = 15

    command: Annotated[int, I32] = 447


@dataclass(frozen=True, kw_only=True)
class SetLightRequest(Light, SettingRequest):
    """348."""

    command: Annotated[int, I32] = SettingCommand.SET_LIGHT


LIGHT = Subject(
    name="light",
    value=Light,
    framings=(
        Framing(SettingCommand.GET_LIGHT, LightReply, SettingCommand.SET_LIGHT, SetLightRequest),
    ),
)
