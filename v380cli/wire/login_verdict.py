"""What a reply to a log-in means (PROTOCOL.md, sections 2b, 8 and 11)."""

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum

from v380cli.errors import (
    CredentialsRefused,
    DeviceIdRefused,
    Refused,
    RemoteProtocolError,
    UnsupportedFirmware,
    V380Error,
)
from v380cli.wire.abilities import Abilities
from v380cli.wire.commands import Command, Result
from v380cli.wire.login_messages import LOGIN_REPLY_MIN_BYTES, LegacyLoginReply, LoginReply

# From here on media are encrypted, and the log-in has its newer spelling (sections 2b and 11).
NEWER_DEVICE_VERSION = 31
LEGACY_NAME = "legacy"
# Some firmware ends its reply early (section 11). One that reaches this far says what it can do.
ABILITIES_END = 71
ALL_ABILITIES_END = 84  # of the last ability byte that is known, zoom


OLDER_CAMERA_HINT = (
    "the device password is meant (on its sticker, or set in the app's device settings), "
    "not the one of the app account"
)
# Said by three owners (section 11).
NEWER_CAMERA_HINT = (
    "newer cameras have their device id as user, and a random device password until you set one: "
    "in the app, gear, Password, Change Device Password"
)
NOT_VERIFIED = (
    f"the camera did not verify the log-in ({Result.VERIFY_FAILED:d}): "
    "the password may be wrong, or the camera cannot verify anybody now"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginTicket:
    """What a log-in yields: the right to open streams, and what the camera says of itself."""

    ticket: int = field(repr=False)
    session: int = field(default=0, repr=False)
    device_version: int = 0
    device_type: int = 0
    mount: int = 0
    panorama_radius: int = 0
    domain: str = ""
    abilities: Abilities | None = None  # None: it did not say
    channels: int = 1
    variant_name: str

    @property
    def encrypts_media(self) -> bool:
        return self.device_version >= NEWER_DEVICE_VERSION


class Dimension(StrEnum):
    """What a refusal points at; the values are the fields of `LoginVariant`."""

    VERSION = "version"
    USER = "user"
    PASSWORD = "password"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Refusal:
    """A no: what to raise, and what to spell differently before that, if anything.

    `device_version` is 0 where the camera did not tell it.
    """

    error: V380Error
    points_at: Dimension | None = None
    device_version: int = 0


def judge_reply(data: bytes, variant_name: str) -> LoginTicket | Refusal:
    """Read the reply to a log-in in that variant; RemoteProtocolError when it is none."""
    if len(data) < 4:
        raise RemoteProtocolError(f"the camera answered the log-in with {len(data)} bytes only")
    command = int.from_bytes(data[:4], "little", signed=True)
    if command in (Command.UNSUPPORTED, Command.UNSUPPORTED_SETTING):
        error = UnsupportedFirmware("the camera takes none of the log-ins that are known")
        return Refusal(error, Dimension.VERSION, _read_device_version(data, variant_name))
    is_legacy = variant_name == LEGACY_NAME
    if command != (Command.LEGACY_LOGIN_REPLY if is_legacy else Command.LOGIN_REPLY):
        raise RemoteProtocolError(f"the camera answered the log-in with message {command}")
    if is_legacy:
        return _judge_legacy(LegacyLoginReply.decode(data))
    reply = LoginReply.decode(data)
    verdict = _judge(reply, variant_name, _read_abilities(reply.abilities, len(data)))
    if isinstance(verdict, Refusal):
        return replace(verdict, device_version=reply.device_version)
    return verdict


def _read_device_version(data: bytes, variant_name: str) -> int:
    """The version in a reply that may end before it; 168 has none."""
    is_told = variant_name != LEGACY_NAME and len(data) >= LOGIN_REPLY_MIN_BYTES
    return LoginReply.decode(data).device_version if is_told else 0


def _read_abilities(data: bytes, reply_bytes: int) -> Abilities | None:
    if reply_bytes < ABILITIES_END:
        return None
    return replace(Abilities.decode(data), is_partial=reply_bytes < ALL_ABILITIES_END)


def _judge(
    reply: LoginReply, variant_name: str, abilities: Abilities | None
) -> LoginTicket | Refusal:
    match reply.result:
        case Result.OK:
            return LoginTicket(
                ticket=reply.ticket,
                session=reply.session,
                device_version=reply.device_version,
                device_type=reply.device_type,
                mount=reply.mount,
                panorama_radius=reply.panorama_radius,
                domain=reply.domain,
                abilities=abilities,
                channels=max(1, reply.value // 100),
                variant_name=variant_name,
            )
        case Result.FAILED:
            return _explain_value(reply.value, reply.result)
        case Result.NO_SUCH_USER:
            return _refuse_user(reply.device_version)
        case Result.WRONG_PASSWORD:
            return _refuse_password(device_version=reply.device_version)
        case Result.VERIFY_FAILED:
            return _refuse_password(NOT_VERIFIED, device_version=reply.device_version)
        case Result.WRONG_DEVICE_ID | Result.FAILED_DEVICE_ID:
            return _refuse_device_id()
        case Result.NO_PRIVILEGE:
            return Refusal(Refused("the camera gives this user no right to log in"))
    return Refusal(Refused(f"the camera refused the log-in ({reply.result})"))


def _judge_legacy(reply: LegacyLoginReply) -> LoginTicket | Refusal:
    rest = _find_rest(reply.value)
    if rest == 0:
        return _refuse_user()
    if rest < 0 or rest == 1:
        return _explain_value(reply.value, reply.value)
    return LoginTicket(
        ticket=0,  # 168 hands out none
        abilities=Abilities(
            audio=reply.has_audio,
            talk=reply.has_talk,
            ptz=reply.has_ptz,
            flip=reply.has_flip,
            presets=reply.has_presets,
            preset_count=reply.preset_count,
            is_partial=True,
        ),
        channels=max(1, reply.value // 100),
        variant_name=LEGACY_NAME,
    )


def _explain_value(value: int, number: int) -> Refusal:
    """What the value of a failed log-in says (section 2b)."""
    match _find_rest(value):
        case 1:
            return _refuse_password()
        case -2:
            return _refuse_device_id()
    return Refusal(Refused(f"the camera refused the log-in ({number})"))


def _find_rest(value: int) -> int:
    """`value % 100` with the sign of `value`, as the cameras' C has it."""
    return int(math.fmod(value, 100))


def _refuse_user(device_version: int = 0) -> Refusal:
    error = CredentialsRefused(
        "the camera knows no user of that name",
        hint=NEWER_CAMERA_HINT
        if device_version >= NEWER_DEVICE_VERSION
        else "on most cameras the user is admin",
    )
    return Refusal(error, Dimension.USER)


def _refuse_password(
    sentence: str = "the camera refused the password", *, device_version: int = 0
) -> Refusal:
    is_newer = device_version >= NEWER_DEVICE_VERSION
    error = CredentialsRefused(sentence, hint=NEWER_CAMERA_HINT if is_newer else OLDER_CAMERA_HINT)
    return Refusal(error, Dimension.PASSWORD)


def _refuse_device_id() -> Refusal:
    error = DeviceIdRefused(
        "the camera at this address has another device id", hint="v380 discover shows its id"
    )
    return Refusal(error)
