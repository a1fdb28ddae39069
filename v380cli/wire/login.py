"""Log in: the plan that finds the spelling a camera takes (PROTOCOL.md, sections 2b and 11)."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar, Literal

from v380cli.errors import DeviceIdRefused, InvalidInput
from v380cli.models import Secret
from v380cli.wire.crypto import PasswordForm, count_password_bytes, encrypt_password
from v380cli.wire.login_messages import (
    LOGIN_REPLY_MIN_BYTES,
    LOGIN_REPLY_WHOLE_BYTES,
    USER_MAX_BYTES,
    LegacyLoginReply,
    LegacyLoginRequest,
    LoginReply,
    LoginRequest,
)
from v380cli.wire.login_verdict import (
    LEGACY_NAME,
    NEWER_DEVICE_VERSION,
    Dimension,
    LoginTicket,
    Refusal,
    judge_reply,
)
from v380cli.wire.machine import NEED_DATA, NeedData, PatientMachine
from v380cli.wire.refusals import is_unsupported

__all__ = [
    "DEFAULT_VARIANT",
    "LEGACY_VARIANT",
    "LOGIN_REPLY_MIN_BYTES",
    "LOGIN_REPLY_WHOLE_BYTES",
    "LegacyLoginReply",
    "LegacyLoginRequest",
    "LegacyVariant",
    "LoginExchange",
    "LoginPlan",
    "LoginReply",
    "LoginRequest",
    "LoginTicket",
    "LoginVariant",
    "PasswordForm",
    "UserForm",
    "Variant",
    "parse_variant",
]

# Some firmware sends fewer than 256 bytes and keeps the link open: what is there after a
# pause this long is taken for all (PROTOCOL.md, section 11).
QUIET_S = 0.5
REPLY_MAX_BYTES = 4096  # 256 or 520 bytes are known; more than this is not a log-in reply
OLD_VERSION = 2
OLD_REQUEST_BYTES = 256  # all that cameras of version 2 read (section 11)


class UserForm(StrEnum):
    """Who the camera is told; some newer ones want their device id (section 11)."""

    GIVEN = "given"
    DEVICE_ID = "device-id"


@dataclass(frozen=True, slots=True)
class LoginVariant:
    """One spelling of 1167."""

    version: int
    user: UserForm
    password: PasswordForm

    @property
    def name(self) -> str:
        return f"{self.version}-{self.user}-{self.password}"


@dataclass(frozen=True, slots=True)
class LegacyVariant:
    """167, which has one spelling only."""

    name: ClassVar[str] = LEGACY_NAME


Variant = LoginVariant | LegacyVariant

DEFAULT_VARIANT = LoginVariant(31, UserForm.GIVEN, PasswordForm.ZERO48)
# The newest first, as the password's forms: version 31 goes with 48 bytes, 2 with 16 (section 11).
VERSIONS = (DEFAULT_VARIANT.version, OLD_VERSION)
LEGACY_VARIANT = LegacyVariant()


def parse_variant(name: str) -> Variant | None:
    """Read a variant's `name`; None for one that this program does not know."""
    known: list[Variant] = [LEGACY_VARIANT]
    for version in VERSIONS:
        known += [LoginVariant(version, user, form) for user in UserForm for form in PasswordForm]
    return next((variant for variant in known if variant.name == name), None)


