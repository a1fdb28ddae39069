"""What is new on a camera's card becomes events, with the recording as the clip."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from tests.camera.card import SMALL_CARD, simulate_card
from tests.commands.recording_lab import make_device, wait_until
from tests.readback import count_pictures
from tests.work.watching_lab import Listener, running
from v380cli.errors import NetworkError, Refused
from v380cli.simulator.card import CardState, make_entry
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.wire.card.words import CardEntry, RecordingKind
from v380cli.work.watch import card as card_module
from v380cli.work.watch.card import CardWatch
from v380cli.work.watch.events import EventName
from v380cli.work.watch.plan import WatchPlan
from v380cli.work.watch.source import Source

SECONDS = 2


@pytest.fixture(autouse=True)
def in_a_hurry(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_module, "POLL_S", 0.05)


def put(camera: SimulatedCamera, *entries: CardEntry) -> None:
    """Have the camera record this, too."""
    camera.card.spec = replace(camera.card.spec, entries=(*camera.card.spec.entries, *entries))


def make_new(number: int, kind: RecordingKind, ago_s: int) -> CardEntry:
    start = dt.datetime.now().replace(microsecond=0) - dt.timedelta(seconds=ago_s)
    return make_entry(number, kind, start, SECONDS)


def test_what_is_new_is_told_with_the_recording(tmp_path: Path) -> None:
    told = Listener()
    old = make_new(1, RecordingKind.MOTION, 30)
    with simulate_card(replace(SMALL_CARD, entries=(old,))) as camera:
        plan = WatchPlan(source=Source.CARD, record=str(tmp_path))
        watch = CardWatch(make_device(camera), plan, told, None)
        with running(watch) as results:
            wait_until(lambda: watch._known is not None)
            put(camera, make_new(2, RecordingKind.ALARM, 10), make_new(3, RecordingKind.NORMAL, 6))
            end = told.wait_for(EventName.ALARM_END)
            put(camera, make_new(4, RecordingKind.MOTION, 4))
            told.wait_for(EventName.MOTION_END)
    assert results[0].error is None
    assert told.names == [
        *(EventName.ALARM, EventName.ALARM_END),
        *(EventName.MOTION_START, EventName.MOTION_END),
    ]
    assert told.events[0].key == end.key
    assert (end.source, end.duration_s) == ("card", SECONDS)
    assert end.clip
    assert count_pictures(end.clip) == SECONDS * SMALL_CARD.fps
    assert end.snapshot
    assert end.snapshot.read_bytes() == end.picture
    assert end.picture.startswith(b"\xff\xd8")


def test_what_grows_has_not_ended(tmp_path: Path) -> None:
    told = Listener()
    with simulate_card(replace(SMALL_CARD, entries=())) as camera:
        watch = CardWatch(make_device(camera), WatchPlan(), told, None)
        entry = make_new(1, RecordingKind.MOTION, 60)
        watch._look()
        for seconds in range(3):
            camera.card.spec = replace(
                camera.card.spec,
                entries=(replace(entry, end=entry.end + dt.timedelta(seconds=seconds)),),
            )
            watch._look()
        assert told.names == [EventName.MOTION_START]
        watch._look()
    assert told.names == [EventName.MOTION_START, EventName.MOTION_END]
    assert told.events[1].duration_s == SECONDS + 2
    assert told.events[1].clip is None


def test_what_is_overwritten_has_ended(tmp_path: Path) -> None:
    told = Listener()
    with simulate_card(replace(SMALL_CARD, entries=())) as camera:
        watch = CardWatch(make_device(camera), WatchPlan(), told, None)
        watch._look()
        put(camera, make_new(1, RecordingKind.ALARM, 60))
        watch._look()
        camera.card.spec = replace(camera.card.spec, entries=())
        watch._look()
        watch._look()
    assert told.names == [EventName.ALARM, EventName.ALARM_END]


def test_a_camera_without_a_card_is_told() -> None:
    with simulate_card(replace(SMALL_CARD, state=CardState.MISSING)) as camera:
        watch = CardWatch(make_device(camera), WatchPlan(), Listener(), None)
        assert isinstance(watch.run().error, Refused)


def test_a_camera_that_was_away_all_the_time_is_an_error() -> None:
    with simulate_card() as camera:
        device = make_device(camera)
    watch = CardWatch(device, WatchPlan(duration_s=0.1), Listener(), None)
    assert isinstance(watch.run().error, NetworkError)


def test_a_camera_that_is_away_is_lost_and_comes_back() -> None:
    told = Listener()
    with simulate_card() as camera:
        device = make_device(camera)
        watch = CardWatch(device, WatchPlan(), told, None)
        watch._look()
    watch._look()
    watch._look()
    assert told.names == [EventName.CAMERA_LOST]
    with simulate_card(port=device.port):
        watch._look()
    assert told.names == [EventName.CAMERA_LOST, EventName.CAMERA_BACK]
    assert told.events[0].key == told.events[1].key
