"""Names of recordings, and files that follow each other."""

import contextlib
import datetime as dt
import errno
import heapq
import os
import resource
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, pairwise
from pathlib import Path

import pytest

from tests.media_samples import FPS, GOP, PCM, SAMPLE_RATE, make_video, tone_packets
from tests.sinks.test_contract import demux, write_all
from v380cli.errors import DamagedMedia, InvalidInput, StorageError
from v380cli.media.nal import START_CODE, nal_type, split_nal_units
from v380cli.media.sink import Codec, Formats, Track
from v380cli.models import RecordedFile
from v380cli.sinks import segmented
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.naming import advise_apart, name_file, part_path, plan_path
from v380cli.sinks.segmented import SegmentedSink

ZONE = dt.timezone(dt.timedelta(hours=2))
START = dt.datetime(2026, 11, 23, 9, 5, 7, tzinfo=ZONE)
MP4 = ContainerFormat.MP4
VIDEO = make_video(Codec.H264)


def make_clock() -> Iterator[dt.datetime]:
    """A minute passes between two looks."""
    return (START + dt.timedelta(minutes=minute) for minute in count())


def make_sink(folder: Path, segment_s: float | None = None) -> SegmentedSink:
    clock = make_clock()
    return SegmentedSink(lambda _: folder / "front.mp4", MP4, lambda: next(clock), segment_s)


def list_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (None, "Front-door-20261123-090507.mp4"),
        ("new/", "new/Front-door-20261123-090507.mp4"),
        ("old", "old/Front-door-20261123-090507.mp4"),
        (Path("old"), "old/Front-door-20261123-090507.mp4"),
        ("clip.mp4", "clip.mp4"),
        ("clip", "clip.mp4"),
        ("deep/er/clip.mp4", "deep/er/clip.mp4"),
        ("{date}/{name}_{time}.mp4", "20261123/Front-door_090507.mp4"),
        ("{name}/{id}/", "Front-door/12345678/Front-door-20261123-090507.mp4"),
        ("{start}", "20261123-090507.mp4"),
        ("{{x}}.mp4", "{x}.mp4"),
    ],
)
def test_where_a_recording_goes(
    output: str | Path | None, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old").mkdir()
    assert plan_path(output, "Front door", START, MP4, device_id=12345678) == Path(expected)
    assert Path(expected).parent.is_dir()


@pytest.mark.parametrize("output", [None, "video/", "{name}.mp4"])
def test_cameras_whose_names_are_alike_are_kept_apart_by_their_ids(output: str | None) -> None:
    names = {name_file(output, label, START, MP4, 1) for label in ("Cam 1", "Cam-1")}
    assert len(names) == 1
    assert advise_apart(output).endswith("put {id} into the output")
    assert "name a folder" in advise_apart("door.mp4")


@pytest.mark.parametrize("label", ["../../etc/passwd", "..", "/root", "a\0b", "", "{name}", "x.y"])
def test_a_name_cannot_leave_the_folder(label: str, tmp_path: Path) -> None:
    path = plan_path(f"{tmp_path}/{{name}}/{{name}}", label, START, MP4)
    assert path.resolve().is_relative_to(tmp_path)
    assert len(path.relative_to(tmp_path).parts) == 2
    assert path.suffix == ".mp4"


@pytest.mark.parametrize("output", ["{nme}.mp4", "{}.mp4", "{name", "{name.__class__}.mp4", "{0}"])
def test_an_unknown_field_is_said(output: str) -> None:
    with pytest.raises(InvalidInput, match="the output"):
        plan_path(output, "x", START, MP4)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot create the folder"):
        plan_path(tmp_path / "file" / "under" / "clip.mp4", "x", START, MP4)


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "front.mp4").write_bytes(b"mine")
    (tmp_path / "front-2.mp4.part").write_bytes(b"from a kill")
    sink = make_sink(tmp_path)
    write_all(sink, Formats(VIDEO.format), VIDEO.packets(3))
    assert list_names(tmp_path) == ["front-2.mp4.part", "front-3.mp4.part", "front.mp4"]
    (tmp_path / "front-3.mp4").write_bytes(b"another program's")
    sink.close()
    assert (tmp_path / "front.mp4").read_bytes() == b"mine"
    assert (tmp_path / "front-2.mp4.part").read_bytes() == b"from a kill"
    assert (tmp_path / "front-3.mp4").read_bytes() == b"another program's"
    assert [file.path.name for file in sink.files] == ["front-3-2.mp4"]


