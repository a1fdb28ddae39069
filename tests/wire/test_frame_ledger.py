"""Frames that were lost: counted from what broke and from the ids, and not twice."""

import pytest

from v380cli.wire.frame_ledger import DENSE_AFTER, MAX_CREDIBLE_GAP, FrameLedger

VIDEO, AUDIO = 1, 22
LEARNT = DENSE_AFTER + 1  # the first id that follows a numbering that has proved itself


def make_ledger(last_id: int = LEARNT) -> FrameLedger:
    ledger = FrameLedger()
    for frame_id in range(1, last_id + 1):
        ledger.note_whole(frame_id, VIDEO)
    return ledger


def test_ids_in_a_row_miss_nothing() -> None:
    assert make_ledger(100).dropped_frames == 0


def test_a_gap_in_a_proven_numbering_counts() -> None:
    ledger = make_ledger()
    ledger.note_whole(LEARNT + 4, VIDEO)
    ledger.note_whole(LEARNT + 6, VIDEO)
    assert ledger.dropped_frames == 4


def test_a_gap_before_the_numbering_is_proven_counts_when_it_is() -> None:
    ledger = make_ledger(LEARNT - 1)
    ledger.note_whole(LEARNT + 4, VIDEO)
    assert ledger.dropped_frames == 0
    ledger.note_whole(LEARNT + 5, VIDEO)
    assert ledger.dropped_frames == 4


@pytest.mark.parametrize("period", [3, 4, 5, 7])
@pytest.mark.parametrize("share", [1, 3])
def test_where_never_eight_ids_stand_in_a_row_all_losses_count(period: int, share: int) -> None:
    ledger = FrameLedger()
    for frame_id in range(400):
        if frame_id % period:
            ledger.note_whole(frame_id, AUDIO if frame_id % share else VIDEO)
    ledger.settle()
    inside = len(range(period, 400 - 400 % period or 400, period))
    assert ledger.dropped_frames == inside


@pytest.mark.parametrize("lost", [{1}, {3}, {2, 3}])
@pytest.mark.parametrize("share", [1, 2, 3])
def test_a_link_that_soon_ends_tells_what_few_ids_show(lost: set[int], share: int) -> None:
    ledger = FrameLedger()
    for frame_id in range(7):
        if frame_id not in lost:
            ledger.note_whole(500 + frame_id, AUDIO if frame_id % share else VIDEO)
    for _ in range(2):
        ledger.settle()
        assert ledger.dropped_frames == len(lost)


def test_a_link_that_soon_ends_tells_it_of_each_kind_with_a_numbering_of_its_own() -> None:
    ledger = FrameLedger()
    for number in range(6):
        if number != 2:
            ledger.note_whole(number, VIDEO)
        if number != 4:
            ledger.note_whole(70 + number, AUDIO)
    ledger.settle()
    assert ledger.dropped_frames == 2


@pytest.mark.parametrize("ids", [(0, 0, 0, 0), (7, 90, 3, 55), (0, 66, 133, 200), (5, 6), (5, 9)])
def test_a_link_that_soon_ends_tells_nothing_where_ids_are_no_numbering(ids: list[int]) -> None:
    ledger = FrameLedger()
    for frame_id in ids:
        ledger.note_whole(frame_id, VIDEO)
    ledger.settle()
    assert ledger.dropped_frames == 0


@pytest.mark.parametrize("lost", [{1}, {4}, {7}, {1, 2}, {2, 5}, {3, 4, 5, 6}])
def test_gaps_among_the_first_ids_count(lost: set[int]) -> None:
    ledger = FrameLedger()
    for frame_id in range(40):
        if frame_id not in lost:
            ledger.note_whole(9803 + frame_id, AUDIO if frame_id % 3 else VIDEO)
    assert ledger.dropped_frames == len(lost)


@pytest.mark.parametrize("place", range(1, DENSE_AFTER))
def test_a_false_id_among_the_first_is_no_gap(place: int) -> None:
    for bit in range(3, 31, 3):
        ledger = FrameLedger()
        for frame_id in range(40):
            if frame_id != place + 1:
                ledger.note_whole((9803 + frame_id) ^ (frame_id == place) << bit, VIDEO)
        # what is lost right behind a false id may hide there
        assert ledger.dropped_frames in (0, 1), f"bit {bit}"


