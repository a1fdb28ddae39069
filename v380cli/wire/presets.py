"""Stored positions: add, set and delete them (PROTOCOL.md, section 5b); to go to one is a control.

The vendor's app shows the position with id 0 as number 1 (DEMO NVPlayerPlayActivity.java,
PTZXPiontAdapter). No message lists those that are stored.
"""

from dataclasses import dataclass
from typing import ClassVar

from v380cli.wire.commands import Command
from v380cli.wire.control import PresetAction
from v380cli.wire.layout import I32, Annotated
from v380cli.wire.settings.exchange import (
    Form,
    LegacySettingRequest,
    SettingExchange,
    SettingLogin,
    SettingReply,
    SettingRequest,
)

LEGACY_PRESET_REPLY_BYTES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPresetsRequest(SettingRequest):
    """329."""

    command: Annotated[int, I32] = Command.EDIT_PRESETS
    action: Annotated[int, I32]
    preset_id: Annotated[int, I32]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyEditPresetsRequest(LegacySettingRequest):
    """129, which is shorter than its like."""

    SIZE: ClassVar[int] = 256

    command: Annotated[int, I32] = Command.LEGACY_EDIT_PRESETS
    action: Annotated[int, I32]
    preset_id: Annotated[int, I32]
    device_id: Annotated[int, I32]


def list_preset_forms(action: PresetAction, preset_id: int) -> dict[int, Form[SettingReply]]:
    """Change one stored position."""

    def spell(login: SettingLogin) -> SettingExchange[SettingReply]:
        request = EditPresetsRequest(
            device_id=login.device_id, ticket=login.ticket, action=action, preset_id=preset_id
        )
        return SettingExchange(request, SettingReply)

    def spell_legacy(login: SettingLogin) -> SettingExchange[SettingReply]:
        request = LegacyEditPresetsRequest(
            username=login.username,
            password=login.password.reveal(),
            device_id=login.device_id,
            action=action,
            preset_id=preset_id,
        )
        return SettingExchange(request, SettingReply)

    return {Command.EDIT_PRESETS: spell, Command.LEGACY_EDIT_PRESETS: spell_legacy}
