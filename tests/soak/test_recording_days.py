"""Hours of a fleet within a second; the whole is `python -m tests.soak.recording_days`."""

from pathlib import Path

from tests.soak.recording_days import Days

HOURS, CAMERAS = 1, 2
PER_HOUR = 4


def test_hours_of_a_fleet_keep_to_their_disk(tmp_path: Path) -> None:
    days = Days(tmp_path / "video", CAMERAS, keep_bytes=700_000)
    days.record(HOURS)
    assert days.files == CAMERAS * (HOURS * PER_HOUR + 1)
    assert days.checks == HOURS * 60 + 1
    calls = days.count_calls()
    assert len(calls) == days.files
    assert set(calls.values()) == {1}
    there = [path for path in days.folder.rglob("*/*/*.mp4") if path.is_file()]
    assert 0 < len(there) < days.files
