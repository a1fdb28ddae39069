"""`v380 events`: what was seen, as a table, as JSON, and played."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.commands.conftest import Done
from tests.commands.recording_lab import add_to_list
from v380cli.commands.events import draw_days
from v380cli.models import Device
from v380cli.store.events import StoredEvent, open_events

V380 = Callable[..., Done]
NOON = dt.datetime(2026, 11, 27, 12, 0).astimezone()


def make_event(hour: int, *, device_id: int = 7, clip: Path | None = None) -> StoredEvent:
    return StoredEvent(
        key=f"{device_id}-{hour}",
        kind="motion",
        device=f"cam{device_id}",
        device_id=device_id,
        source="picture",
        start=NOON.replace(hour=hour),
        duration_s=4.5,
        score=0.5,
        area=0.021,
        clip=clip,
    )


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    """Three events of two cameras; the clip of the first."""
    clip = tmp_path / "a clip.mp4"
    clip.write_bytes(b"media")
    with open_events() as catalogue:
        catalogue.put(make_event(14, clip=clip))
        catalogue.put(make_event(9, device_id=8))
        catalogue.put(make_event(8))
    return clip


def test_nothing_seen_makes_no_file(v380: V380, data_dir: Path) -> None:
    done = v380("events")
    assert (done.code, done.out) == (0, "")
    assert "nothing was seen" in done.err
    assert not (data_dir / "events.db").exists()


def test_a_row_for_each_in_order_of_time(v380: V380, seen: Path) -> None:
    rows = [line.split("\t") for line in v380("events").out.splitlines()]
    assert [row[0] for row in rows] == ["3", "2", "1"]
    assert rows[2] == ["1", "2026-11-27 14:00:00", "cam7", "motion", "0:04.5", "2.1%", str(seen)]


def test_only_of_a_camera_and_since_a_time(v380: V380, seen: Path) -> None:
    add_to_list(Device(name="porch", device_id=8))
    assert [event["n"] for event in v380("events", "porch", "--json").json] == [2]
    assert [event["n"] for event in v380("events", "7", "--json").json] == [3, 1]
    late = v380("events", "--since", "2026-11-27T13:00", "--json").json
    assert [event["n"] for event in late] == [1]
    assert late[0]["clip"] == str(seen)
    assert late[0]["start"] == "2026-11-27T14:00:00.000" + NOON.isoformat()[-6:]
    assert v380("events", "nobody").code == 3


def test_a_camera_without_an_id_has_its_own_events_only(v380: V380) -> None:
    """One that is reached over RTSP has none."""
    for name in ("porch", "yard"):
        add_to_list(Device(name=name, host="127.0.0.1"))
    with open_events() as catalogue:
        for hour, name in enumerate(("porch", "yard", "porch")):
            catalogue.put(replace(make_event(hour, device_id=0), device=name))
    assert [event["n"] for event in v380("events", "porch", "--json").json] == [1, 3]
    assert [event["n"] for event in v380("events", "yard", "--json").json] == [2]


@pytest.mark.parametrize("number", ["0", "99999999999999999999"])
def test_a_number_that_can_be_no_camera_is_told(v380: V380, seen: Path, number: str) -> None:
    done = v380("events", number)
    assert (done.code, done.out) == (3, "")
    assert f"there is no camera '{number}'" in done.err


def test_an_end_completes_its_beginning() -> None:
    with open_events() as catalogue:
        event = make_event(8)
        catalogue.put(event)
        (first,) = catalogue.list_events()
        catalogue.put(make_event(8, clip=Path("/clips/a.mp4")))
        (second,) = catalogue.list_events()
    assert (first.number, first.clip) == (second.number, None)
    assert second.clip == Path("/clips/a.mp4")


def test_a_clip_is_played_or_named(v380: V380, seen: Path, tmp_path: Path) -> None:
    assert v380("events", "play", "1").out.strip() == str(seen)
    copy = tmp_path / "copy"
    player = f"sh -c 'cp \"$1\" {copy}' sh"
    assert v380("events", "play", "1", "--player", player).code == 0
    assert copy.read_bytes() == b"media"


def test_what_cannot_be_played_is_told(v380: V380, seen: Path) -> None:
    assert "there is no event 9" in v380("events", "play", "9").err
    assert "has no clip" in v380("events", "play", "2").err
    seen.unlink()
    assert v380("events", "play", "1").code == 9


def test_an_hour_is_the_fuller_the_more_happened() -> None:
    found = [make_event(8), make_event(8), make_event(9), make_event(23)]
    assert draw_days(found) == [("Fri 2026-11-27", "········█▄·············▄")]


def test_a_number_may_be_a_name_an_id_or_of_nothing(v380: V380, seen: Path) -> None:
    add_to_list(Device(name="2024", device_id=8))
    assert [event["id"] for event in v380("events", "2024", "--json").json] == [8]
    assert [event["id"] for event in v380("events", "7", "--json").json] == [7, 7]
    assert v380("events", "9" * 30).code == 3
    assert v380("events", "play", "9" * 30).code == 2


@pytest.mark.parametrize(
    "words", [("events", "play", "1"), ("recordings", "play", "10.0.0.1", "20261120-080000-1")]
)
def test_a_player_whose_quote_has_no_end_is_a_mistake(
    v380: V380, seen: Path, words: tuple[str, ...]
) -> None:
    done = v380(*words, "--player", "mpv 'a")
    assert done.code == 2
    assert "cannot be read" in done.err
