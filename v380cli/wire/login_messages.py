"""Log-in messages: 1167 and the legacy 167 (PROTOCOL.md, sections 2b and 11)."""

from dataclasses import dataclass, field
from typing import ClassVar

from v380cli.wire.commands import Command
from v380cli.wire.layout import I16, I32, U8, U16, Annotated, Message, blob, text

LOGIN_REPLY_WHOLE_BYTES = 256  # what cameras send; 520 through a relay (section 11)
LOGIN_REPLY_MIN_BYTES = 23  # up to the last field that a log-in needs
USER_MAX_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRequest(Message):
    """1167: `cipher` is the password's ciphertext (`wire.crypto`), keyed by `random_key`."""

    SIZE: ClassVar[int] = 520

    command: Annotated[int, I32.at(0)] = Command.LOGIN
    unknown_0x04: Annotated[int, I32.at(4)] = 120  # always 120
    version: Annotated[int, U8.at(8)] = 31
    account_id: Annotated[int, I32.at(9)] = 1  # 10 in the vendor's SDK, 1 in newer clients
    device_id: Annotated[int, I32.at(13)]
    local_time: Annotated[str, text(32).at(17)] = ""
    user: Annotated[str, text(32).at(49)] = ""
    random_key: Annotated[bytes, blob(16).at(81)] = field(default=b"", repr=False)
    cipher: Annotated[bytes, blob(64).at(97)] = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginReply(Message):
    """1168: cameras send 256 bytes, some more, some fewer (section 11)."""

    SIZE: ClassVar[int] = LOGIN_REPLY_WHOLE_BYTES
    MIN_SIZE: ClassVar[int] = LOGIN_REPLY_MIN_BYTES

    command: Annotated[int, I32.at(0)] = Command.LOGIN_REPLY
    result: Annotated[int, I32.at(4)]
    value: Annotated[int, I32.at(8)] = 0
    device_version: Annotated[int, U8.at(12)] = 0
    ticket: Annotated[int, I32.at(13)] = field(default=0, repr=False)
    session: Annotated[int, I32.at(17)] = field(default=0, repr=False)
    device_type: Annotated[int, U8.at(21)] = 0
    mount: Annotated[int, U8.at(22)] = 0
    vendor: Annotated[int, U16.at(23)] = 0
    has_domain: Annotated[int, U8.at(25)] = 0
    domain: Annotated[str, text(32).at(27)] = ""
    device_id: Annotated[int, I32.at(59)] = 0
    abilities: Annotated[bytes, blob(40).at(63)] = b""
    panorama_x: Annotated[int, I16.at(103)] = 0
    panorama_y: Annotated[int, I16.at(105)] = 0
    panorama_radius: Annotated[int, I16.at(107)] = 0
    unknown_0x6e: Annotated[bytes, blob(3).at(110)] = bytes(3)  # 10 01 01 seen


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyLoginRequest(Message):
    """167: user and password in clear, for cameras that know nothing newer."""

    SIZE: ClassVar[int] = 520

    command: Annotated[int, I32.at(0)] = Command.LEGACY_LOGIN
    unknown_0x04: Annotated[int, I32.at(4)] = 120
    user: Annotated[str, text(50).at(8)] = ""
    password: Annotated[str, text(50).at(58)] = field(default="", repr=False)
    device_id: Annotated[int, I32.at(108)]
    local_time: Annotated[str, text(32).at(112)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyLoginReply(Message):
    """168: `value // 100` channels; `value % 100` says what went wrong, or the permissions."""

    SIZE: ClassVar[int] = 256
    MIN_SIZE: ClassVar[int] = 12

    command: Annotated[int, I32.at(0)] = Command.LEGACY_LOGIN_REPLY
    result: Annotated[int, I32.at(4)] = 0
    value: Annotated[int, I32.at(8)] = 0
    has_audio: Annotated[int, U8.at(48)] = 0
    has_talk: Annotated[int, U8.at(49)] = 0
    has_ptz: Annotated[int, U8.at(50)] = 0
    has_flip: Annotated[int, U8.at(51)] = 0
    has_presets: Annotated[int, U8.at(52)] = 0
    preset_count: Annotated[int, U8.at(53)] = 0
