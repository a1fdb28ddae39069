"""Text from strangers, made fit for terminals, logs, JSON and paths; times and sizes in words."""

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

SLUG_MAX_BYTES = 160  # leaves room for a date and an ending in the 255 bytes of a file name


def clean_text(text: str) -> str:
    """Drop what could steer a terminal or hide in a log: control and format characters."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return "".join(c for c in text if unicodedata.category(c)[0] != "C").strip()


def format_slug(text: str, fallback: str = "camera") -> str:
    """Turn any text into one path component: no separators, no leading dot or dash, never empty."""
    words = re.sub(r"[^\w.-]+", "-", clean_text(unicodedata.normalize("NFC", text)))
    short = words.encode()[:SLUG_MAX_BYTES].decode(errors="ignore")
    slug = short.strip(".-_")
    return slug or fallback


def parse_json(text: str | bytes | bytearray) -> Any:
    """The value of a JSON text; ValueError for what is none, or is nested beyond reason."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def join_words(words: Sequence[str]) -> str:
    """`a, b or c`."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


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
