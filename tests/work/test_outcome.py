"""Several things end with one error, and with its exit."""

import pytest

from v380cli.errors import Bug, CameraBusy, NetworkError, PartialFailure, StorageError, V380Error
from v380cli.work.outcome import Outcome, join_errors

LOST = NetworkError("the link broke", hint="is it on?")
BUSY = CameraBusy("it has viewers enough")


@pytest.mark.parametrize(
    ("outcomes", "kind", "message"),
    [
        ([("yard", LOST)], NetworkError, "the link broke"),
        ([("yard", LOST), ("hall", LOST)], NetworkError, "yard: the link broke; hall: the link"),
        ([("yard", LOST), ("hall", BUSY)], PartialFailure, "2 of 2 cameras failed: yard: "),
        ([("yard", LOST), ("hall", None)], PartialFailure, "1 of 2 cameras failed: yard: "),
        ([("yard", LOST), ("hall", Bug(KeyError()))], Bug, "a bug"),
    ],
    ids=["one", "all alike", "all, in different ways", "some", "a bug before all"],
)
def test_there_is_one_error_of_all(
    outcomes: list[Outcome], kind: type[V380Error], message: str
) -> None:
    error = join_errors(outcomes)
    assert type(error) is kind
    assert message in error.message


def test_what_failed_is_called_by_its_kind() -> None:
    error = join_errors([("a", StorageError("full", hint="make room")), ("b", None)], "recordings")
    assert error
    assert error.message == "1 of 2 recordings failed: a: full"
    assert error.hint == "make room"


def test_where_nothing_failed_there_is_no_error() -> None:
    assert join_errors([]) is join_errors([("yard", None)]) is None
