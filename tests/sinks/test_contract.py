"""What every media sink owes its caller, held against each of them."""

import datetime as dt
import errno
import heapq
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import pytest

from tests.media_samples import (
    AAC_SILENCE_S,
    FPS,
    GOP,
    HEIGHT,
    PCM,
    SAMPLE_RATE,
    WIDTH,
    aac_packets,
    make_aac,
    make_jpegs,
    make_motion_jpeg,
    make_tone,
    make_video,
    tone_packets,
)
from tests.readback import read_video
from v380cli.errors import MediaError, StorageError, UnsupportedFirmware
from v380cli.media.nal import split_nal_units
from v380cli.media.sink import AudioFormat, Codec, Formats, Packet, Sink, Track
from v380cli.sinks.container import ContainerSink
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.segmented import SegmentedSink

FFMPEG_NAMES = {"mp4": "mp4", "mkv": "matroska", "ts": "mpegts"}
CODECS = [Codec.H264, Codec.HEVC]
START = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)


@dataclass
class Subject:
    """A sink under test, and where its file will be."""

    sink: Sink
    container: ContainerFormat
    final_path: Path
    open_path: Path


def make_subject(kind: str, container: ContainerFormat, folder: Path) -> Subject:
    path = folder / f"recording.{container}"
    if kind == "container":
        return Subject(ContainerSink(path, container), container, path, path)
    sink = SegmentedSink(lambda _: path, container, lambda: START)
    return Subject(sink, container, path, path.with_name(path.name + ".part"))