def test_what_broke_before_the_first_id_counts() -> None:
    ledger = FrameLedger()
    ledger.note_broken(VIDEO)
    for frame_id in range(1, 40):
        ledger.note_whole(frame_id, VIDEO)
    assert ledger.dropped_frames == 1


def test_what_broke_among_the_first_ids_counts_once() -> None:
    ledger = FrameLedger()
    for frame_id in range(40):
        if frame_id == 3:
            ledger.note_broken(VIDEO)
        else:
            ledger.note_whole(frame_id, VIDEO)
    assert ledger.dropped_frames == 1


def test_broken_frames_count_at_once_and_only_once() -> None:
    ledger = make_ledger()
    ledger.note_broken(VIDEO)
    assert ledger.dropped_frames == 1
    ledger.note_whole(LEARNT + 2, VIDEO)
    assert ledger.dropped_frames == 1


def test_broken_frames_count_where_ids_tell_nothing() -> None:
    ledger = FrameLedger()
    for _ in range(3):
        ledger.note_broken(VIDEO)
        ledger.note_whole(0, VIDEO)
    assert ledger.dropped_frames == 3


def test_kinds_that_share_a_numbering() -> None:
    ledger = FrameLedger()
    for frame_id in range(1, 41):
        if frame_id not in (20, 21, 30):
            ledger.note_whole(frame_id, AUDIO if frame_id % 3 else VIDEO)
    assert ledger.dropped_frames == 3


def test_kinds_with_numberings_of_their_own() -> None:
    ledger = FrameLedger()
    for number in range(1, 41):
        if number != 20:
            ledger.note_whole(number, VIDEO)
        if number not in (30, 31):
            ledger.note_whole(1000 + number, AUDIO)
    assert ledger.dropped_frames == 3


def test_gaps_among_the_first_ids_of_each_kind_count() -> None:
    ledger = FrameLedger()
    for number in range(1, 41):
        if number != 3:
            ledger.note_whole(number, VIDEO)
        if number not in (5, 6):
            ledger.note_whole(number, AUDIO)
    assert ledger.dropped_frames == 3


def test_sound_alone_does_not_undo_numberings_of_their_own() -> None:
    ledger = FrameLedger()
    for number in range(1, 101):
        if number < 30:
            ledger.note_whole(number, VIDEO)
        if number != 90:
            ledger.note_whole(500 + number, AUDIO)
    assert ledger.dropped_frames == 1


def test_an_id_with_a_flipped_bit_is_no_gap() -> None:
    for bit in range(31):
        ledger = make_ledger(1000)
        ledger.note_whole(1001 ^ 1 << bit, VIDEO)
        for frame_id in (1002, 1003, 1006, 1007):
            ledger.note_whole(frame_id, VIDEO)
        assert ledger.dropped_frames == 2, f"bit {bit}"


def test_a_gap_after_a_false_id_counts() -> None:
    ledger = make_ledger()
    for frame_id in (LEARNT + 8192, LEARNT + 4, LEARNT + 5, LEARNT + 6):
        ledger.note_whole(frame_id, VIDEO)
    assert ledger.dropped_frames == 2


def test_two_false_ids_in_a_row_are_no_gap() -> None:
    ledger = make_ledger()
    for frame_id in (LEARNT + 8192, LEARNT + 2048, *range(LEARNT + 3, LEARNT + 20)):
        ledger.note_whole(frame_id, VIDEO)
    assert ledger.dropped_frames == 0


def test_a_gap_before_the_last_frame_counts_in_the_end() -> None:
    ledger = make_ledger()
    ledger.note_broken(VIDEO)
    ledger.note_whole(LEARNT + 4, VIDEO)
    for _ in range(2):
        ledger.settle()
        assert ledger.dropped_frames == 3


def test_a_numbering_that_begins_again_is_learnt_anew() -> None:
    ledger = make_ledger()
    for frame_id in (*range(3), *range(5, 30), *range(35, 40)):
        ledger.note_whole(frame_id, VIDEO)
    assert ledger.dropped_frames == 7


def test_an_unreasonable_step_begins_again() -> None:
    for frame_id in (LEARNT + MAX_CREDIBLE_GAP + 1, LEARNT, 0, -5):
        ledger = make_ledger()
        ledger.note_whole(frame_id, VIDEO)
        ledger.note_whole(frame_id + 5, VIDEO)
        assert ledger.dropped_frames == 0
