"""Alarms that a camera posts, from the simulator's to ours, over loopback."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.commands.recording_lab import SMALL, make_device, open_camera, wait_until
from tests.readback import count_pictures
from tests.work.watching_lab import Listener, running
from v380cli.camera.recorder_state import RecorderState
from v380cli.errors import RemoteProtocolError
from v380cli.models import Device
from v380cli.net.post_receiver import Post, PostReceiver
from v380cli.simulator import alarmist as module
from v380cli.simulator.alarmist import Alarmist
from v380cli.store.alarm_samples import MAX_SAMPLES, read_samples
from v380cli.wire.alarm_post import AlarmKind
from v380cli.work.watch.events import EventName
from v380cli.work.watch.plan import WatchPlan
from v380cli.work.watch.push import AlarmDesk, PushWatch

PORCH = Device(name="porch", device_id=SMALL.device_id)


@pytest.fixture(autouse=True)
def own_data(data_dir: Path) -> Path:
    return data_dir


@pytest.fixture
def told() -> Listener:
    return Listener()


@pytest.fixture
def watch(told: Listener) -> PushWatch:
    return PushWatch(PORCH, WatchPlan(post_s=3600.0), told, None)


@pytest.fixture
def alarmist(watch: PushWatch) -> Iterator[Alarmist]:
    with PostReceiver([("127.0.0.1", 0)], AlarmDesk([watch]).answer) as receiver:
        yield Alarmist(SMALL, ("127.0.0.1", receiver.ports[0]))


def test_an_alarm_is_told_and_told_again_with_its_picture(
    watch: PushWatch, alarmist: Alarmist, told: Listener
) -> None:
    with running(watch):
        alarmist.raise_alarm(1, AlarmKind.HUMAN)
    assert told.names == [EventName.ALARM, EventName.ALARM, EventName.ALARM_END]
    first, second, end = told.events
    assert (first.device, first.source, first.reason) == (PORCH, "push", "human")
    assert first.key == second.key == end.key
    assert (first.picture, second.picture[:2]) == (b"", b"\xff\xd8")
    assert alarmist.result == 1000


def test_an_alarm_that_is_posted_again_is_none(
    watch: PushWatch, alarmist: Alarmist, told: Listener
) -> None:
    alarmist.raise_alarm(1)
    count = len(told.events)
    again = Alarmist(SMALL, alarmist._server)
    again.raise_alarm(1)
    assert len(told.events) == count


def test_a_stranger_s_alarm_is_taken_and_told_once(
    alarmist: Alarmist, told: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = Alarmist(replace(SMALL, device_id=1), alarmist._server)
    stranger.raise_alarm(1)
    stranger.raise_alarm(2)
    assert told.events == []
    assert caplog.text.count("camera 1, which is not watched") == 1


def test_a_wrong_signature_is_refused(
    alarmist: Alarmist, told: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "encode_alarm", lambda alarm, _: forge(alarm.device_id))
    with pytest.raises(RemoteProtocolError, match="1001"):
        alarmist.raise_alarm(1)
    assert told.events == []


def forge(device_id: int) -> bytes:
    names = ("alarm_id", "alarm_level", "alarm_time", "alarm_type")
    return json.dumps({**dict.fromkeys(names, 1), "dev_id": device_id, "signature": ""}).encode()


def test_the_first_bodies_are_kept_for_a_report(alarmist: Alarmist) -> None:
    for number in range(MAX_SAMPLES):
        alarmist.raise_alarm(number)
    lines = [json.loads(line) for line in read_samples().splitlines()]
    assert len(lines) == MAX_SAMPLES
    assert lines[0]["path"].endswith("/list")
    assert lines[1]["headers"]["user-agent"] == "macro-video IPC"
    assert "ff d8 ff" in lines[2]["body"]["picture"]
    assert str(SMALL.device_id) not in read_samples()


def test_what_newer_cameras_may_ask_for_is_kept_without_ids(watch: PushWatch) -> None:
    desk = AlarmDesk([watch])
    for path in ("/api/v9/device/12345678/news", "/index.html"):
        post = Post(path=path, headers={}, body=b"12345678", host="127.0.0.1", port=1)
        assert desk.answer(post) == b""
    (sample,) = map(json.loads, read_samples().splitlines())
    assert sample["path"] == "/api/v9/device/N/news"
    assert sample["body"]["bytes"] == 8


def test_with_a_folder_each_alarm_has_a_clip(tmp_path: Path, told: Listener) -> None:
    with open_camera() as camera:
        plan = WatchPlan(record=str(tmp_path), pre_s=0.5, post_s=0.5)
        watch = PushWatch(make_device(camera), plan, told, None)
        assert watch.main
        desk = AlarmDesk([watch])
        with PostReceiver([("127.0.0.1", 0)], desk.answer) as receiver, running(watch):
            main = watch.main
            wait_until(lambda: main.state is RecorderState.RECORDING)
            Alarmist(SMALL, ("127.0.0.1", receiver.ports[0])).raise_alarm(1)
            end = told.wait_for(EventName.ALARM_END)
    assert told.names[-1] is EventName.ALARM_END
    assert end.clip
    assert count_pictures(end.clip) > 0
    assert end.snapshot
    assert end.snapshot.read_bytes().startswith(b"\xff\xd8")
