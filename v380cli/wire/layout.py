"""One definition of a fixed-size message for both directions.

A message is a frozen dataclass whose fields say where they live:

    @dataclass(frozen=True, slots=True, kw_only=True)
    class LoginRequest(Message):
        SIZE = 520
        command: Annotated[int, I32] = Command.LOGIN
        user: Annotated[str, text(32).at(49)] = ""

A field without a place follows the one before it, those of base classes first. Bytes that no field
names are zero when encoded and ignored when decoded. All integers are little-endian (PROTOCOL.md,
section 0).
"""

import struct
import typing
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar, cast, get_type_hints

from v380cli.errors import LocalProtocolError, RemoteProtocolError
from v380cli.text import clean_text

__all__ = [
    "I16",
    "I32",
    "I64",
    "U8",
    "U16",
    "U32",
    "U64",
    "Annotated",
    "Message",
    "blob",
    "list_places",
    "text",
]

T = TypeVar("T")


# Neither is equal to another one of its kind: `Annotated` takes equal notes for the same.
@dataclass(frozen=True, eq=False)
class Placed(Generic[T]):
    """A codec at its byte offset."""

    codec: "Codec[T]"
    offset: int

    @property
    def end(self) -> int:
        return self.offset + self.codec.size


@dataclass(frozen=True, eq=False)
class Codec(Generic[T]):
    """How one field becomes `size` bytes and back."""

    size: int

    def at(self, offset: int) -> Placed[T]:
        return Placed(self, offset)

    def after(self, gap: int) -> "Gap[T]":
        """So many bytes behind the field before it."""
        return Gap(self, gap)

    def pack(self, value: T) -> bytes:
        raise NotImplementedError

    def unpack(self, data: bytes) -> T:
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Gap(Generic[T]):
    """A codec with unnamed bytes before it."""

    codec: Codec[T]
    size: int


class Integer(Codec[int]):
    def __init__(self, form: str) -> None:
        super().__init__(struct.calcsize("<" + form))
        object.__setattr__(self, "_struct", struct.Struct("<" + form))

    _struct: struct.Struct

    def pack(self, value: int) -> bytes:
        return self._struct.pack(value)

    def unpack(self, data: bytes) -> int:
        return int(self._struct.unpack(data)[0])


class Text(Codec[str]):
    """NUL-padded text; what is decoded has no control characters left."""

    def __init__(self, size: int, encoding: str) -> None:
        super().__init__(size)
        object.__setattr__(self, "_encoding", encoding)

    _encoding: str

    def pack(self, value: str) -> bytes:
        # What was no text when it came, and is sent back, takes the one byte that it had.
        data = value.replace("\N{REPLACEMENT CHARACTER}", "?").encode(self._encoding)
        if len(data) > self.size:
            raise ValueError(f"needs {len(data)} bytes of {self.size}")
        return data.ljust(self.size, b"\0")

    def unpack(self, data: bytes) -> str:
        return clean_text(data.split(b"\0", 1)[0].decode(self._encoding, errors="replace"))


class Blob(Codec[bytes]):
    def pack(self, value: bytes) -> bytes:
        if len(value) > self.size:
            raise ValueError(f"needs {len(value)} bytes of {self.size}")
        return value.ljust(self.size, b"\0")

    def unpack(self, data: bytes) -> bytes:
        return bytes(data)


U8 = Integer("B")
I16 = Integer("h")
U16 = Integer("H")
I32 = Integer("i")
U32 = Integer("I")
I64 = Integer("q")
U64 = Integer("Q")


def text(size: int, encoding: str = "utf-8") -> Text:
    """NUL-padded text of `size` bytes (`str32` in PROTOCOL.md is `text(32)`)."""
    return Text(size, encoding)


def blob(size: int) -> Blob:
    """`size` raw bytes; shorter values are padded with zeros."""
    return Blob(size)


@dataclass(frozen=True, slots=True)
class Message:
    """A message of `SIZE` bytes, of which a decoder needs at least `MIN_SIZE` (0: all of them)."""

    SIZE: ClassVar[int]
    MIN_SIZE: ClassVar[int] = 0

    def encode(self) -> bytes:
        """Encode to exactly `SIZE` bytes; LocalProtocolError for a value that does not fit."""
        data = bytearray(self.SIZE)
        for name, place in list_places(type(self)):
            try:
                data[place.offset : place.end] = place.codec.pack(getattr(self, name))
            except (struct.error, ValueError, UnicodeEncodeError):
                # without the cause: it would carry the value, which may be a password
                what = f"{type(self).__name__}.{name} does not fit into {place.codec.size} bytes"
                raise LocalProtocolError(what) from None
        return bytes(data)

    @classmethod
    def decode(cls, data: bytes | bytearray | memoryview) -> Self:
        """Decode; missing trailing bytes count as zeros, more bytes are ignored.

        Raises RemoteProtocolError when fewer than `MIN_SIZE` bytes came.
        """
        needed = cls.MIN_SIZE or cls.SIZE
        if len(data) < needed:
            raise RemoteProtocolError(
                f"{cls.__name__}: {len(data)} bytes, at least {needed} needed"
            )
        whole = bytes(data[: cls.SIZE]).ljust(cls.SIZE, b"\0")
        values: dict[str, Any] = {
            name: place.codec.unpack(whole[place.offset : place.end])
            for name, place in list_places(cls)
        }
        return cls(**values)


def list_places(cls: type[Message]) -> tuple[tuple[str, Placed[Any]], ...]:
    """The fields of a message class, in its own order, and where each of them lives."""
    return _find_places(cast(Hashable, cls))


@cache
def _find_places(cls: Hashable) -> tuple[tuple[str, Placed[Any]], ...]:
    places: list[tuple[str, Placed[Any]]] = []
    end = 0
    for name, hint in get_type_hints(cls, include_extras=True).items():
        if typing.get_origin(hint) is Annotated and (place := _place(hint.__metadata__[0], end)):
            places.append((name, place))
            end = place.end
    return tuple(places)


def _place(note: object, end: int) -> Placed[Any] | None:
    """Where a field lives whose predecessor ends at `end`; None for a note of another kind."""
    match note:
        case Placed():
            return note
        case Gap():
            return note.codec.at(end + note.size)
        case Codec():
            return note.at(end)
    return None