def test_a_name_that_another_takes_at_the_last_moment_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "front.mp4.part"
    find_free_path = segmented._find_free_path

    def look_too_early(path: Path) -> Path:
        free = find_free_path(path)
        if part_path(free) == theirs:
            theirs.write_bytes(b"another recorder's")
        return free

    monkeypatch.setattr(segmented, "_find_free_path", look_too_early)
    sink = make_sink(tmp_path)
    write_all(sink, Formats(VIDEO.format), VIDEO.packets(3))
    sink.close()
    assert theirs.read_bytes() == b"another recorder's"
    assert [file.path.name for file in sink.files] == ["front-2.mp4"]


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "front.mp4.part").symlink_to(tmp_path / "victim")
    (tmp_path / "front-2.mp4").symlink_to(tmp_path / "victim")
    sink = make_sink(tmp_path)
    write_all(sink, Formats(VIDEO.format), VIDEO.packets(3))
    sink.close()
    assert [file.path.name for file in sink.files] == ["front-3.mp4"]
    assert not (tmp_path / "victim").exists()


def test_a_finished_file_is_described(tmp_path: Path) -> None:
    sink = make_sink(tmp_path)
    write_all(sink, Formats(VIDEO.format, PCM), VIDEO.packets(30, 5000), tone_packets(2, 5000))
    assert sink.files == []
    sink.close()
    path = tmp_path / "front.mp4"
    (file,) = sink.files
    assert file.duration_s == pytest.approx(2, abs=0.002)
    assert file == RecordedFile(
        path=path,
        start=START,
        duration_s=file.duration_s,
        video_packets=30,
        audio_packets=31,
        size_bytes=path.stat().st_size,
        codec="h264",
    )


def test_a_file_without_a_picture_is_removed(tmp_path: Path) -> None:
    sink = make_sink(tmp_path)
    sink.open(Formats(VIDEO.format), VIDEO.keyframe)
    assert list_names(tmp_path) == ["front.mp4.part"]
    sink.close()
    assert (list_names(tmp_path), sink.files) == ([], [])


def test_segments_roll_on_the_next_keyframe_and_lose_nothing(tmp_path: Path) -> None:
    sink = make_sink(tmp_path, segment_s=3)
    formats = Formats(VIDEO.format, PCM)
    write_all(sink, formats, VIDEO.packets(10 * FPS, 700), tone_packets(10, 700))
    sink.close()
    # GOPs of 2 s: three seconds are over at the keyframe of the fourth.
    assert [file.video_packets for file in sink.files] == [2 * GOP, 2 * GOP, GOP]
    assert [file.start.minute for file in sink.files] == [5, 6, 7]
    assert list_names(tmp_path) == ["front-2.mp4", "front-3.mp4", "front.mp4"]
    for file in sink.files:
        times = [time for time, _ in demux(file.path, MP4, Track.VIDEO)]
        assert times[0] == 0
        assert len(times) == file.video_packets


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EACCES])
def test_segments_roll_in_a_folder_that_cannot_be_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    monkeypatch.setattr(os, "fdatasync", refuse)
    sink = make_sink(tmp_path, segment_s=3)
    write_all(sink, Formats(VIDEO.format), VIDEO.packets(10 * FPS))
    sink.close()
    assert [file.video_packets for file in sink.files] == [2 * GOP, 2 * GOP, GOP]
    assert list_names(tmp_path) == ["front-2.mp4", "front-3.mp4", "front.mp4"]


def test_sound_keeps_its_distance_in_every_segment(tmp_path: Path) -> None:
    """The PTS of the first sound of a segment, measured in Matroska, which leaves it alone."""
    clock = make_clock()
    mkv = ContainerFormat.MKV
    sink = SegmentedSink(lambda _: tmp_path / "a.mkv", mkv, lambda: next(clock), segment_s=2)
    video, sound = list(VIDEO.packets(8 * FPS, 700)), list(tone_packets(8, 700))
    write_all(sink, Formats(VIDEO.format, PCM), iter(video), iter(sound))
    sink.close()
    assert len(sink.files) == 4
    for index, file in enumerate(sink.files):
        start_ms = video[index * GOP].pts_ms
        expected = [(p.pts_ms - start_ms) / 1000 for p in sound if p.pts_ms >= start_ms]
        times = [time for time, _ in demux(file.path, mkv, Track.AUDIO)]
        assert times == pytest.approx(expected[: len(times)], abs=0.001)
    assert sum(file.audio_packets for file in sink.files) >= 8 * SAMPLE_RATE // 505 - 4


def test_sound_from_before_the_first_picture_of_a_file_is_counted(tmp_path: Path) -> None:
    sink = make_sink(tmp_path, segment_s=2)
    sound = list(tone_packets(6, 700))
    sounds = len(sound)
    video = list(VIDEO.packets(6 * FPS, 700))
    sink.open(Formats(VIDEO.format, PCM), video[0].data)
    for packet in video:
        sink.write(packet)
        while sound and sound[0].pts_ms < packet.pts_ms - 150:
            sink.write(sound.pop(0))
    sink.close()
    written = sum(file.audio_packets for file in sink.files)
    assert sink.unplaced_audio > 0
    assert written + sink.unplaced_audio == sounds - len(sound)


