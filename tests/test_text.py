"""Text from strangers, and times in words."""

import json

import pytest

from v380cli.text import clean_text, format_json, parse_duration


def test_no_line_hides_in_a_line() -> None:
    assert clean_text("a\u2028b\u2029c\x85d\ne\u202ef") == "abcdef"


@pytest.mark.parametrize("text", ["0", "36501d", "999999999d", "1x", ""])
def test_what_nobody_can_wait_for_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid duration"):
        parse_duration(text)


def test_a_hundred_years_are_one() -> None:
    assert parse_duration("36500d") == 36_500 * 86_400


def test_json_is_json_whatever_a_file_is_called() -> None:
    assert format_json({"path": "caf\xe9"}) == '{"path": "caf\xe9"}'
    text = format_json({"path": "caf\udce9"})
    assert json.loads(text.encode()) == {"path": "caf\udce9"}
