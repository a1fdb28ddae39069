"""Settings: the frames that all of them share, and what a reply means (PROTOCOL.md, section 1a).

    exchange = ...                       one command, on a TCP connection of its own
    send data_to_send(), feed receive_data() until next_event() has the camera's answer

EX requests have 256 bytes; the reply to a GET has as many, that to a SET 32. Legacy frames have
412 both ways and carry user and password in clear.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Generic, Literal, Protocol, TypeVar

from v380cli.errors import Refused, RemoteProtocolError
from v380cli.models import Secret
from v380cli.wire.commands import REPLY_OFFSET, Result
from v380cli.wire.layout import I32, U8, Annotated, Message, text
from v380cli.wire.machine import (
    NEED_DATA,
    REPLY_TIMEOUT_S,
    Machine,
    NeedData,
    RequestMachine,
)
from v380cli.wire.refusals import Asked, check_supported, find_refusal, is_unsupported

EX_REQUEST_BYTES = EX_GET_REPLY_BYTES = 256
EX_SET_REPLY_BYTES = 32
LEGACY_BYTES = 412
REFUSAL_BYTES = 12  # number, result and reason: no more is needed to know a no

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingLogin:
    """Who asks: the ticket of a log-in for EX, user and password for legacy frames."""

    device_id: int
    ticket: int = field(repr=False)
    username: str
    password: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRequest(Message):
    """The head of every EX request; arguments begin at [13]."""

    SIZE: ClassVar[int] = EX_REQUEST_BYTES

    command: Annotated[int, I32]
    device_id: Annotated[int, I32] = 0
    setting_version: Annotated[int, U8] = 1
    ticket: Annotated[int, I32] = field(default=0, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySettingRequest(Message):
    """The head of every legacy request; device id and arguments follow in an order of their own."""

    SIZE: ClassVar[int] = LEGACY_BYTES

    command: Annotated[int, I32]
    username: Annotated[str, text(32)] = ""
    password: Annotated[str, text(32)] = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyPlainRequest(LegacySettingRequest):
    """The head of those whose device id comes first, and all there is to say in most GETs."""

    device_id: Annotated[int, I32]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingReply(Message):
    """The head of every reply, and all there is to say after a SET; `reason` counts after a no."""

    SIZE: ClassVar[int] = EX_SET_REPLY_BYTES
    MIN_SIZE: ClassVar[int] = 8

    command: Annotated[int, I32]
    result: Annotated[int, I32] = Result.OK
    reason: Annotated[int, I32] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GetReply(Message):
    """The head of an EX reply to a GET, once the camera says yes; values begin at [9]."""

    SIZE: ClassVar[int] = EX_GET_REPLY_BYTES

    command: Annotated[int, I32]
    result: Annotated[int, I32] = Result.OK
    setting_version: Annotated[int, U8] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyGetReply(Message):
    """The head of a legacy reply to a GET, once the camera says yes; values begin at [8]."""

    SIZE: ClassVar[int] = LEGACY_BYTES

    command: Annotated[int, I32]
    result: Annotated[int, I32] = Result.OK


R = TypeVar("R", bound=Message)


class Exchange(Machine[T_co], Protocol[T_co]):
    """One settings command; what the camera said is its only event.

    That comes once the reply is whole, and after receive_eof() from what there is, if anything.
    """

    @property
    def timeout_s(self) -> float:
        """How long the whole reply may take."""


Form = Callable[[SettingLogin], Exchange[T_co]]  # one spelling of a command


class SettingExchange(RequestMachine, Generic[R]):
    """A request of either framing, and one reply of a size that is known beforehand."""

    timeout_s = REPLY_TIMEOUT_S

    def __init__(self, request: SettingRequest | LegacySettingRequest, reply_type: type[R]) -> None:
        super().__init__(request.encode())
        self._command = request.command
        self._reply_type = reply_type

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes, but no more than belong to the reply."""
        super().receive_data(data[: self._reply_type.SIZE - len(self._received)])

    def next_event(self) -> R | Literal[NeedData.NEED_DATA]:
        """The reply, once the camera has said yes. Raises a Refused or RemoteProtocolError."""
        return self._read_reply() if self._is_answered else NEED_DATA

    @property
    def _is_answered(self) -> bool:
        """Whether no more of the reply is to be waited for."""
        if self._is_ended or len(self._received) >= self._reply_type.SIZE:
            return bool(self._received)
        is_no = len(self._received) >= REFUSAL_BYTES and self._is_refusal()
        return is_no or is_unsupported(self._received)

    def _read_reply(self) -> R:
        check_reply(self._received, self._command)
        return self._reply_type.decode(self._received)

    def _is_refusal(self) -> bool:
        return SettingReply.decode(self._received).result != Result.OK


def check_reply(data: bytes | bytearray, command: int) -> None:
    """Return when `data` begins a good reply to `command`; else raise what it means."""
    check_supported(data, f"the camera does not know settings command {command}")
    head = SettingReply.decode(data)
    if head.command != command + REPLY_OFFSET:
        raise RemoteProtocolError(
            f"the camera answered settings command {command} with message {head.command}"
        )
    if head.result != Result.OK:
        raise refuse_setting(head.result, head.reason)


def refuse_setting(result: int, reason: int) -> Refused:
    """What a reply other than 1001 means."""
    what = f"the camera refused the setting (result {result}, reason {reason})"
    return find_refusal(Asked.SETTING, reason, result) or Refused(what)
