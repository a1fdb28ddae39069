"""What a terminal sends, as names."""

import pytest

from v380cli.sinks.screen.terminal_keys import ANSWER, KeyParser

TYPED = b"q\x1b[A\x1bOB\x1b[C\x1b[D ?+\x1b[0nh\x1b[1;5A\x1b[15~\xc3\xa4\r\x1bxs\x1b[3n"
NAMES = [
    *("q", "up", "down", "right", "left", "space", "?", "+", ANSWER, "h"),
    *("s", ANSWER),
]


def test_keys_have_names() -> None:
    """What has none is left out: modified and function keys, other letters, Alt."""
    assert KeyParser().feed(TYPED) == NAMES


def test_byte_by_byte_is_the_same() -> None:
    parser = KeyParser()
    assert [name for byte in TYPED for name in parser.feed(bytes([byte]))] == NAMES


def test_an_escape_is_a_key_when_nothing_follows() -> None:
    parser = KeyParser()
    assert parser.feed(b"\x1b") == []
    assert parser.feed(b"") == ["esc"]
    assert parser.feed(b"") == []


def test_two_escapes_are_one_key_at_least() -> None:
    parser = KeyParser()
    assert [*parser.feed(b"\x1b\x1b"), *parser.feed(b"")] == ["esc", "esc"]


@pytest.mark.parametrize(
    "garbage", [bytes(range(256)), b"\x1b[" * 50, b"\x1b[;;;;;;", b"\xff" * 99]
)
def test_garbage_ends(garbage: bytes) -> None:
    parser = KeyParser()
    parser.feed(garbage)
    parser.feed(b"")
    assert parser.feed(b"q") == ["q"]
