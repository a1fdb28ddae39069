"""What a kill broke off becomes an ordinary file, and nothing else is touched."""

import errno
import fcntl
import os
import shutil
from pathlib import Path

import av
import pytest

from tests.media_samples import FPS, PCM, make_video, tone_packets
from tests.readback import read_video
from tests.sinks.test_contract import write_all
from v380cli.errors import MediaError, StorageError
from v380cli.media.sink import Codec, Formats
from v380cli.sinks.container import ContainerSink
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.naming import part_path
from v380cli.store.spool import Spool
from v380cli.work.card.mirror import lock_mirror
from v380cli.work.recovery import StillWritten, find_parts, recover

FRAMES = 8 * FPS


def break_off(path: Path, codec: Codec, container: ContainerFormat) -> Path:
    """A file as a kill leaves it: what is on the disk while it is still written."""
    sample = make_video(codec)
    writing = path.with_name("writing")
    sink = ContainerSink(writing, container)
    sound = tone_packets(FRAMES / FPS)
    write_all(sink, Formats(sample.format, PCM), sample.packets(FRAMES), sound)
    part = part_path(path)
    shutil.copyfile(writing, part)
    sink.close()
    writing.unlink()
    return part


@pytest.fixture(params=list(ContainerFormat))
def container(request: pytest.FixtureRequest) -> ContainerFormat:
    return ContainerFormat(request.param)


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
def test_the_pictures_stay_as_they_are_and_can_be_sought(
    codec: Codec, container: ContainerFormat, tmp_path: Path
) -> None:
    part = break_off(tmp_path / f"porch.{container}", codec, container)
    before = read_video(part)
    found = recover(part)
    assert found.path == tmp_path / f"porch.{container}"
    assert [path.name for path in tmp_path.iterdir()] == [found.path.name]
    assert read_video(found.path) == before
    assert len(before) == found.video_packets >= FRAMES - 2 * FPS
    assert found.audio_packets > 0
    with av.open(str(found.path)) as file:
        assert file.duration
        file.seek(file.duration // 2)
        assert next(file.decode(video=0)).pts


def test_a_name_that_is_taken_stays_with_its_file(tmp_path: Path) -> None:
    part = break_off(tmp_path / "porch.mp4", Codec.H264, ContainerFormat.MP4)
    (tmp_path / "porch.mp4").write_bytes(b"mine")
    assert recover(part).path == tmp_path / "porch-2.mp4"
    assert (tmp_path / "porch.mp4").read_bytes() == b"mine"


def test_what_is_being_recorded_is_left_alone(tmp_path: Path) -> None:
    sample = make_video(Codec.H264)
    part = part_path(tmp_path / "porch.mp4")
    sink = ContainerSink(part, ContainerFormat.MP4)
    sink.open(Formats(sample.format, None), sample.keyframe)
    with pytest.raises(StillWritten):
        recover(part)
    for packet in sample.packets(FPS):
        sink.write(packet)
    sink.close()
    assert recover(part).video_packets == FPS


@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"not a film at all"])
def test_what_has_no_picture_stays(content: bytes, tmp_path: Path) -> None:
    part = part_path(tmp_path / "porch.mp4")
    part.write_bytes(content)
    with pytest.raises(MediaError):
        recover(part)
    assert [path.name for path in tmp_path.iterdir()] == [part.name]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    real = break_off(tmp_path / "real.mp4", Codec.H264, ContainerFormat.MP4)
    link = part_path(tmp_path / "porch.mp4")
    link.symlink_to(real)
    with pytest.raises(StorageError):
        recover(link)
    assert real.exists()


def test_a_fifo_that_somebody_planted_does_not_hold_us_up(tmp_path: Path) -> None:
    fifo = part_path(tmp_path / "porch.mp4")
    os.mkfifo(fifo)
    with pytest.raises(StorageError, match="is not a file"):
        recover(fifo)


def test_where_nothing_can_be_locked_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = break_off(tmp_path / "porch.mp4", Codec.H264, ContainerFormat.MP4)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(StorageError, match="No locks available") as recovering:
        recover(part)
    with pytest.raises(StorageError, match="No locks available") as fetching:
        Spool(tmp_path / "frames", "recording")
    with pytest.raises(StorageError, match="No locks available") as mirroring:
        lock_mirror(tmp_path).__enter__()
    for raised in (recovering, fetching, mirroring):
        assert raised.type is StorageError, "nobody else is at it"
    assert part.exists()


def test_only_recordings_are_found_in_a_folder(tmp_path: Path) -> None:
    names = ["a.mp4.part", "b/c.mkv.part", "b/d.ts.part", "e.zip.part", "f.mp4", "g.part"]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert [str(path.relative_to(tmp_path)) for path in find_parts(tmp_path)] == names[:3]


def test_what_another_program_finishes_meanwhile_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = break_off(tmp_path / "porch.mp4", Codec.H264, ContainerFormat.MP4)
    flock = fcntl.flock

    def flock_late(descriptor: int, operation: int) -> None:
        monkeypatch.undo()
        recover(part)
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", flock_late)
    with pytest.raises(StillWritten):
        recover(part)
    assert [path.name for path in tmp_path.iterdir()] == ["porch.mp4"]
