"""Who may log in: 317, 318 and their legacy forms (PROTOCOL.md, section 5b).

The replies show the password in clear; it is not read.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from v380cli.models import Secret
from v380cli.wire.commands import Command, SettingCommand
from v380cli.wire.crypto import PasswordForm, encrypt_password
from v380cli.wire.layout import I32, Annotated, text
from v380cli.wire.settings.exchange import (
    Form,
    GetReply,
    LegacyGetReply,
    SettingExchange,
    SettingLogin,
    SettingReply,
)
from v380cli.wire.settings.subject import Framing, Subject
from v380cli.wire.settings.wifi import LegacySetUserRequest, SetUserRequest


@dataclass(frozen=True, kw_only=True)
class User:
    """The user of a camera, the first if it has several."""

    user_id: Annotated[int, I32.after(8)] = 0
    name: Annotated[str, text(32)] = ""


@dataclass(frozen=True, kw_only=True)
class UserReply(User, GetReply):
    """417."""

    MIN_SIZE: ClassVar[int] = 21

    command: Annotated[int, I32] = 417


@dataclass(frozen=True, kw_only=True)
class LegacyUserReply(User, LegacyGetReply):
    """217."""

    MIN_SIZE: ClassVar[int] = 20

    command: Annotated[int, I32] = 217


USER = Subject(
    name="user",
    value=User,
    framings=(
        Framing(SettingCommand.GET_USER, UserReply),
        Framing(SettingCommand.LEGACY_GET_USER, LegacyUserReply),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The user and the password that a camera is to have; without a name it is who asks.

    `user_id` is for legacy frames.
    """

    user_id: int = 0
    name: str = ""
    password: Secret = field(repr=False)


def list_account_forms(
    account: Account, password_form: PasswordForm, random_key: bytes
) -> dict[int, Form[SettingReply]]:
    """Take a new name or password for the user who asks."""

    def spell(login: SettingLogin) -> SettingExchange[SettingReply]:
        request = SetUserRequest(
            device_id=login.device_id,
            ticket=login.ticket,
            user=account.name or login.username,
            random_key=random_key,
            cipher=encrypt_password(account.password.reveal(), random_key, password_form),
        )
        return SettingExchange(request, SettingReply)

    def spell_legacy(login: SettingLogin) -> SettingExchange[SettingReply]:
        request = LegacySetUserRequest(
            username=login.username,
            password=login.password.reveal(),
            device_id=login.device_id,
            user_id=account.user_id,
            user=account.name or login.username,
            new_password=account.password.reveal(),
        )
        return SettingExchange(request, SettingReply)

    return {Command.SET_USER: spell, Command.LEGACY_SET_USER: spell_legacy}