def test_a_change_of_format_begins_a_file(tmp_path: Path) -> None:
    hevc = make_video(Codec.HEVC)
    sink = make_sink(tmp_path)
    write_all(sink, Formats(VIDEO.format), VIDEO.packets(20))
    write_all(sink, Formats(hevc.format), hevc.packets(10, 2000))
    sink.close()
    assert [(file.codec, file.video_packets) for file in sink.files] == [("h264", 20), ("hevc", 10)]
    assert demux(sink.files[1].path, MP4, Track.VIDEO)[0][0] == 0


@pytest.mark.parametrize("container", ContainerFormat)
def test_another_pps_of_h265_between_keyframes(container: ContainerFormat, tmp_path: Path) -> None:
    """MP4 holds those of its head alone: what follows could not be decoded."""
    hevc = make_video(Codec.HEVC)
    keyframe, delta = hevc.packets(2)
    pps = next(nal for nal in split_nal_units(keyframe.data) if nal_type(Codec.HEVC, nal[0]) == 34)
    same, other = (replace(delta, data=START_CODE + nal + delta.data) for nal in (pps, pps + b"!"))
    sink = SegmentedSink(lambda _: tmp_path / "a", container, lambda: START)
    sink.open(Formats(hevc.format), keyframe.data)
    sink.write(keyframe)
    sink.write(same)
    other = replace(other, pts_ms=other.pts_ms + 40)
    with pytest.raises(DamagedMedia) if container is MP4 else contextlib.nullcontext():
        sink.write(other)
    sink.close()
    assert [file.video_packets for file in sink.files] == [2 if container is MP4 else 3]


def test_a_full_disk_at_the_end_keeps_the_file_under_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = make_sink(tmp_path)
    write_all(sink, Formats(VIDEO.format), VIDEO.packets(75))

    def fail(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("v380cli.sinks.output_file.os.write", fail)
        with pytest.raises(StorageError, match="No space left"):
            sink.close()
    sink.close()
    (file,) = sink.files
    assert len(demux(file.path, MP4, Track.VIDEO)) >= 75 - GOP


def test_a_disk_that_cannot_be_written_through_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = make_sink(tmp_path)
    write_all(sink, Formats(VIDEO.format), VIDEO.packets(3))

    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", fail)
    with pytest.raises(StorageError, match="Input/output error"):
        sink.close()
    sink.close()
    assert list_names(tmp_path) == ["front.mp4"]
    assert [file.video_packets for file in sink.files] == [3]


def test_packets_of_both_tracks_may_come_in_any_order_within_reason(tmp_path: Path) -> None:
    """Sound from just before the first picture has no place in the file."""
    sink = make_sink(tmp_path)
    sink.open(Formats(VIDEO.format, PCM), VIDEO.keyframe)
    late = heapq.merge(VIDEO.packets(30, 500), tone_packets(1), key=lambda p: p.track == "audio")
    for packet in late:
        sink.write(packet)
    sink.close()
    assert sink.files[0].audio_packets == sum(1 for p in tone_packets(1) if p.pts_ms >= 500)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
@pytest.mark.parametrize("container", list(ContainerFormat))
def test_only_what_can_be_read_back_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, container: ContainerFormat, number: int
) -> None:
    write, left = os.write, 150_001

    def limited_write(descriptor: int, data: bytes) -> int:
        nonlocal left
        if left == 0:
            raise OSError(number, os.strerror(number))
        taken = write(descriptor, data[:left])
        left -= taken
        return taken

    monkeypatch.setattr("v380cli.sinks.output_file.os.write", limited_write)
    path = tmp_path / f"front.{container}"
    sink = SegmentedSink(lambda _: path, container, lambda: START)
    with pytest.raises(StorageError, match=os.strerror(number)):
        write_all(sink, Formats(VIDEO.format, PCM), VIDEO.packets(900), tone_packets(60))
    sink.close()
    (file,) = sink.files
    times = [time for time, _ in demux(path, container, Track.VIDEO)]
    assert file.video_packets == len(times) > 3 * FPS
    assert file.audio_packets == len(demux(path, container, Track.AUDIO))
    assert file.duration_s == pytest.approx(times[-1] - times[0] + 1 / FPS, abs=0.01)
    assert sink.dropped_frames > 0


@contextlib.contextmanager
def limit_files(size_bytes: int) -> Iterator[None]:
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)


