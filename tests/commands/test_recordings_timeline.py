"""`v380 recordings timeline`: a day hour by hour; the bars of `list`; how footage is measured."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.camera.card import DAY, SMALL_CARD, simulate_card
from tests.cli import RunHere
from tests.virtual_terminal import start_on_terminal
from v380cli.camera.recordings import CardRecording
from v380cli.simulator.card import make_entry
from v380cli.wire.card.words import RecordingKind
from v380cli.work.card.timeline import list_hours, measure_footage

NOON = dt.datetime.combine(DAY, dt.time(12))
ENTRIES = (
    make_entry(1, RecordingKind.NORMAL, NOON - dt.timedelta(minutes=2), 300),
    make_entry(2, RecordingKind.MOTION, NOON + dt.timedelta(minutes=1), 60),
    make_entry(3, RecordingKind.ALARM, NOON + dt.timedelta(hours=3, minutes=59), 60),
)
PASSWORD = {"V380_PASSWORD": "secret1"}
WORDS = ("--date", f"{DAY}", "--timezone", "UTC")
FIRST, SECOND, LAST = "·" * 58 + "▂▂", "▂█▂" + "·" * 57, "·" * 59 + "█"


@pytest.fixture
def target() -> Iterator[tuple[str, ...]]:
    with simulate_card(replace(SMALL_CARD, entries=ENTRIES)) as camera:
        yield f"{camera.host}:{camera.port}", "--id", str(camera.spec.device_id)


def test_for_a_pipe_a_line_for_each_hour(data_dir: Path, target: tuple[str, ...]) -> None:
    done = RunHere(data_dir)("recordings", "timeline", *target, *WORDS, env=PASSWORD)
    assert done.returncode == 0, done.stderr
    assert [line.split("\t")[1:] for line in done.stdout.splitlines()] == [
        [f"{DAY}T11", FIRST, "0:00.0"],
        [f"{DAY}T12", SECOND, "1:00.0"],
        [f"{DAY}T15", LAST, "1:00.0"],
    ]


def test_the_document(data_dir: Path, target: tuple[str, ...]) -> None:
    done = RunHere(data_dir)("recordings", "timeline", *target, *WORDS, "--json", env=PASSWORD)
    documents = json.loads(done.stdout)
    assert documents[1] == {
        "device": target[-1],
        "hour": f"{DAY}T12:00:00.000+00:00",
        "footage_s": 180.0,
        "motion_s": 60.0,
    }


def test_a_terminal_of_80_columns_has_a_table(data_dir: Path, target: tuple[str, ...]) -> None:
    words = ("recordings", "timeline", *target, *WORDS)
    with start_on_terminal(data_dir, *words, env=PASSWORD) as run:
        assert run.wait() == 0
        run.wait_for_text("each sign is a minute")
        text = run.terminal.read_text()
    assert f"12  {SECOND}  1:00.0" in text
    assert f"{DAY:%a %Y-%m-%d}" in text


def test_the_list_has_a_bar_for_each_day(data_dir: Path, target: tuple[str, ...]) -> None:
    words = ("recordings", "list", *target, *WORDS)
    with start_on_terminal(data_dir, *words, env=PASSWORD) as run:
        assert run.wait() == 0
        run.wait_for_text("duration")
        text = run.terminal.read_text()
    bar = "·" * 23 + "▁▂" + "·" * 6 + "▁" + "·" * 16  # a sign for each half hour
    assert f"{DAY:%a %Y-%m-%d}  {bar}" in text


def test_without_a_range_it_is_today(data_dir: Path, target: tuple[str, ...]) -> None:
    done = RunHere(data_dir)("recordings", "timeline", *target, env=PASSWORD)
    assert "no recordings in that range" in done.stderr


def make_recording(start: dt.datetime, seconds: int) -> CardRecording:
    end = start + dt.timedelta(seconds=seconds)
    entry = make_entry(1, RecordingKind.NORMAL, start, seconds)
    return CardRecording(
        start=start.replace(tzinfo=dt.UTC), end=end.replace(tzinfo=dt.UTC), entry=entry
    )


def test_footage_is_cut_at_each_step_and_counted_once() -> None:
    twice = [make_recording(NOON - dt.timedelta(seconds=30), 75)] * 2
    assert measure_footage(twice, NOON, 3, 30.0) == (30.0, 30.0, 0.0)
    assert measure_footage(twice[:1], NOON, 3, 30.0) == (30.0, 15.0, 0.0)


def test_a_recording_over_midnight_is_in_both_days() -> None:
    midnight = dt.datetime.combine(DAY + dt.timedelta(days=1), dt.time())
    hours = list_hours([make_recording(midnight - dt.timedelta(seconds=10), 30)])
    assert [(hour.start, sum(hour.footage_s)) for hour in hours] == [
        (midnight - dt.timedelta(hours=1), 10.0),
        (midnight, 20.0),
    ]
