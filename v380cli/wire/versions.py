"""What runs in the camera, and whether there is something newer: 319, 119, 327 (section 5b)."""

from dataclasses import dataclass
from typing import ClassVar

from v380cli.wire.commands import REPLY_OFFSET, Result, SettingCommand
from v380cli.wire.layout import I32, U8, Annotated, text
from v380cli.wire.settings.exchange import (
    Form,
    GetReply,
    LegacyGetReply,
    SettingLogin,
    SettingReply,
)
from v380cli.wire.settings.subject import (
    Framing,
    ReadExchange,
    Subject,
    make_request_head,
)

LOOK_TIMEOUT_S = 30.0  # the camera asks a server of its vendor meanwhile
DATE = text(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What runs in the camera, as text of its own; dates are as it writes them.

    What `update` and `update_number` say is in no source; `new_name` goes with them.
    """

    app: str = ""
    app_date: str = ""
    kernel: str = ""
    kernel_date: str = ""
    hardware: str = ""
    hardware_date: str = ""
    update: int = 0
    update_number: int = 0
    new_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsReply(GetReply):
    """419."""

    MIN_SIZE: ClassVar[int] = 41

    command: Annotated[int, I32] = 419
    app: Annotated[str, text(32)]
    app_date: Annotated[str, DATE] = ""
    kernel: Annotated[str, text(32)] = ""
    kernel_date: Annotated[str, DATE] = ""
    hardware: Annotated[str, text(32)] = ""
    hardware_date: Annotated[str, DATE] = ""
    update: Annotated[int, U8] = 0
    update_number: Annotated[int, I32] = 0
    new_name: Annotated[str, text(32)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyVersionsReply(LegacyGetReply):
    """219, whose texts are longer."""

    MIN_SIZE: ClassVar[int] = 72

    command: Annotated[int, I32] = 219
    app: Annotated[str, text(64)]
    app_date: Annotated[str, DATE] = ""
    kernel: Annotated[str, text(64)] = ""
    kernel_date: Annotated[str, DATE] = ""
    hardware: Annotated[str, text(64)] = ""
    hardware_date: Annotated[str, DATE] = ""
    update: Annotated[int, U8] = 0
    update_number: Annotated[int, I32] = 0
    new_name: Annotated[str, text(32)] = ""


VERSIONS = Subject(
    name="versions",
    value=Versions,
    framings=(
        Framing(SettingCommand.GET_VERSIONS, VersionsReply),
        Framing(SettingCommand.LEGACY_GET_VERSIONS, LegacyVersionsReply),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What the vendor offers in place of what runs; a `new_number` of 0 is nothing."""

    number: int = 0
    name: str = ""
    date: str = ""
    new_number: int = 0
    new_name: str = ""
    new_date: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReply(GetReply):
    """427."""

    MIN_SIZE: ClassVar[int] = 69

    command: Annotated[int, I32] = 427
    number: Annotated[int, I32] = 0
    name: Annotated[str, text(32)] = ""
    date: Annotated[str, text(20)] = ""
    new_number: Annotated[int, I32] = 0
    new_name: Annotated[str, text(32)] = ""
    new_date: Annotated[str, text(20)] = ""
    notes: Annotated[str, text(64)] = ""


class UpdateExchange(ReadExchange[Update]):
    """327: the camera looks for an update on the internet; 1019 says that there is none."""

    timeout_s = LOOK_TIMEOUT_S

    def _read_reply(self) -> Update:
        head = SettingReply.decode(self._received)
        is_answer = head.command == SettingCommand.LOOK_FOR_UPDATE + REPLY_OFFSET
        if is_answer and Result.NO_NEW_VERSION in (head.result, head.reason):
            return Update()
        return super()._read_reply()


def list_update_forms() -> dict[int, Form[Update]]:
    """Look for an update; there is no legacy form."""

    def spell(login: SettingLogin) -> UpdateExchange:
        request = make_request_head(SettingCommand.LOOK_FOR_UPDATE, login)
        return UpdateExchange(request, UpdateReply, Update)

    return {SettingCommand.LOOK_FOR_UPDATE: spell}
