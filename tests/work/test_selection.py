"""Times as a person writes them."""

import datetime as dt

import pytest

from v380cli.work.card.selection import parse_moment

NOW = dt.datetime(2026, 11, 20, 12, 30)
LAST = dt.time.max


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-19", dt.datetime.combine(dt.date(2026, 11, 19), LAST)),
        ("20261119", dt.datetime.combine(dt.date(2026, 11, 19), LAST)),
        ("2026-11-19T08", dt.datetime(2026, 11, 19, 8)),
        ("8:05", dt.datetime(2026, 11, 20, 8, 5)),
        ("8:05:30", dt.datetime(2026, 11, 20, 8, 5, 30)),
        ("08:05:30", dt.datetime(2026, 11, 20, 8, 5, 30)),
        ("1h30m", dt.datetime(2026, 11, 20, 11)),
    ],
)
def test_an_end_is_that_of_the_day_where_no_time_is_said(text: str, moment: dt.datetime) -> None:
    assert parse_moment(text, NOW, is_end=True) == moment