class LoginPlan:
    """Which requests to send, one on each new connection, until the camera says yes.

    It begins with the preferred variant, if that is a known one, then with today's, and changes
    what each refusal points at. The first refusal that tells the device version chooses the
    spelling of such cameras. No variant is sent twice, and never another password: at most ten
    requests, and five to a camera that does not change its mind. `local_time` is
    `yyyy-MM-dd HH:mm:ss`; `random_key` makes 16 alphanumerics.
    Raises InvalidInput for a user or a password that no request has room for.
    """

    def __init__(
        self,
        device_id: int,
        username: str,
        password: Secret,
        *,
        preferred_variant: str = "",
        local_time: str,
        random_key: Callable[[], bytes],
    ) -> None:
        self._device_id = device_id
        self._password = password
        self._local_time = local_time
        self._random_key = random_key
        self._users = _list_users(device_id, username)
        self._forms = forms = _list_forms(password)
        self._is_version_known = False
        self._untried: dict[Dimension, list[Any]] = {
            Dimension.VERSION: [OLD_VERSION],
            Dimension.USER: list(self._users)[1:],
            Dimension.PASSWORD: list(forms[1:]),
        }
        self._step: Variant = replace(DEFAULT_VARIANT, password=forms[0])
        preferred = parse_variant(preferred_variant)
        is_usable = isinstance(preferred, LegacyVariant) or (
            preferred is not None and preferred.user in self._users and preferred.password in forms
        )
        self._variant = preferred if preferred and is_usable else self._step
        self._refusals: dict[Variant, Refusal] = {}

    @property
    def variant_name(self) -> str:
        """The spelling that `next_request` has."""
        return self._variant.name

    def next_request(self) -> bytes:
        """The bytes for a new connection."""
        if isinstance(self._variant, LegacyVariant):
            return LegacyLoginRequest(
                user=self._users[UserForm.GIVEN],
                password=self._password.reveal(),
                device_id=self._device_id,
                local_time=self._local_time,
            ).encode()
        random_key = self._random_key()
        request = LoginRequest(
            version=self._variant.version,
            device_id=self._device_id,
            local_time=self._local_time,
            user=self._users[self._variant.user],
            random_key=random_key,
            cipher=encrypt_password(self._password.reveal(), random_key, self._variant.password),
        ).encode()
        return request[:OLD_REQUEST_BYTES] if self._variant.version == OLD_VERSION else request

    def receive_reply(self, data: bytes) -> LoginTicket | None:
        """The ticket, or None to try again with `next_request`.

        When there is nothing left to try it raises what the camera said: a Refused,
        UnsupportedFirmware, or RemoteProtocolError for anything but a reply to a log-in.
        """
        verdict = judge_reply(data, self._variant.name)
        if isinstance(verdict, LoginTicket):
            return verdict
        if isinstance(verdict.error, DeviceIdRefused):
            raise verdict.error
        self._refusals[self._variant] = verdict
        self._heed_version(verdict)
        self._variant = self._step = self._find_next()
        return None

    def _heed_version(self, refusal: Refusal) -> None:
        """Go on with the spelling that cameras of the told device version take."""
        is_about_spelling = refusal.points_at in (Dimension.VERSION, Dimension.PASSWORD)
        if self._is_version_known or not refusal.device_version or not is_about_spelling:
            return
        self._is_version_known = True
        is_newer = refusal.device_version >= NEWER_DEVICE_VERSION
        version, *other_versions = VERSIONS if is_newer else reversed(VERSIONS)
        form, *other_forms = self._forms if is_newer else reversed(self._forms)
        user = self._variant.user if isinstance(self._variant, LoginVariant) else UserForm.GIVEN
        self._step = LoginVariant(version, user, form)
        self._untried[Dimension.VERSION] = other_versions
        self._untried[Dimension.PASSWORD] = other_forms

    def _find_next(self) -> Variant:
        """Follow the refusals from the current step to a variant that was not sent yet."""
        variant = self._step
        while refusal := self._refusals.get(variant):
            variant = self._change(variant, refusal)
        return variant

    def _change(self, variant: Variant, refusal: Refusal) -> Variant:
        if isinstance(variant, LegacyVariant) or refusal.points_at is None:
            raise refusal.error
        if untried := self._untried[refusal.points_at]:
            return replace(variant, **{refusal.points_at: untried.pop(0)})
        if refusal.points_at is Dimension.VERSION:
            return LEGACY_VARIANT
        raise refusal.error


class LoginExchange(PatientMachine):
    """One request of a plan and its reply, of a length that is not known; the event is its bytes.

    It is whole, ended by the camera, or followed by quiet.
    """

    @property
    def reply(self) -> bytes:
        """What has come of it."""
        return bytes(self._received)

    @property
    def may_be_whole(self) -> bool:
        """Whether a reply may end here."""
        return len(self._received) >= LOGIN_REPLY_MIN_BYTES or is_unsupported(self._received)

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes, but no more than a reply may have."""
        super().receive_data(data[: REPLY_MAX_BYTES - len(self._received)])

    def next_event(self) -> bytes | Literal[NeedData.NEED_DATA]:
        """The reply."""
        is_whole = len(self._received) >= LOGIN_REPLY_WHOLE_BYTES
        return self.reply if is_whole or (self._is_ended and self.reply) else NEED_DATA

    @property
    def _patience_s(self) -> float:
        return QUIET_S if self.may_be_whole else math.inf


def _list_users(device_id: int, username: str) -> dict[UserForm, str]:
    """The texts to try as user, none of them twice."""
    if len(username.encode(errors="replace")) > USER_MAX_BYTES:
        raise InvalidInput(f"the user name is longer than {USER_MAX_BYTES} bytes")
    users = {UserForm.GIVEN: username}
    if device_id and username != str(device_id):
        users[UserForm.DEVICE_ID] = str(device_id)
    return users


def _list_forms(password: Secret) -> list[PasswordForm]:
    """The forms that have room for a password."""
    size = count_password_bytes(password.reveal())
    if size is None:
        raise InvalidInput("the password has characters that cannot be sent")
    forms = [form for form in PasswordForm if size <= form.max_password_bytes]
    if not forms:
        limit = max(form.max_password_bytes for form in PasswordForm)
        raise InvalidInput(f"the password is longer than the {limit} bytes a camera takes")
    return forms
