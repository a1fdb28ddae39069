"""Tables on a terminal: what one copies stays whole, the rest gives way."""

import pytest

from v380cli.commands._table import lay_out

FOUND = ("name", "id", "address", "mac", "on", "fw", "answered", "note")
ROW = (
    *("Front yard", "12345678", "192.168.100.150:18800", "02:00:00:bc:61:4e"),
    *("wlp0s20f3", "200", "lvdev nvdev onvif", "also on eth0"),
)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_what_one_copies_is_whole_at_every_width(width: int) -> None:
    text = "\n".join(lay_out(FOUND, [ROW], width))
    for cell in ("Front yard", "12345678", "192.168.100.150:18800", "02:00:00:bc:61:4e"):
        assert cell in text


def test_what_is_wanted_least_goes_first() -> None:
    assert lay_out(FOUND, [ROW], 200)[0].split() == [*FOUND]
    assert "answered" not in lay_out(FOUND, [ROW], 110)[0]
    narrow = lay_out(FOUND, [ROW], 80)
    assert max(map(len, narrow)) <= 80
    assert narrow[0].split() == ["name", "id", "address", "mac", "note"]


def test_an_empty_column_goes_before_any_other() -> None:
    row = ("porch", "12345678", "", "200", "lvdev nvdev")
    lines = lay_out(("name", "id", "groups", "fw", "answered"), [row], 38)
    assert lines[0].split() == ["name", "id", "fw", "answered"]


def test_prose_breaks_between_words() -> None:
    lines = lay_out(("name", "why not"), [("porch", "the camera refused the password")], 30)
    assert lines == [
        "name   why not",
        "porch  the camera refused the",
        "       password",
    ]


def test_a_long_path_is_one_line() -> None:
    path = "/srv/cameras/" + "x" * 90 + ".mp4"
    lines = lay_out(("file", "size", "codec"), [(path, "1.0MB", "h264")], 80)
    assert lines == [f"{'file'.ljust(len(path))}  size", f"{path}  1.0MB"]


def test_no_rows_leave_the_header() -> None:
    assert lay_out(("name", "id"), [], 80) == ["name  id"]
