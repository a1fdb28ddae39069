"""Frames that were read together did not come together."""

from collections.abc import Sequence

import pytest

from v380cli.camera.arrivals import spread_arrivals
from v380cli.wire.session import MediaReceived


def make_burst(stamps_ms: Sequence[int]) -> list[MediaReceived]:
    return [MediaReceived(1, number, 15, ms, b"", "video") for number, ms in enumerate(stamps_ms)]


BURSTS = {
    "even": ((0, 250, 500, 1000), [9.0, 9.25, 9.5, 10.0]),
    "sound and pictures": ((100, 60, 200, 160), [9.9, 9.9, 10.0, 10.0]),
    "a jump forwards": ((0, 250, 3_600_250, 3_600_500), [9.5, 9.75, 9.75, 10.0]),
    "a jump backwards": ((3_600_000, 3_600_250, 0, 250), [9.5, 9.75, 9.75, 10.0]),
    "a clock that stands still": ((7, 7, 7), [10.0, 10.0, 10.0]),
    "more than there was time for": ((0, 900, 1800), [8.8, 9.1, 10.0]),
    "one": ((5,), [10.0]),
    "none": ((), []),
}


@pytest.mark.parametrize(("stamps_ms", "arrivals"), BURSTS.values(), ids=BURSTS.keys())
def test_each_came_as_its_stamp_says(stamps_ms: Sequence[int], arrivals: list[float]) -> None:
    assert spread_arrivals(make_burst(stamps_ms), 8.8, 10.0) == pytest.approx(arrivals)
