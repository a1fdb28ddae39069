"""How ONVIF's XML is read: elements by name, whatever their namespace, and clean text."""

import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

from v380cli.text import clean_text

MAX_TEXT_CHARS = 64
MAX_URL_CHARS = 512


def name_of(element: ElementTree.Element) -> str:
    """The name without the namespace."""
    return element.tag.rpartition("}")[2]


def name_call(body: str) -> str:
    """The name of the call that a body of our own is."""
    return re.split(r"[\s/>]", body[1:], maxsplit=1)[0]


def find_element(element: ElementTree.Element | None, name: str) -> ElementTree.Element | None:
    """The first descendant of this name, in any namespace."""
    elements = element.iter() if element is not None else iter(())
    return next((found for found in elements if name_of(found) == name), None)


def read_text(
    element: ElementTree.Element | None, name: str, max_chars: int = MAX_TEXT_CHARS
) -> str:
    """The text of the first descendant of this name; empty if there is none."""
    found = find_element(element, name)
    return clean_text((found.text if found is not None else None) or "").strip()[:max_chars]


def read_number(element: ElementTree.Element | None, name: str) -> int:
    """The same as a number, 0 for what is none."""
    text = read_text(element, name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def parse_path(url: str) -> str:
    """`/PATH?QUERY` of an address, also of one without a host; empty if there is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    is_plain = path.startswith("/") and not re.search(r"[\s\x00-\x20\x7f]", path)
    return path if is_plain else ""