@pytest.mark.parametrize("container", list(ContainerFormat))
def test_a_file_that_cannot_be_larger_is_followed_by_another(
    tmp_path: Path, container: ContainerFormat
) -> None:
    clock = make_clock()
    path = tmp_path / f"front.{container}"
    sink = SegmentedSink(lambda _: path, container, lambda: next(clock))
    with limit_files(300_000):
        write_all(sink, Formats(VIDEO.format, PCM), VIDEO.packets(900), tone_packets(60))
        sink.close()
    assert len(sink.files) >= 2
    assert sink.files == sorted(sink.files, key=lambda file: file.start)
    for file in sink.files:
        assert file.video_packets == len(demux(file.path, container, Track.VIDEO)) > 0
    assert sum(file.video_packets for file in sink.files) + sink.dropped_frames == 900


@pytest.mark.parametrize("container", list(ContainerFormat))
def test_a_new_file_begins_before_the_size_that_is_asked_for(
    tmp_path: Path, container: ContainerFormat
) -> None:
    clock, path, max_bytes = make_clock(), tmp_path / f"front.{container}", 200_000
    sink = SegmentedSink(lambda _: path, container, lambda: next(clock), max_bytes=max_bytes)
    write_all(sink, Formats(VIDEO.format, PCM), VIDEO.packets(900), tone_packets(60))
    sink.close()
    *full, _rest = [file.path.stat().st_size for file in sink.files]
    assert all(max_bytes / 2 < size <= max_bytes for size in full)
    assert len(full) >= 2
    assert sum(file.video_packets for file in sink.files) == 900
    assert sink.dropped_frames == 0


class NotedFiles:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def begin(self, planned: Path, start: dt.datetime) -> None:
        self.told.append(("begin", planned.name))

    def finish(self, planned: Path, file: RecordedFile) -> None:
        self.told.append(("finish", f"{planned.name} {file.path.name}"))

    def forget(self, planned: Path) -> None:
        self.told.append(("forget", planned.name))


def test_a_listener_is_told_of_every_file(tmp_path: Path) -> None:
    notes = NotedFiles()
    path = tmp_path / "front.mp4"
    sink = SegmentedSink(lambda _: path, MP4, lambda: START, listener=notes)
    write_all(sink, Formats(VIDEO.format), VIDEO.packets(3))
    path.touch()
    sink.close()
    sink.open(Formats(VIDEO.format), VIDEO.keyframe)
    lens = sink.open_lens(2)
    lens.open(Formats(VIDEO.format), VIDEO.keyframe)
    lens.close()
    sink.close()
    assert notes.told == [
        ("begin", "front.mp4"),
        ("finish", "front.mp4 front-2.mp4"),
        ("begin", "front-3.mp4"),
        ("begin", "front-lens2.mp4"),
        ("forget", "front-lens2.mp4"),
        ("forget", "front-3.mp4"),
    ]


def test_an_index_for_which_there_is_no_room_is_left_out(tmp_path: Path) -> None:
    sink = make_sink(tmp_path)
    with limit_files(1 << 30):
        write_all(sink, Formats(VIDEO.format), VIDEO.packets(4 * GOP))
        resource.setrlimit(
            resource.RLIMIT_FSIZE,
            ((tmp_path / "front.mp4.part").stat().st_size + 10, resource.RLIM_INFINITY),
        )
        sink.close()
    (file,) = sink.files
    assert file.video_packets == len(demux(file.path, MP4, Track.VIDEO)) >= GOP


def test_a_limit_for_less_than_some_seconds_is_an_error(tmp_path: Path) -> None:
    sink = make_sink(tmp_path)
    with limit_files(1000):
        with pytest.raises(StorageError, match="File too large"):
            write_all(sink, Formats(VIDEO.format), VIDEO.packets(900))
        sink.close()
    assert (sink.files, list_names(tmp_path)) == ([], [])


@pytest.mark.parametrize("container", list(ContainerFormat))
def test_what_is_synced_is_whole_and_never_far_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, container: ContainerFormat
) -> None:
    """At each sync, all that a power cut may not cost can be read from the file."""
    synced = [0.0]
    part = tmp_path / f"front.{container}.part"

    def note(_file: object) -> None:
        synced.append(demux(part, container, Track.VIDEO)[-1][0])

    monkeypatch.setattr("v380cli.sinks.output_file.OutputFile.sync_soon", note)
    path = part.with_suffix("")
    sink = SegmentedSink(lambda _: path, container, lambda: START, sync_s=5)
    write_all(sink, Formats(VIDEO.format, PCM), VIDEO.packets(30 * FPS), tone_packets(30))
    assert max(later - former for former, later in pairwise(synced)) <= 5
    assert 30 - synced[-1] <= 6
    sink.close()
