"""Events with their clips, where the stream of the clips takes its time."""

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.media_samples import GOP, make_video
from tests.readback import count_pictures
from v380cli.errors import StorageError
from v380cli.media.sink import Codec, Formats
from v380cli.models import Device
from v380cli.sinks.clip import ClipSink
from v380cli.sinks.formats import ContainerFormat
from v380cli.work.watch import episodes as episodes_module
from v380cli.work.watch.episodes import Episodes
from v380cli.work.watch.events import Event, EventName

NOW = dt.datetime(2026, 11, 28, 9, 0, tzinfo=dt.UTC)
EVENT = Event(
    name=EventName.MOTION_START,
    device=Device(name="porch", device_id=12345678),
    source="picture",
    time=NOW,
    start=NOW,
    picture=b"a jpeg",
)
VIDEO = make_video(Codec.H264)


def test_a_stream_that_comes_up_late_has_its_clip_all_the_same(tmp_path: Path) -> None:
    told: list[Event] = []
    clips = ClipSink(lambda _: tmp_path / "clip.mp4", ContainerFormat.MP4, pre_s=1.0)
    episodes = Episodes(told.append, clips, 0.0)
    episodes.begin(EVENT)
    episodes.tick()
    assert told[0].clip is None
    clips.open(Formats(VIDEO.format), VIDEO.keyframe)
    episodes.tick()
    for packet in VIDEO.packets(GOP):
        clips.write(packet)
        episodes.tick()
    episodes.end()
    assert told[-1].clip == tmp_path / "clip.mp4"
    assert told[-1].snapshot == tmp_path / "clip.jpg"
    assert count_pictures(tmp_path / "clip.mp4") == GOP


@pytest.mark.parametrize(("is_quiet_first", "duration_s"), [(True, 3.0), (False, 8.0)])
def test_an_event_has_its_picture_at_once_and_its_duration_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_quiet_first: bool, duration_s: float
) -> None:
    times = iter([100.0, 103.0, 103.0, 103.0, 108.0] if is_quiet_first else [100.0, 108.0])
    monkeypatch.setattr(episodes_module, "time", SimpleNamespace(monotonic=lambda: next(times)))
    told: list[Event] = []
    clips = ClipSink(lambda _: tmp_path / "clip.mp4", ContainerFormat.MP4, pre_s=1.0)
    clips.open(Formats(VIDEO.format), VIDEO.keyframe)
    for packet in VIDEO.packets(GOP):
        clips.write(packet)
    episodes = Episodes(told.append, clips, 10.0)
    episodes.begin(EVENT)
    assert (told[0].clip, told[0].snapshot) == (tmp_path / "clip.mp4", tmp_path / "clip.jpg")
    assert (tmp_path / "clip.jpg").read_bytes() == EVENT.picture
    if is_quiet_first:
        episodes.expect_end()
    episodes.end()
    assert told[-1].duration_s == duration_s


def test_a_clip_that_no_disk_takes_is_not_begun_again_and_again(tmp_path: Path) -> None:
    asked: list[dt.datetime] = []

    def plan(start: dt.datetime) -> Path:
        asked.append(start)
        raise StorageError("the disk is full")

    clips = ClipSink(plan, ContainerFormat.MP4, pre_s=1.0)
    episodes = Episodes(lambda _: None, clips, 0.0)
    clips.open(Formats(VIDEO.format), VIDEO.keyframe)
    for packet in VIDEO.packets(3):
        clips.write(packet)
    episodes.begin(EVENT)
    for _ in range(3):
        episodes.tick()
    assert len(asked) == 1
