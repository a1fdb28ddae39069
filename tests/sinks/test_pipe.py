"""Live streams in a pipe: everything arrives, nothing waits, whoever does not read is left."""

import heapq
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from tests.media_samples import FPS, PCM, make_video, tone_packets
from tests.readback import count_audio_seconds, read_video, split_units
from v380cli.errors import MediaError, StorageError
from v380cli.media.sink import Codec, Formats, Packet, Track
from v380cli.sinks.elementary import ElementarySink
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.pipe import LOOK_UP_MS, PipeSink

TIMEOUT_S = 60.0
FRAMES = 3 * FPS
LIVE = (ContainerFormat.TS, ContainerFormat.MKV)
CODECS = (Codec.H264, Codec.HEVC)


class Pipe:
    """A pipe whose far end keeps all that comes."""

    def __init__(self) -> None:
        self.data = bytearray()
        self._read_end, self.write_end = os.pipe()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def finish(self) -> bytes:
        os.close(self.write_end)
        self._reader.join()
        os.close(self._read_end)
        return bytes(self.data)

    def _read(self) -> None:
        while chunk := os.read(self._read_end, 1 << 16):
            self.data += chunk


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    yield Pipe()


@pytest.fixture
def stalled() -> Iterator[int]:
    """The near end of a pipe from which nobody reads."""
    read_end, write_end = os.pipe()
    yield write_end
    os.close(read_end)
    os.close(write_end)


def make_packets(codec: Codec, start_ms: int = 0) -> list[Packet]:
    video = make_video(codec).packets(FRAMES, start_ms)
    sound = tone_packets(FRAMES / FPS, start_ms)
    return list(heapq.merge(video, sound, key=lambda packet: packet.pts_ms))


def stream(sink: PipeSink | ElementarySink, codec: Codec, start_ms: int = 0) -> list[list[bytes]]:
    """Stream some seconds; what a reader should find of the video."""
    packets = make_packets(codec, start_ms)
    sink.open(Formats(make_video(codec).format, PCM), packets[0].data)
    for packet in packets:
        sink.write(packet)
    return [split_units(codec, p.data) for p in packets if p.track is Track.VIDEO]


def save(data: bytes, path: Path) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("container", LIVE)
def test_every_access_unit_and_all_sound_arrive(
    codec: Codec, container: ContainerFormat, pipe: Pipe, tmp_path: Path
) -> None:
    sink = PipeSink(pipe.write_end, "pipe", container)
    sent = stream(sink, codec)
    sink.close()
    found = save(pipe.finish(), tmp_path / f"found.{container}")
    assert read_video(found) == sent
    assert count_audio_seconds(found) == pytest.approx(FRAMES / FPS, abs=0.3)
    assert (sink.video_packets, sink.is_broken) == (FRAMES, False)


@pytest.mark.parametrize("container", LIVE)
def test_sound_and_picture_begin_together(
    container: ContainerFormat, pipe: Pipe, tmp_path: Path
) -> None:
    """Encoded sound begins a frame before the picture: no stamp may turn around at zero."""
    sink = PipeSink(pipe.write_end, "pipe", container)
    stream(sink, Codec.H264)
    sink.close()
    with av.open(save(pipe.finish(), tmp_path / f"found.{container}")) as source:
        starts = [float(s.start_time * s.time_base) for s in source.streams]  # type: ignore[operator]
    assert max(starts) - min(starts) == pytest.approx(0, abs=0.15)


@pytest.mark.parametrize("codec", CODECS)
def test_raw_video_is_what_the_camera_sent(codec: Codec, pipe: Pipe) -> None:
    sink = ElementarySink(pipe.write_end, "pipe")
    stream(sink, codec)
    sink.close()
    video = make_packets(codec)
    assert pipe.finish() == b"".join(p.data for p in video if p.track is Track.VIDEO)
    assert (sink.video_packets, sink.audio_packets) == (FRAMES, 0)


@pytest.mark.parametrize("container", LIVE)
def test_a_picture_leaves_when_the_next_packet_comes(
    container: ContainerFormat, pipe: Pipe
) -> None:
    """Sound, which comes late and in lumps, holds no picture back."""
    sink = PipeSink(pipe.write_end, "pipe", container)
    video = list(make_video(Codec.H264).packets(FRAMES))
    sink.open(Formats(make_video(Codec.H264).format, PCM), video[0].data)
    for packet in video[:10]:
        sink.write(packet)
    deadline_s = time.monotonic() + TIMEOUT_S
    while video[8].data[-40:] not in pipe.data:
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    sink.close()
    pipe.finish()


def test_a_change_of_codec_goes_on_in_the_same_transport_stream(pipe: Pipe, tmp_path: Path) -> None:
    sink = PipeSink(pipe.write_end, "pipe")
    first = stream(sink, Codec.H264)
    sink.close()
    size = sink.video_packets
    second = stream(sink, Codec.HEVC, 3000)
    sink.close()
    data = pipe.finish()
    assert len(data) % 188 == 0
    assert (size, sink.video_packets) == (FRAMES, 2 * FRAMES)
    half = data.index(b"\x47\x40\x11", data.rindex(first[-1][-1][-40:]))  # the next header
    assert read_video(save(data[:half], tmp_path / "first.ts")) == first
    assert read_video(save(data[half:], tmp_path / "second.ts")) == second
    versions = [at[10] >> 1 & 0x1F for at in (data, data[half:])]  # ISO/IEC 13818-1, 2.4.4
    assert versions == [0, 1], "else players would not look at the tables again"


@pytest.mark.parametrize("kind", ["ts", "annexb"])
def test_a_reader_that_goes_away_is_told_apart(kind: str) -> None:
    read_end, write_end = os.pipe()
    sink = ElementarySink(write_end, "x") if kind == "annexb" else PipeSink(write_end, "x")
    os.close(read_end)
    with pytest.raises(StorageError, match="Broken pipe"):
        stream(sink, Codec.H264)
    assert sink.is_broken
    sink.close()
    sink.close()
    os.close(write_end)


@pytest.mark.parametrize("kind", ["ts", "annexb"])
def test_a_reader_that_does_not_read_holds_nobody_for_ever(kind: str, stalled: int) -> None:
    sink = ElementarySink(stalled, "x") if kind == "annexb" else PipeSink(stalled, "x")
    ended = threading.Event()

    def fill() -> None:
        with pytest.raises(StorageError):
            for start_s in range(0, 3000, 3):
                stream(sink, Codec.H264, start_s * 1000)
        sink.close()
        ended.set()

    writer = threading.Thread(target=fill)
    writer.start()
    assert not ended.wait(2 * LOOK_UP_MS / 1000)
    sink.interrupt()
    assert ended.wait(TIMEOUT_S)
    writer.join()
    assert not sink.is_broken


def test_writing_before_opening_is_refused(stalled: int) -> None:
    with pytest.raises(MediaError):
        PipeSink(stalled, "x").write(Packet(Track.VIDEO, b"", 0, True))


def test_pyav_is_there_before_the_first_picture() -> None:
    """It takes longer to import than a picture may wait."""
    code = (
        "import sys; from v380cli.sinks.pipe import PipeSink; "
        "assert 'av' not in sys.modules; PipeSink(1, ''); assert 'av' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
