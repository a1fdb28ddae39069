"""Subjects of settings: a value, and the messages that carry it in both framings (section 5b).

    forms = RECORD.list_get_forms()      run the first that the camera knows: a RecordPlan
    forms = RECORD.list_set_forms(plan)  the same, for a change

A value is a frozen dataclass whose fields say how they are written. A message that carries them in
the value's own order inherits from it; what it has besides (command, ticket, user) stays out of the
value. Fields of one name are one thing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, Generic, TypeVar

from v380cli.wire.commands import SettingCommand
from v380cli.wire.layout import Codec, Message
from v380cli.wire.settings.exchange import (
    Form,
    GetReply,
    LegacyGetReply,
    LegacyPlainRequest,
    LegacySettingRequest,
    SettingExchange,
    SettingLogin,
    SettingReply,
    SettingRequest,
)

V = TypeVar("V")


class Word(IntEnum):
    """A number of the wire that has a name; `word` is how people and files spell it."""

    @property
    def word(self) -> str:
        return self.name.lower().replace("_", "-")


class Words(Codec[int]):
    """An integer that is one of `kind`; a number that nobody knows stays an int."""

    def __init__(self, codec: Codec[int], kind: type[Word]) -> None:
        super().__init__(codec.size)
        object.__setattr__(self, "_codec", codec)
        object.__setattr__(self, "_known", {int(word): word for word in kind})

    _codec: Codec[int]
    _known: dict[int, Word]

    def pack(self, value: int) -> bytes:
        return self._codec.pack(value)

    def unpack(self, data: bytes) -> int:
        number = self._codec.unpack(data)
        return self._known.get(number, number)


def words(codec: Codec[int], kind: type[Word]) -> Words:
    """`codec` with the names of `kind`."""
    return Words(codec, kind)


@dataclass(frozen=True, slots=True)
class Framing:
    """How one family of firmware reads a subject and, if it can be changed, sets it."""

    get: SettingCommand
    reply: type[GetReply | LegacyGetReply]
    set: SettingCommand | None = None
    request: type[Message] | None = None

    @property
    def is_legacy(self) -> bool:
        return issubclass(self.reply, LegacyGetReply)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject(Generic[V]):
    """One thing that a camera can be asked and told; `framings` come newest first."""

    name: str
    value: type[V]
    framings: tuple[Framing, ...]

    def list_get_forms(self) -> dict[int, Form[V]]:
        """How to read it."""
        return {framing.get: self._spell_get(framing) for framing in self.framings}

    def list_set_forms(self, value: V) -> dict[int, Form[SettingReply]]:
        """How to make it so."""
        return {
            framing.set: _spell_set(framing.set, framing.request, value)
            for framing in self.framings
            if framing.set and framing.request
        }

    def list_sent(self) -> list[str]:
        """The fields of the value that a change carries."""
        requests = [framing.request for framing in self.framings if framing.request]
        return list(list_shared(self.value, requests[0])) if requests else []

    def _spell_get(self, framing: Framing) -> Form[V]:
        make_request = make_legacy_request if framing.is_legacy else make_request_head

        def spell(login: SettingLogin) -> ReadExchange[V]:
            return ReadExchange(make_request(framing.get, login), framing.reply, self.value)

        return spell


class ReadExchange(SettingExchange[Any], Generic[V]):
    """A GET whose reply becomes a value."""

    def __init__(
        self,
        request: SettingRequest | LegacySettingRequest,
        reply_type: type[Message],
        kind: type[V],
    ) -> None:
        super().__init__(request, reply_type)
        self._kind = kind

    def _read_reply(self) -> V:
        reply = super()._read_reply()
        return self._kind(**share(reply, self._kind))


def list_shared(kind: type[Any], other: Any) -> Iterator[str]:
    """The names of the fields that a value's class and a message (or its class) both have."""
    names = {field.name for field in fields(other)}
    return (field.name for field in fields(kind) if field.name in names)


def share(source: Any, target: type[Any]) -> dict[str, Any]:
    """What a value takes from a message, or a message from a value."""
    return {name: getattr(source, name) for name in list_shared(target, source)}


def make_request_head(command: int, login: SettingLogin) -> SettingRequest:
    """An EX request without arguments."""
    return SettingRequest(command=command, device_id=login.device_id, ticket=login.ticket)


def make_legacy_request(command: int, login: SettingLogin) -> LegacyPlainRequest:
    """A legacy request whose only argument is the device id."""
    return LegacyPlainRequest(
        command=command,
        username=login.username,
        password=login.password.reveal(),
        device_id=login.device_id,
    )


def _spell_set(command: int, kind: type[Any], value: Any) -> Form[SettingReply]:
    def spell(login: SettingLogin) -> SettingExchange[SettingReply]:
        head: dict[str, Any] = {"command": command, "device_id": login.device_id}
        if issubclass(kind, LegacySettingRequest):
            head |= {"username": login.username, "password": login.password.reveal()}
        else:
            head |= {"ticket": login.ticket}
        return SettingExchange(kind(**head, **share(value, kind)), SettingReply)

    return spell


def spell(value: object) -> object:
    """A field's value for people and files: words for numbers that have one, bytes as hex."""
    if isinstance(value, Word):
        return value.word
    if isinstance(value, bytes):
        return value.hex()
    return value
