"""The campaign finds what it is there for: each fault, in a journal made up for it."""

from dataclasses import replace

import pytest

from tests.fault_campaign.journal import Journal, Sent
from tests.fault_campaign.verdict import Told, Verdict, judge

PICTURES = 10


def make_journal(**changes: object) -> Journal:
    """Ten pictures on two links, the last three on the second."""
    sent = [
        Sent(number, int(number >= 7), True, [b"picture %d" % number], [])
        for number in range(PICTURES)
    ]
    return Journal(sent, **changes)  # type: ignore[arg-type]


def hold(journal: Journal, numbers: list[int], *, dropped: int = 0, gaps_s: float = 9.0) -> Verdict:
    """The verdict on a file with the pictures of these numbers."""
    units = [b"picture %d" % number for number in numbers]
    return judge(journal, units, [], Told(dropped, (gaps_s,)))


def test_a_whole_recording_is_faultless() -> None:
    verdict = hold(make_journal(), list(range(PICTURES)))
    assert (verdict.sent, verdict.recorded, verdict.lost) == (PICTURES, PICTURES, 0)
    assert verdict.faults == {}


def test_what_goes_with_a_link_is_told_as_a_gap() -> None:
    assert hold(make_journal(), [0, 1, 2, 3, 9]).faults == {}


@pytest.mark.parametrize(
    ("numbers", "dropped", "fault"),
    [
        ([0, 1, 3, 4, 5, 6, 7, 8, 9], 0, "untold loss"),
        ([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 1, "too many told"),
        ([0, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9], 0, "doubled"),
        ([0, 1, 3, 2, 4, 5, 6, 7, 8, 9], 0, "out of order"),
        ([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 77], 0, "foreign units"),
    ],
)
def test_a_fault_is_found(numbers: list[int], dropped: int, fault: str) -> None:
    assert list(hold(make_journal(), numbers, dropped=dropped).faults) == [fault]


def test_a_loss_that_is_counted_is_told() -> None:
    numbers = [0, 1, 3, 4, 5, 6, 7, 8, 9]
    verdict = hold(make_journal(), numbers, dropped=1)
    assert (verdict.lost, verdict.needlessly, verdict.faults) == (1, 1, {})


def test_flipped_bits_of_a_payload_are_not_foreign() -> None:
    journal = make_journal()
    journal.sent[4] = replace(journal.sent[4], damaged=[b"picture 44"], strike="flips-in-payload")
    verdict = hold(journal, [0, 1, 2, 3, 44, 5, 6, 7, 8, 9])
    assert (verdict.damaged, verdict.lost, verdict.faults) == (1, 0, {})


def test_a_damaged_parameter_set_stands_before_each_keyframe_of_its_file() -> None:
    journal = make_journal()
    for number, damaged in ((2, [b"sets!", b"picture 2"]), (6, [])):
        units = [b"sets", b"picture %d" % number]
        journal.sent[number] = replace(journal.sent[number], units=units, damaged=damaged)
    units = [b"picture %d" % number for number in range(PICTURES)]
    found = [*units[:2], b"sets!", *units[2:6], b"sets!", *units[6:]]
    verdict = judge(journal, found, [], Told(0, (9.0,)))
    assert (verdict.damaged, verdict.lost, verdict.faults) == (1, 0, {})


@pytest.mark.parametrize(
    ("journal", "fault"),
    [
        (make_journal(unheeded=["no pictures for 10 s"]), "untold silence"),
        (make_journal(outages_s=[5.0]), "gap too short"),
    ],
)
def test_a_silence_that_is_not_told_is_found(journal: Journal, fault: str) -> None:
    assert list(hold(journal, list(range(PICTURES)), gaps_s=0.9).faults) == [fault]


def test_junk_is_lost_and_told() -> None:
    journal = make_journal()
    journal.sent[4] = replace(journal.sent[4], units=[], strike="junk")
    verdict = hold(journal, [0, 1, 2, 3, 5, 6, 7, 8, 9], dropped=1)
    assert (verdict.lost, verdict.faults) == (1, {})


def test_sound_is_compared_too() -> None:
    journal = make_journal()
    journal.sent[4] = replace(journal.sent[4], is_video=False)
    units = [frame.units[0] for frame in journal.sent if frame.is_video]
    verdict = judge(journal, units, [b"hum"], Told(0, ()))
    assert list(verdict.faults) == ["foreign units", "untold loss"]
