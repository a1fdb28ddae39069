"""Take out of what is to be shown to others what tells whose camera it is.

One redactor for documents (`v380 info --redact`), captures, reports and fixtures: the same value
gets the same placeholder, wherever and however it is spelt.
"""

import base64
import contextlib
import hashlib
import ipaddress
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
    "serial": "serial",
}
SENTENCES = {"message", "hint"}
TIMES = {"time"}  # are told to the day
# The maker's strings, in which it may stand among other words.
FREE_TEXT = {
    *("new_name", "manufacturer", "model", "firmware"),
    *("app", "app_date", "kernel", "kernel_date", "hardware", "hardware_date"),
}
# A serial number, an id or a MAC without colons is as long as this. So is a date, which stays.
SERIAL = r"(?<![0-9a-f])(?!20[0-9]{6}(?![0-9a-f]))[0-9a-f]{8,}(?![0-9a-f])"
MAC = r"(?<![0-9a-f])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![0-9a-f])"
ADDRESS = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\.?\w)")
TIME_OF_DAY = re.compile(r"(?<=\d{4}-\d{2}-\d{2})[ T]\d{2}:\d{2}(?::\d{2})?(?: ?[+-]\d{2}:?\d{2})?")
SHORT_CHARS = 3  # a value this short is taken for itself only where it stands alone
SHOWN_BYTES = 2  # of what nobody knows the meaning of; three are an id already
# A capture may go on for days; what is beyond these is hidden all the same, by its length.
MAX_NEEDLES = 20_000
MAX_BYTE_NAMES = 20_000
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gbk")


class Redactor:
    """Gives each value a placeholder, the same one wherever it stands."""

    def __init__(self) -> None:
        self._placeholders: dict[str, str] = {}  # by the value without its case
        self._spellings: set[str] = set()
        self._needles: set[bytes] = set()
        self._byte_names: dict[bytes, str] = {}
        self._counts: Counter[str] = Counter()

    def redact(self, document: Any) -> Any:
        """A copy of a JSON document without them."""
        self.learn(document)
        return self._replace(document)

    def learn(self, document: Any) -> None:
        """Know the values of a JSON document wherever they stand later."""
        for field, kind in SENSITIVE.items():
            for value in _find_values(document, field):
                self.replace(kind, _cut_port(value) if field == "address" else value)

    def replace(self, kind: str, value: str) -> str:
        """What stands for this value from now on, in bytes as well; nothing for nothing."""
        if not value:
            return ""
        key = value.casefold()
        if key not in self._placeholders:
            kind = "address" if _is_address(value) else kind
            self._counts[kind] += 1
            self._placeholders[key] = f"{kind}-{self._counts[kind]}"
        if not {value, key} <= self._spellings:
            self._spellings |= {value, key}
            if len(self._needles) < MAX_NEEDLES:
                self._needles.update(_spell_bytes(value))
        return self._placeholders[key]

    def name_bytes(self, data: bytes, kind: str = "bytes") -> str:
        """What stands for bytes that are not shown; they are not looked for elsewhere."""
        if data not in self._byte_names:
            if len(self._byte_names) >= MAX_BYTE_NAMES:
                return kind
            self._counts[kind] += 1
            self._byte_names[data] = f"{kind}-{self._counts[kind]}"
        return self._byte_names[data]

    def redact_error(self, error: V380Error) -> V380Error:
        """The same error in words without what was learnt so far."""
        tell = self.redact_sentence
        return type(error)(tell(error.message), hint=tell(error.hint))

    def redact_text(self, text: str) -> str:
        """`text` without what was learnt so far, and without MACs and serial numbers."""
        return self._compile().sub(lambda match: self.replace("serial", match[0]), text)

    def redact_sentence(self, text: str) -> str:
        """As `redact_text`, and without addresses that nobody knew of, and times of day."""
        for address in ADDRESS.findall(text):
            self.replace("address", address)
        return self.redact_text(TIME_OF_DAY.sub("", text))

    def find_hidden(self, data: bytes) -> list[tuple[int, int]]:
        """Where bytes of unknown meaning are not to be shown: from and to, in order.

        That is what was learnt so far in any of its spellings, and every run that is long enough
        to be text or a number of somebody's. A zero between two of them does not end a run, for
        text may be in UTF-16.
        """
        spans = [
            (start, start + len(needle))
            for needle in self._needles
            for start in _find_all(data, needle)
        ]
        spans += [span for span in find_runs(data) if span[1] - span[0] > SHOWN_BYTES]
        return _join_spans(spans)

    def _compile(self) -> re.Pattern[str]:
        """One pattern for all, so that no placeholder is taken for a value; the longest first."""
        known = sorted(self._spellings, key=len, reverse=True)
        return re.compile("|".join([*map(_spell, known), MAC, SERIAL]), re.IGNORECASE)

    def _replace(self, node: Any, field: str = "") -> Any:
        match node:
            case dict():
                return {name: self._replace(value, name) for name, value in node.items()}
            case list():
                return [self._replace(value, field) for value in node]
            case str() | int() if field in SENSITIVE and node:
                return self._replace_value(str(node), field)
            case str() if field in TIMES:
                return cut_to_day(node)
            case str() if field in SENTENCES:
                return self.redact_sentence(node)
            case str() if field in FREE_TEXT:
                return self.redact_text(node)
        return node

    def _replace_value(self, value: str, field: str) -> str:
        known = _cut_port(value) if field == "address" else value
        return self.replace(SENSITIVE[field], known) + value[len(known) :]


def _is_address(value: str) -> bool:
    """An address is called so wherever it is met first."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def find_runs(data: bytes) -> list[tuple[int, int]]:
    """Where something else than zeros stands: from and to; a single zero ends no run."""
    return [match.span() for match in re.finditer(rb"[^\0]+(?:\0[^\0]+)*", data)]


def cut_to_day(text: str) -> str:
    """The day of a time as text, `2026-11-27 16:40:00`; nothing of what does not begin so."""
    match = re.match(r"\d{4}[-/]\d{2}[-/]\d{2}", text)
    return match[0] if match else ""


def _spell_bytes(value: str) -> Iterator[bytes]:
    """How a value may stand in bytes; spellings of less than three are left out."""
    spellings: list[bytes] = []
    for encoding in ENCODINGS:
        with contextlib.suppress(UnicodeEncodeError):
            spellings.append(value.encode(encoding))
    text = value.encode(errors="replace")
    digest = hashlib.md5(text, usedforsecurity=False)
    spellings += [text.hex().encode(), text.hex().upper().encode(), base64.b64encode(text)]
    spellings += [digest.digest(), digest.hexdigest().encode(), digest.hexdigest().upper().encode()]
    if value.isascii() and value.isdigit() and len(value) <= 20:
        size = 4 if int(value) < 1 << 32 else 8
        if int(value) < 1 << 64:
            number = int(value).to_bytes(size + 4, "little")[:size]
            spellings += [number, number[::-1]]
    with contextlib.suppress(ValueError):
        packed = ipaddress.ip_address(value).packed
        spellings += [packed, packed[::-1]]
    if re.fullmatch(MAC, value, re.IGNORECASE):
        spellings.append(bytes.fromhex(re.sub("[:-]", "", value)))
    return (spelling for spelling in spellings if len(spelling) > SHOWN_BYTES)


def _find_all(data: bytes, needle: bytes) -> Iterator[int]:
    start = data.find(needle)
    while start >= 0:
        yield start
        start = data.find(needle, start + 1)


def _join_spans(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(stop, joined[-1][1])
        else:
            joined.append((start, stop))
    return joined


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
