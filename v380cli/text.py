"""Text from strangers, made fit for terminals, logs, JSON and paths; times and sizes in words."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

SLUG_MAX_BYTES = 160  # leaves room for a date and an ending in the 255 bytes of a file name
SUGGESTIONS = 3
MAX_QUOTED = 10
NUMBER = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)"
DURATION = rf"(?:{NUMBER}d)?(?:{NUMBER}h)?(?:{NUMBER}m)?(?:{NUMBER}s?)?"
DURATION_UNITS_S = (86400, 3600, 60, 1)
MAX_DURATION_S = 36_500 * 86_400.0  # more than a system can wait, and than calendars have
SIZE = r"(\d{1,9}(?:\.\d{1,3})?)\s*([kmgt]?)b?"
SIZE_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}  # as disks are sold


def clean_text(text: str) -> str:
    """Drop what could steer a terminal or hide in a log: control and format characters, lines."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return "".join(c for c in text if not _is_hidden(unicodedata.category(c))).strip()


def _is_hidden(category: str) -> bool:
    return category[0] == "C" or category in ("Zl", "Zp")


def format_slug(text: str, fallback: str = "camera") -> str:
    """Turn any text into one path component: no separators, no leading dot or dash, never empty."""
    words = re.sub(r"[^\w.-]+", "-", clean_text(unicodedata.normalize("NFC", text)))
    short = words.encode()[:SLUG_MAX_BYTES].decode(errors="ignore")
    slug = short.strip(".-_")
    return slug or fallback


def parse_json(text: str | bytes | bytearray) -> Any:
    """The value of a JSON text; ValueError for what is none, or is nested beyond reason."""
    import json

    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def format_json(value: object, indent: int | None = None) -> str:
    """JSON, readable in any alphabet: times as RFC 3339, paths as text.

    What UTF-8 cannot carry is written with escapes.
    """
    import json

    dump = partial(json.dumps, value, indent=indent, default=format_json_value)
    text = dump(ensure_ascii=False)
    return dump() if is_broken(text) else text


def format_json_value(value: object) -> str:
    """Times as RFC 3339 with offset and paths as text; anything else is a bug of ours."""
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def is_broken(text: str) -> bool:
    """Whether UTF-8 cannot carry it: it has half a character, or bytes of a file's name."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def join_words(words: Sequence[str]) -> str:
    """`a, b or c`."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def quote_names(names: Sequence[str]) -> str:
    """Names for a sentence; of very many the first ones, and how many more there are."""
    quoted = ", ".join(map(repr, names[:MAX_QUOTED]))
    more = len(names) - MAX_QUOTED
    return f"{quoted} and {more} more" if more > 0 else quoted


def find_close(word: str, known: Iterable[str]) -> list[str]:
    """The words of `known` that were perhaps meant, the likeliest first: three at most."""
    from difflib import get_close_matches

    wanted, by_folded = word.casefold(), {each.casefold(): each for each in known}
    close = [folded for folded in by_folded if wanted in folded][:SUGGESTIONS]
    close = close or get_close_matches(wanted, by_folded, n=SUGGESTIONS)
    return [by_folded[folded] for folded in close]


def advise_word(word: str, known: Iterable[str]) -> str:
    """`did you mean 'on'?`, or empty."""
    close = find_close(word, known)
    return f"did you mean {join_words([repr(str(each)) for each in close])}?" if close else ""


def format_count(number: int, thing: str) -> str:
    """`1 frame`, `2 frames`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def format_clock(seconds: float) -> str:
    """1:02:03 or 2:03.4, as a person reads a length of time."""
    minutes, rest_s = divmod(round(seconds, 1), 60)
    if minutes < 60:
        return f"{int(minutes)}:{rest_s:04.1f}"
    return f"{int(minutes // 60)}:{int(minutes % 60):02}:{int(rest_s):02}"


def format_size(size_bytes: int) -> str:
    """Decimal units, as disks are sold."""
    size = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"


def parse_duration(text: str) -> float:
    """`90`, `90s`, `10m`, `1h30m` to seconds; raises ValueError."""
    match = re.fullmatch(DURATION, text.strip(), re.IGNORECASE)
    numbers = match.groups(default="0") if match else ()
    seconds = sum(
        float(number) * unit for number, unit in zip(numbers, DURATION_UNITS_S, strict=False)
    )
    if not 0 < seconds <= MAX_DURATION_S:
        raise ValueError(f"{text!r} is not a valid duration; write 90, 90s, 10m or 1h30m")
    return seconds


def parse_size(text: str) -> int:
    """`500M`, `1.5G` or a number of bytes; raises ValueError."""
    match = re.fullmatch(SIZE, text.strip(), re.IGNORECASE)
    if not match:
        raise ValueError(f"{text!r} is not a valid size; write 500M or 1.5G")
    return round(float(match[1]) * SIZE_UNITS[match[2].lower()])
