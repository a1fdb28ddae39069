"""What may be written after `KEY=`, and what is not taken; ValueError for the latter."""

import datetime as dt
import ipaddress
from dataclasses import dataclass
from typing import Any, Protocol

from v380cli.text import join_words
from v380cli.wire.settings.subject import Word

YEARS = range(2000, 2038)  # what the seconds of an old camera can count


class Kind(Protocol):
    """A kind of value; `allowed` ends the sentence "it is ...", `known_words` may be offered."""

    @property
    def allowed(self) -> str: ...

    @property
    def known_words(self) -> tuple[str, ...]: ...

    def parse(self, text: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    words: type[Word]

    @property
    def allowed(self) -> str:
        return join_words(self.known_words)

    @property
    def known_words(self) -> tuple[str, ...]:
        return tuple(word.word for word in self.words)

    def parse(self, text: str) -> Word:
        found = {word.word: word for word in self.words}.get(text.lower())
        if found is None:
            raise ValueError
        return found


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number; the scale is the camera's own unless a unit is said."""

    low: int
    high: int
    unit: str = ""
    known_words = ()

    @property
    def allowed(self) -> str:
        return f"a number{self.unit and f' of {self.unit}'} from {self.low} to {self.high}"

    def parse(self, text: str) -> int:
        number = int(text)
        if not self.low <= number <= self.high:
            raise ValueError
        return number


@dataclass(frozen=True, slots=True)
class Ipv4:
    """An IPv4 address, or nothing."""

    allowed = "an IPv4 address such as 192.168.1.50, or empty"
    known_words = ()

    def parse(self, text: str) -> str:
        return str(ipaddress.IPv4Address(text)) if text else ""


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes that no source explains, as hex; the rest of their field is zeros."""

    size: int
    known_words = ()

    @property
    def allowed(self) -> str:
        return f"up to {self.size} bytes in hex, as `v380 settings get` shows them"

    def parse(self, text: str) -> bytes:
        data = bytes.fromhex(text)
        if len(data) > self.size:
            raise ValueError
        return data.ljust(self.size, b"\0")


@dataclass(frozen=True, slots=True)
class Time:
    """A time of the camera's wall clock; None is `now`."""

    allowed = "now, or a time such as 2026-11-24T08:30:00"
    known_words = ("now",)

    def parse(self, text: str) -> dt.datetime | None:
        if text.lower() == "now":
            return None
        time = dt.datetime.fromisoformat(text)
        if time.tzinfo:
            time = time.astimezone().replace(tzinfo=None)
        if time.year not in YEARS:
            raise ValueError
        return time.replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Name:
    """A user's name."""

    allowed = "a name without spaces, of at most 31 bytes"
    known_words = ()

    def parse(self, text: str) -> str:
        if not (text.isprintable() and 0 < len(text.encode()) < 32) or " " in text:
            raise ValueError
        return text
