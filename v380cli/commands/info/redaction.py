"""Take out of a document what tells whose camera it is, so that it can be posted."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from v380cli.errors import V380Error

# The fields that hold such a thing, and what stands for it. A value that occurs under several of
# them is called after the first.
SENSITIVE = {
    "id": "id",
    "mac": "mac",
    "address": "address",
    "name": "camera",
    "device": "camera",
    "domain": "domain",
    "ssid": "ssid",
    "hotspot": "ssid",
}
# Sentences and the maker's strings, in which it may stand among other words.
FREE_TEXT = {
    *("message", "hint", "time", "new_name"),
    *("app", "app_date", "kernel", "kernel_date", "hardware", "hardware_date"),
}
# A serial number, an id or a MAC without colons is as long as this. So is a date, which stays.
SERIAL = r"(?<![0-9a-f])(?!20[0-9]{6}(?![0-9a-f]))[0-9a-f]{8,}(?![0-9a-f])"
MAC = r"(?<![0-9a-f])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![0-9a-f])"
SHORT_CHARS = 3  # a value this short is taken for itself only where it stands alone


class Redactor:
    """Gives each value a placeholder, the same one wherever it stands."""

    def __init__(self) -> None:
        self._placeholders: dict[str, str] = {}  # by the value without its case
        self._spellings: set[str] = set()
        self._counts: Counter[str] = Counter()

    def redact(self, document: Any) -> Any:
        """A copy of a JSON document without them."""
        self.learn(document)
        return self._replace(document)

    def learn(self, document: Any) -> None:
        """Know the values of a JSON document wherever they stand later."""
        for field, kind in SENSITIVE.items():
            for value in _find_values(document, field):
                self._learn(kind, _cut_port(value) if field == "address" else value)

    def redact_error(self, error: V380Error) -> V380Error:
        """The same error in words without what was learnt so far."""
        return type(error)(self.redact_text(error.message), hint=self.redact_text(error.hint))

    def redact_text(self, text: str) -> str:
        """`text` without what was learnt so far, and without MACs and serial numbers."""
        return self._compile().sub(lambda match: self._learn("serial", match[0]), text)

    def _compile(self) -> re.Pattern[str]:
        """One pattern for all, so that no placeholder is taken for a value; the longest first."""
        known = sorted(self._spellings, key=len, reverse=True)
        return re.compile("|".join([*map(_spell, known), MAC, SERIAL]), re.IGNORECASE)

    def _learn(self, kind: str, value: str) -> str:
        key = value.casefold()
        self._spellings |= {value, key}
        if key not in self._placeholders:
            self._counts[kind] += 1
            self._placeholders[key] = f"{kind}-{self._counts[kind]}"
        return self._placeholders[key]

    def _replace(self, node: Any, field: str = "") -> Any:
        match node:
            case dict():
                return {name: self._replace(value, name) for name, value in node.items()}
            case list():
                return [self._replace(value, field) for value in node]
            case str() | int() if field in SENSITIVE and node:
                return self._replace_value(str(node), field)
            case str() if field in FREE_TEXT:
                return self.redact_text(node)
        return node

    def _replace_value(self, value: str, field: str) -> str:
        known = _cut_port(value) if field == "address" else value
        return self._learn(SENSITIVE[field], known) + value[len(known) :]


def _find_values(node: Any, field: str) -> Iterator[str]:
    """The values of all fields of that name, as text."""
    children: Iterable[Any] = ()
    if isinstance(node, dict):
        if (value := node.get(field)) and isinstance(value, str | int):
            yield str(value)
        children = node.values()
    elif isinstance(node, list):
        children = node
    for child in children:
        yield from _find_values(child, field)


def _cut_port(address: str) -> str:
    return address.rpartition(":")[0] or address


def _spell(value: str) -> str:
    exact = re.escape(value)
    return rf"\b{exact}\b" if len(value) <= SHORT_CHARS else exact