@pytest.fixture(params=["container", "segmented"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=list(ContainerFormat))
def subject(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    made = make_subject(kind, request.param, tmp_path)
    yield made
    made.sink.close()


def write_all(sink: Sink, formats: Formats, *tracks: Iterator[Packet]) -> None:
    packets = list(heapq.merge(*tracks, key=lambda packet: packet.pts_ms))
    first = next(packet for packet in packets if packet.track is Track.VIDEO)
    sink.open(formats, first.data)
    for packet in packets:
        sink.write(packet)


def demux(path: Path, container: ContainerFormat, track: Track) -> list[tuple[float, bytes]]:
    """The packets of a track, with their PTS in seconds as a player sees them."""
    with av.open(path, "r", format=FFMPEG_NAMES[container]) as source:
        stream = source.streams.get(**{track.value: 0})[0]
        return [(seconds(packet), bytes(packet)) for packet in source.demux(stream) if packet.size]


def seconds(item: "av.Packet | av.AudioFrame | av.VideoFrame") -> float:  # type: ignore[type-arg]
    assert item.pts is not None
    assert item.time_base is not None
    return item.pts * item.time_base.numerator / item.time_base.denominator


@pytest.mark.parametrize("codec", CODECS)
def test_video_comes_back_bit_for_bit(codec: Codec, subject: Subject) -> None:
    video = make_video(codec)
    write_all(subject.sink, Formats(video.format), video.packets(2 * GOP))
    subject.sink.close()
    found = demux(subject.final_path, subject.container, Track.VIDEO)
    assert read_video(subject.final_path) == [
        list(split_nal_units(unit.data)) for unit in video.units
    ]
    expected = [packet.pts_ms / 1000 for packet in video.packets(2 * GOP)]
    assert [time - found[0][0] for time, _ in found] == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize("audio", [PCM, make_aac()[0]], ids=["pcm", "aac"])
def test_audio_and_video_stay_together(audio: AudioFormat, subject: Subject) -> None:
    """Sound begins 500 ms after the picture, and does so in the file."""
    video = make_video(Codec.H264)
    sound = tone_packets(3, 500) if audio is PCM else aac_packets(500)
    write_all(subject.sink, Formats(video.format, audio), video.packets(60), sound)
    subject.sink.close()
    with av.open(subject.final_path) as source:
        picture_s = next(seconds(frame) for frame in source.decode(video=0))
    with av.open(subject.final_path) as source:
        loud_s = next(time for time, level in levels(source) if level > 2000)
    silence_s = 0 if audio is PCM else AAC_SILENCE_S
    assert loud_s - picture_s == pytest.approx(0.5 + silence_s, abs=0.02)


def levels(source: "av.container.InputContainer") -> Iterator[tuple[float, int]]:
    """Peak level of every 5 ms of sound, with its time."""
    resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
    step = SAMPLE_RATE // 200
    for decoded in source.decode(audio=0):
        start_s = seconds(decoded)
        for frame in resampler.resample(decoded):
            samples = memoryview(bytes(frame.planes[0])[: 2 * frame.samples]).cast("h")
            for index in range(0, len(samples), step):
                level = max(abs(sample) for sample in samples[index : index + step])
                yield start_s + index / SAMPLE_RATE, level


def test_a_gap_in_the_sound_is_a_gap_in_the_file(subject: Subject) -> None:
    video = make_video(Codec.H264)
    formats = Formats(video.format, PCM)
    sound = [*tone_packets(1), *tone_packets(1, start_ms=3000)]
    write_all(subject.sink, formats, video.packets(60), iter(sound))
    subject.sink.close()
    with av.open(subject.final_path) as source:
        start_s = next(seconds(frame) for frame in source.decode(video=0))
    with av.open(subject.final_path) as source:
        loud = [time - start_s for time, level in levels(source) if level > 4000]
    assert all(time < 1.1 or time > 2.9 for time in loud)
    assert max(loud) == pytest.approx(3.98, abs=0.1)


def test_sound_that_never_comes_holds_nothing_up(subject: Subject) -> None:
    """A camera whose microphone was switched off; what is written can be read at once."""
    video = make_video(Codec.H264)
    write_all(subject.sink, Formats(video.format, PCM), video.packets(6 * FPS))
    found = demux(subject.open_path, subject.container, Track.VIDEO)
    assert len(found) >= 6 * FPS - max(GOP, 2 * FPS) - 1


def test_sound_without_a_track_is_left_out(subject: Subject) -> None:
    video = make_video(Codec.H264)
    write_all(subject.sink, Formats(video.format), video.packets(30), tone_packets(2))
    subject.sink.close()
    with av.open(subject.final_path) as source:
        assert [stream.type for stream in source.streams] == ["video"]


def test_closing_twice_and_before_opening_is_nothing(subject: Subject) -> None:
    subject.sink.close()
    video = make_video(Codec.H264)
    write_all(subject.sink, Formats(video.format), video.packets(5))
    subject.sink.close()
    size = subject.final_path.stat().st_size
    subject.sink.close()
    assert subject.final_path.stat().st_size == size


def test_a_second_opening_leaves_the_first_file_alone(subject: Subject) -> None:
    video = make_video(Codec.H264)
    write_all(subject.sink, Formats(video.format), video.packets(5))
    subject.sink.close()
    before = subject.final_path.read_bytes()
    if isinstance(subject.sink, ContainerSink):
        with pytest.raises(StorageError, match="recording"):
            subject.sink.open(Formats(video.format), video.keyframe)
    else:
        write_all(subject.sink, Formats(video.format), video.packets(7))
        subject.sink.close()
        second = subject.final_path.with_stem("recording-2")
        assert len(demux(second, subject.container, Track.VIDEO)) == 7
    assert subject.final_path.read_bytes() == before


def test_writing_to_a_closed_sink_is_refused(subject: Subject) -> None:
    with pytest.raises(MediaError):
        subject.sink.write(Packet(Track.VIDEO, b"", 0, True))


@pytest.mark.parametrize("data", [b"", b"\0\0\0\1\x65\x88\x80", b"not video at all" * 20])
def test_a_first_picture_that_is_none_leaves_no_file(
    data: bytes, subject: Subject, tmp_path: Path
) -> None:
    with pytest.raises(MediaError):
        subject.sink.open(Formats(make_video(Codec.H264).format), data)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_is_a_storage_error(kind: str, tmp_path: Path) -> None:
    made = make_subject(kind, ContainerFormat.MP4, tmp_path / "missing")
    with pytest.raises(StorageError, match="missing"):
        made.sink.open(Formats(make_video(Codec.H264).format), make_video(Codec.H264).keyframe)


def test_a_recording_has_the_users_permissions(subject: Subject) -> None:
    umask = os.umask(0o027)
    try:
        video = make_video(Codec.H264)
        write_all(subject.sink, Formats(video.format), video.packets(5))
    finally:
        os.umask(umask)
    subject.sink.close()
    assert subject.final_path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("container", list(ContainerFormat))
def test_the_file_says_what_is_in_it(container: ContainerFormat, tmp_path: Path) -> None:
    video = make_video(Codec.HEVC)
    sink = ContainerSink(tmp_path / "a", container)
    write_all(sink, Formats(video.format, PCM), video.packets(30, 700), tone_packets(2, 700))
    sink.close()
    assert (sink.codec, sink.width, sink.height) == (Codec.HEVC, WIDTH, HEIGHT)
    assert (sink.video_packets, sink.audio_packets) == (30, 31)
    assert sink.duration_s == pytest.approx(2, abs=0.002)


def test_pcm_in_matroska_is_not_touched(tmp_path: Path) -> None:
    video = make_video(Codec.H264)
    sink = ContainerSink(tmp_path / "a.mkv", ContainerFormat.MKV)
    write_all(sink, Formats(video.format, PCM), video.packets(30), tone_packets(2))
    sink.close()
    found = demux(sink.path, ContainerFormat.MKV, Track.AUDIO)
    assert b"".join(data for _, data in found) == make_tone(31 * 505)


@pytest.mark.parametrize("container", list(ContainerFormat))
def test_aac_is_copied(container: ContainerFormat, tmp_path: Path) -> None:
    video = make_video(Codec.H264)
    audio, units = make_aac()
    sink = ContainerSink(tmp_path / "a", container)
    write_all(sink, Formats(video.format, audio), video.packets(60), aac_packets())
    sink.close()
    found = demux(sink.path, container, Track.AUDIO)[-len(units) :]
    header = 7 if container is ContainerFormat.TS else 0
    assert [data[header:] for _, data in found] == units


def test_a_finished_mp4_has_an_index_and_seeks(tmp_path: Path) -> None:
    video = make_video(Codec.H264)
    sink = ContainerSink(tmp_path / "a.mp4", ContainerFormat.MP4)
    write_all(sink, Formats(video.format, PCM), video.packets(150), tone_packets(10))
    sink.close()
    assert list_boxes(sink.path.read_bytes()) == [b"ftyp", b"mdat", b"moov"]
    with av.open(sink.path) as source:
        stream = source.streams.video[0]
        assert stream.frames == 150
        assert stream.time_base is not None
        source.seek(int(6.5 * stream.time_base.denominator), stream=stream)
        assert seconds(next(source.decode(stream))) == pytest.approx(6, abs=0.001)


def list_boxes(data: bytes) -> list[bytes]:
    """The kinds of the boxes at the top of an MP4, fillers left out."""
    boxes, offset = [], 0
    while offset < len(data):
        size = int.from_bytes(data[offset : offset + 4])
        boxes.append(data[offset + 4 : offset + 8])
        offset += size if size != 1 else int.from_bytes(data[offset + 8 : offset + 16])
    return [box for box in boxes if box not in (b"free", b"skip")]


@pytest.mark.parametrize("with_sound", [False, True])
def test_a_kill_costs_two_seconds_at_most(
    subject: Subject, with_sound: bool, tmp_path: Path
) -> None:
    """What a killed process leaves is what its file has in that moment."""
    video = make_video(Codec.H264)
    sound = [tone_packets(8)] if with_sound else []
    formats = Formats(video.format, PCM if sound else None)
    write_all(subject.sink, formats, video.packets(8 * FPS), *sound)
    left = tmp_path / "left behind"
    shutil.copyfile(subject.open_path, left)
    subject.sink.close()
    assert len(demux(left, subject.container, Track.VIDEO)) >= 6 * FPS
    with av.open(left, "r", format=FFMPEG_NAMES[subject.container]) as source:
        assert sum(1 for _ in source.decode(video=0)) >= 6 * FPS - 1


@pytest.fixture
def fill_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let all files together take so many bytes more, then fail as a full disk does."""
    write = os.write

    def fill(free_bytes: int) -> None:
        left = free_bytes

        def limited_write(descriptor: int, data: bytes) -> int:
            nonlocal left
            if left == 0 and data:
                raise OSError(28, "No space left on device")
            taken = write(descriptor, data[:left])
            left -= taken
            return taken

        monkeypatch.setattr("v380cli.sinks.output_file.os.write", limited_write)

    return fill


@pytest.mark.parametrize("free_bytes", [0, 10, 1500, 100_000, 150_001])
def test_a_full_disk_leaves_what_fitted(
    free_bytes: int, subject: Subject, fill_disk: Callable[[int], None]
) -> None:
    video = make_video(Codec.H264)
    fill_disk(free_bytes)
    with pytest.raises(StorageError, match=r"recording.*No space left"):
        write_all(subject.sink, Formats(video.format, PCM), video.packets(900), tone_packets(60))
    subject.sink.close()
    subject.sink.close()
    if free_bytes >= 100_000:
        found = demux(subject.final_path, subject.container, Track.VIDEO)
        assert subject.final_path.stat().st_size > free_bytes * 0.75
        assert len(found) > 3 * FPS


@pytest.mark.parametrize("container", list(ContainerFormat))
def test_a_disk_that_fills_up_while_the_index_is_written_leaves_the_fragments(
    container: ContainerFormat, tmp_path: Path, fill_disk: Callable[[int], None]
) -> None:
    """Every place at which the closing can fail."""
    video = make_video(Codec.H264)
    failed = 0
    for free_bytes in range(0, 6000, 500):
        sink = ContainerSink(tmp_path / f"{free_bytes}", container)
        fill_disk(10**9)
        write_all(sink, Formats(video.format, PCM), video.packets(75), tone_packets(5))
        fill_disk(free_bytes)
        try:
            sink.close()
        except StorageError:
            failed += 1
        sink.close()
        assert len(demux(sink.path, container, Track.VIDEO)) >= 75 - GOP - 1
    assert failed or container is ContainerFormat.TS


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("container", ContainerFormat)
def test_h265_in_an_mp4_is_tagged_as_apple_takes_it(
    codec: Codec, container: ContainerFormat, tmp_path: Path
) -> None:
    video, path = make_video(codec), tmp_path / "tagged"
    sink = ContainerSink(path, container)
    write_all(sink, Formats(video.format), video.packets(GOP))
    sink.close()
    with av.open(path) as source:
        context = source.streams.video[0].codec_context
        is_tagged = context.codec_tag == "hvc1"
        assert is_tagged is (codec is Codec.HEVC and container is ContainerFormat.MP4)
        assert container is ContainerFormat.TS or context.extradata
        assert len(list(source.decode(video=0))) == GOP


@pytest.mark.parametrize("container", [ContainerFormat.MP4, ContainerFormat.MKV])
def test_motion_jpeg_comes_back_bit_for_bit(container: ContainerFormat, tmp_path: Path) -> None:
    formats, packets = make_motion_jpeg()
    sink = ContainerSink(tmp_path / "recording", container)
    write_all(sink, formats, packets)
    sink.close()
    assert (sink.codec, sink.width, sink.height) == (Codec.MJPEG, WIDTH, HEIGHT)
    found = demux(sink.path, container, Track.VIDEO)
    assert [data for _, data in found] == make_jpegs(10)
    with av.open(sink.path) as source:
        assert len(list(source.decode(video=0))) == 10


def test_a_container_without_a_place_for_motion_jpeg_says_so(tmp_path: Path) -> None:
    formats, packets = make_motion_jpeg()
    sink = ContainerSink(tmp_path / "recording", ContainerFormat.TS)
    with pytest.raises(UnsupportedFirmware, match="frame type 9"):
        sink.open(formats, next(packets).data)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_where_there_is_no_file_to_be_leaves_none_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first error says what went wrong."""

    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fdatasync", fail)
    formats, packets = make_motion_jpeg()
    sink = ContainerSink(tmp_path / "recording", ContainerFormat.TS)
    with pytest.raises(UnsupportedFirmware, match="frame type 9"):
        sink.open(formats, next(packets).data)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_longer_for_the_gap_before_its_last_picture(tmp_path: Path) -> None:
    video = make_video(Codec.H264)
    packets = list(video.packets(10))
    late = Packet(Track.VIDEO, packets[-1].data, packets[-1].pts_ms + 8000)
    sink = ContainerSink(tmp_path / "recording", ContainerFormat.MKV)
    write_all(sink, Formats(video.format), iter([*packets, late]))
    sink.close()
    assert sink.duration_s == pytest.approx((late.pts_ms + 1000 / FPS) / 1000, abs=0.01)
