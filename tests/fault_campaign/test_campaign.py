"""A short campaign; `python tests/campaign.py` is the long one."""

import pytest

from tests.fault_campaign.run import run

SEED = 2
RUNS = (2, 4, 5, 7, 8, 9, 10, 12, 13, 14, 16, 17, 21, 24, 25, 28, 31)


@pytest.mark.parametrize("number", RUNS)
def test_what_a_recorder_loses_is_told_and_nothing_else_is_in_its_files(number: int) -> None:
    outcome = run(SEED, number)
    assert outcome.verdict.recorded
    assert outcome.verdict.faults == {}, outcome.description
