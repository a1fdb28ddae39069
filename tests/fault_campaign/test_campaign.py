"""A short campaign; `python tests/campaign.py` is the long one."""

import pytest

from tests.fault_campaign.run import run

SEED = 1
RUNS = 20


@pytest.mark.parametrize("number", range(RUNS))
def test_what_a_recorder_loses_is_told_and_nothing_else_is_in_its_files(number: int) -> None:
    outcome = run(SEED, number)
    assert outcome.verdict.recorded
    assert outcome.verdict.faults == {}, outcome.description
