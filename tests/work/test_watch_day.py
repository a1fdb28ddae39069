"""Hours of watching in a moment: nothing grows, nothing is lost."""

from pathlib import Path

from tests.work.watch_day import MAX_CLIPS_BYTES, run_day
from v380cli.store.events import open_events

MAX_GROWTH_BYTES = 30_000_000  # a leak of packets is ten times that


def test_some_time_of_two_cameras_with_the_webhook_down_for_a_third_of_it(
    data_dir: Path, tmp_path: Path
) -> None:
    day = run_day(tmp_path / "clips", cameras=2, hours=0.16)
    rounds = 4
    assert len(day.told) == 2 * 2 * rounds  # both cameras, beginning and end
    assert sorted(day.heard) == sorted(day.told)
    with open_events(create=False) as events:
        assert len(events.list_events()) == 2 * rounds  # nobody waits for who is down
    assert day.dropped == 0
    assert day.refusals > 0
    assert day.memory[-1] - day.memory[2] < MAX_GROWTH_BYTES
    clips = list((tmp_path / "clips").rglob("*.mp4"))
    assert sum(path.stat().st_size for path in clips) < 2 * 2 * MAX_CLIPS_BYTES
