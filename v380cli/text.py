"""Text from strangers, made fit for a terminal, a log, JSON and a path; and words in a row."""

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
