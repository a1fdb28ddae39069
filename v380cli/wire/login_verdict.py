"""What a reply to a log-in means (PROTOCOL.md, sections 2b, 8 and 11)."""

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum

from v380cli.errors import Refused, RemoteProtocolError, UnsupportedFirmware, V380Error
from v380cli.wire.abilities import Abilities
from v380cli.wire.commands import Command, Result
from v380cli.wire.login_messages import LOGIN_REPLY_MIN_BYTES, LegacyLoginReply, LoginReply
from v380cli.wire.refusals import NUMBER_BYTES, Asked, find_refusal, is_unsupported

# From here on media are encrypted, and the log-in has its newer spelling (sections 2b and 11).
NEWER_DEVICE_VERSION = 31
LEGACY_NAME = "legacy"
# Some firmware ends its reply early (section 11). One that reaches this far says what it can do.
ABILITIES_END = 71
ALL_ABILITIES_END = 84  # of the last ability byte that is known, zoom


# Said by three owners (section 11).
NEWER_CAMERA_HINT = (
    "newer cameras have their device id as user, and a random device password until you set one: "
    "in the app, gear, Password, Change Device Password"
)
# What the value of a failed log-in says, in the numbers of section 8 (section 2b).
REASONS = {1: Result.WRONG_PASSWORD, -2: Result.WRONG_DEVICE_ID}


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


POINTS_AT: dict[int, Dimension] = {
    Result.NO_SUCH_USER: Dimension.USER,
    Result.WRONG_PASSWORD: Dimension.PASSWORD,
    Result.VERIFY_FAILED: Dimension.PASSWORD,
}


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
    if len(data) < NUMBER_BYTES:
        raise RemoteProtocolError(f"the camera answered the log-in with {len(data)} bytes only")
    if is_unsupported(data):
        error = UnsupportedFirmware("the camera takes none of the log-ins that are known")
        return Refusal(error, Dimension.VERSION, _read_device_version(data, variant_name))
    command = int.from_bytes(data[:NUMBER_BYTES], "little", signed=True)
    is_legacy = variant_name == LEGACY_NAME
    if command != (Command.LEGACY_LOGIN_REPLY if is_legacy else Command.LOGIN_REPLY):
        raise RemoteProtocolError(f"the camera answered the log-in with message {command}")
    if is_legacy:
        return _judge_legacy(LegacyLoginReply.decode(data))
    reply = LoginReply.decode(data)
    return _judge(reply, variant_name, _read_abilities(reply.abilities, len(data)))


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
    if reply.result == Result.FAILED:
        number = REASONS.get(_find_rest(reply.value), Result.FAILED)
        return _refuse(number, reply.result, reply.device_version)
    if reply.result != Result.OK:
        return _refuse(reply.result, reply.result, reply.device_version)
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


def _judge_legacy(reply: LegacyLoginReply) -> LoginTicket | Refusal:
    rest = _find_rest(reply.value)
    if rest == 0:
        return _refuse(Result.NO_SUCH_USER, reply.value)
    if rest < 0 or rest == 1:
        return _refuse(REASONS.get(rest, Result.FAILED), reply.value)
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


def _find_rest(value: int) -> int:
    """`value % 100` with the sign of `value`, as the cameras' C has it."""
    return int(math.fmod(value, 100))


def _refuse(number: int, told: int, device_version: int = 0) -> Refusal:
    """The no that a number of section 8 means; `told` is what the camera said itself."""
    what = f"the camera refused the log-in ({told})"
    error = find_refusal(Asked.LOGIN, number) or Refused(what)
    points_at = POINTS_AT.get(number)
    if points_at and device_version >= NEWER_DEVICE_VERSION:
        error.hint = NEWER_CAMERA_HINT
    return Refusal(error, points_at, device_version)
