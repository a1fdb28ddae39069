"""A message's bytes as names and values, by the layout that the client itself uses.

Bytes of no field are told by their place. What is a person's is replaced, unless there is no
redactor; what may be a person's, for nobody knows what it is, is told by its length.
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from v380cli.errors import RemoteProtocolError
from v380cli.redaction import Redactor, cut_to_day, find_runs
from v380cli.wire.abilities import Abilities
from v380cli.wire.card.files import ENTRY_BYTES, FileEntry, FilePageHeader
from v380cli.wire.card.segments import SegmentBlock, decode_block
from v380cli.wire.card.words import CardEntry
from v380cli.wire.commands import Result
from v380cli.wire.layout import Message, list_places
from v380cli.wire.settings.exchange import GetReply, LegacyGetReply, SettingReply
from v380cli.wire.settings.subject import spell

# What the fields of messages hold that is a person's, and what stands for it.
KINDS = {
    "device_id": "id",
    "ticket": "ticket",
    "session": "ticket",
    "handle": "ticket",
    "user": "user",
    "username": "user",
    "name": "name",
    "password": "password",
    "new_password": "password",
    "psk": "password",
    "psk_begin": "password",
    "hotspot_psk": "password",
    "cipher": "cipher",
    "random_key": "key",
    "domain": "domain",
    "ssid": "ssid",
    "hotspot_ssid": "ssid",
    "bssid": "mac",
    "mac": "mac",
    "ip": "address",
    "gateway": "address",
    "dns": "address",
    "dns2": "address",
}
# Times are told to the day; of those that have no day in them nothing is told.
DAYS = frozenset({"local_time", "text", "start", "end", "position"})
TIMES = frozenset({"hour", "minute", "second"})
# Texts and bytes of the maker, not of the owner.
PLAIN = frozenset(
    {
        *("app", "app_date", "kernel", "kernel_date", "hardware", "hardware_date"),
        *("new_name", "date", "new_date", "notes", "security", "mask"),
        *("abilities", "size_flags", "windows", "grid"),
    }
)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Bytes that no layout names, other than zeros: `shown` is hex, or what stands for them."""

    offset: int
    size: int
    shown: str


@dataclass(slots=True)
class Description:
    """What a message says."""

    fields: dict[str, Any] = field(default_factory=dict)
    unknown: list[Unknown] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Describer:
    """Describes messages; without a redactor everything is told as it is."""

    def __init__(self, redactor: Redactor | None) -> None:
        self.redactor = redactor

    def describe(self, layout: type[Message], data: bytes) -> Description:
        """The fields of a message, of which bytes at the end may be missing."""
        told = Description()
        layout = _choose_layout(layout, data)
        whole = data[: layout.SIZE].ljust(layout.SIZE, b"\0")
        rest = bytearray(data)
        for name, place in list_places(layout):
            if place.offset >= len(data):
                continue
            value = self._read(told, name, place.codec, whole[place.offset : place.end])
            if name != "command" and value is not None:
                told.fields[name] = value
            rest[place.offset : place.end] = bytes(len(rest[place.offset : place.end]))
        self._describe_rows(layout, data, rest, told)
        told.unknown = self.describe_unknown(bytes(rest))
        return told

    def describe_unknown(self, data: bytes, start: int = 0) -> list[Unknown]:
        """What stands in bytes of no known meaning, the first of which is at `start`."""
        hidden = self.redactor.find_hidden(data) if self.redactor else []
        clear = bytearray(data)
        for begin, end in hidden:
            clear[begin:end] = bytes(end - begin)
        found = [(span, data[slice(*span)].hex()) for span in find_runs(bytes(clear))]
        found += [(span, self._name_bytes(data[slice(*span)])) for span in hidden]
        return [Unknown(start + span[0], span[1] - span[0], shown) for span, shown in sorted(found)]

    def replace(self, kind: str, value: str) -> str:
        """What to show for a person's value."""
        return self.redactor.replace(kind, value) if self.redactor else value

    def describe_fields(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values by the names of their fields, told as those of messages are."""
        told = {name: self._tell(name, value) for name, value in values.items()}
        return {name: value for name, value in told.items() if value is not None}

    def _name_bytes(self, data: bytes, kind: str = "bytes") -> str:
        return self.redactor.name_bytes(data, kind) if self.redactor else data.hex()

    def _read(self, told: Description, name: str, codec: Any, data: bytes) -> Any:
        try:
            return self._tell(name, codec.unpack(data))
        except RemoteProtocolError as error:
            told.problems.append(f"{name}: {error.message}")
            told.fields[name] = self._name_bytes(data)
            return None

    def _tell(self, name: str, value: Any) -> Any:
        """A field's value for people and JSON; None for what is not to be told at all."""
        if self.redactor is None:
            return _format(value)
        if name in TIMES:
            return None
        if name in DAYS:
            return f"{value:%Y-%m-%d}" if isinstance(value, dt.datetime) else cut_to_day(value)
        if name in KINDS:
            return self._hide(KINDS[name], value)
        if isinstance(value, str):
            return self.redactor.redact_text(value)
        if isinstance(value, bytes) and name not in PLAIN and value.strip(b"\0"):
            return self._name_bytes(value)
        return _format(value)

    def _hide(self, kind: str, value: Any) -> Any:
        if isinstance(value, bytes):
            return self._name_bytes(value, kind) if value.strip(b"\0") else ""
        return self.replace(kind, str(value)) if value else value

    def _describe_rows(
        self, layout: type[Message], data: bytes, rest: bytearray, told: Description
    ) -> None:
        """What some messages hold besides their fields."""
        if layout is SegmentBlock:
            told.fields.pop("rows", None)
            try:
                rows = decode_block(data)[0]
            except RemoteProtocolError as error:
                told.problems.append(error.message)
                return
            told.fields["rows"] = [self._describe_entry(entry) for entry in rows]
        elif layout is FilePageHeader:
            rest[FilePageHeader.SIZE :] = b""
            told.fields["rows"] = [
                self.describe_fields(dataclasses.asdict(FileEntry.decode(row)))
                for _, row in cut_rows(data)
            ]
        elif isinstance(abilities := told.fields.get("abilities"), str):
            values = dataclasses.asdict(Abilities.decode(bytes.fromhex(abilities)))
            told.fields["abilities"] = {name: value for name, value in values.items() if value}

    def _describe_entry(self, entry: CardEntry) -> dict[str, Any]:
        duration_s = (entry.end - entry.start).total_seconds()
        values = {"number": entry.number, "kind": entry.kind, "start": entry.start}
        return {**self.describe_fields(values), "duration_s": duration_s}


def cut_rows(page: bytes) -> Iterator[tuple[int, bytes]]:
    """The entries behind a page's header, and where they begin."""
    for start in range(FilePageHeader.SIZE, len(page) - ENTRY_BYTES + 1, ENTRY_BYTES):
        yield start, page[start : start + ENTRY_BYTES]


def _choose_layout(layout: type[Message], data: bytes) -> type[Message]:
    """A no has the fields of a no, whatever was asked."""
    if issubclass(layout, GetReply | LegacyGetReply):
        head = SettingReply.decode(data.ljust(SettingReply.MIN_SIZE, b"\0"))
        if head.result != Result.OK:
            return SettingReply
    return layout


def _format(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return spell(value)


def name_message(layout: type[Message]) -> str:
    """`LoginRequest` as words: `login request`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", layout.__name__).lower()
