"""Recordings fetched one after the other."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from v380cli.errors import CredentialsRefused, MediaError, NetworkError, V380Error
from v380cli.models import Device
from v380cli.work.card import fetching
from v380cli.work.card.fetching import FetchJob, FetchPlan, Status

CAMERA = Device(name="porch", device_id=1, host="127.0.0.1")


class Failing(FetchJob):
    """Fails with these, one after the other."""

    def __init__(self, plan: FetchPlan, errors: list[V380Error]) -> None:
        super().__init__(CAMERA, Any, plan)  # type: ignore[arg-type]
        self._errors: Iterator[V380Error] = iter(errors)

    def _fetch_one(self, recording: Any) -> Any:
        raise next(self._errors)


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FetchPlan:
    found = [SimpleNamespace(id=str(number), duration_s=1.0) for number in range(3)]
    monkeypatch.setattr(fetching, "find_recordings", lambda *_: found)
    return FetchPlan(output=str(tmp_path), folder=tmp_path)


def test_a_camera_that_is_lost_twice_in_a_row_is_gone(plan: FetchPlan) -> None:
    report = Failing(plan, [NetworkError("lost"), NetworkError("lost")]).run()
    assert isinstance(report.error, NetworkError)
    assert len(report.outcomes) == 2


def test_a_camera_that_has_answered_meanwhile_is_not(plan: FetchPlan) -> None:
    report = Failing(plan, [NetworkError("lost"), MediaError("odd"), NetworkError("lost")]).run()
    assert report.error is None
    assert [outcome.status for outcome in report.outcomes] == 3 * [Status.FAILED]


def test_a_refused_password_is_not_said_again_for_each_recording(plan: FetchPlan) -> None:
    report = Failing(plan, [CredentialsRefused("wrong")]).run()
    assert isinstance(report.error, CredentialsRefused)
