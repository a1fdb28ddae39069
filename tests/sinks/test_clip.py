"""Clips: bit for bit what the camera sent, from before the call to the end."""

import datetime as dt
from pathlib import Path

import pytest

from tests.media_samples import GOP, PCM, make_video, tone_packets
from tests.readback import read_video
from v380cli.media.nal import split_nal_units
from v380cli.media.sink import Codec, Formats, Packet, Track
from v380cli.sinks import clip as clip_module
from v380cli.sinks.clip import ClipSink
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.packet_ring import PacketRing
from v380cli.sinks.probe import probe_file


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(clip_module, "time", clock)
    return clock


def make_sink(folder: Path, pre_s: float = 1.0) -> ClipSink:
    def plan(start: dt.datetime) -> Path:
        return folder / "clip.mp4"

    return ClipSink(plan, ContainerFormat.MP4, pre_s=pre_s)


def feed(sink: ClipSink, clock: Clock, packets: list[Packet]) -> None:
    """Each packet at its time."""
    for packet in packets:
        clock.now_s = 1000.0 + packet.pts_ms / 1000
        sink.write(packet)


def sample(frames: int, codec: Codec = Codec.H264) -> tuple[Formats, list[Packet]]:
    video = make_video(codec)
    return Formats(video.format), list(video.packets(frames))


def list_units(packets: list[Packet]) -> list[list[bytes]]:
    return [list(split_nal_units(packet.data)) for packet in packets]


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
def test_a_clip_is_what_came_from_before_the_call_to_the_end(
    tmp_path: Path, clock: Clock, codec: Codec
) -> None:
    formats, packets = sample(8 * GOP, codec)
    sink = make_sink(tmp_path)
    sink.open(formats, packets[0].data)
    at = 5 * GOP + 1
    feed(sink, clock, packets[:at])
    path = sink.begin()
    assert path == tmp_path / "clip.mp4"
    feed(sink, clock, packets[at : 7 * GOP])
    assert sink.finish() == path
    feed(sink, clock, packets[7 * GOP :])
    sink.close()
    first = packets[4 * GOP]
    assert first.is_keyframe
    assert packets[at].pts_ms - first.pts_ms >= 1000
    assert read_video(path) == list_units(packets[4 * GOP : 7 * GOP])


def test_its_sound_is_in_it(tmp_path: Path, clock: Clock) -> None:
    formats, video = sample(4 * GOP)
    packets = sorted([*video, *tone_packets(2.0)], key=lambda packet: packet.pts_ms)
    sink = make_sink(tmp_path)
    sink.open(Formats(formats.video, PCM), video[0].data)
    feed(sink, clock, packets)
    sink.begin()
    path = sink.finish()
    assert path
    assert probe_file(path).audio_packets > 0


def test_there_is_no_clip_of_nothing(tmp_path: Path) -> None:
    sink = make_sink(tmp_path)
    assert sink.begin() is None
    assert sink.finish() is None
    assert list(tmp_path.iterdir()) == []


def test_two_clips_in_a_row_are_two_files(tmp_path: Path, clock: Clock) -> None:
    formats, packets = sample(6 * GOP)
    sink = make_sink(tmp_path)
    sink.open(formats, packets[0].data)
    feed(sink, clock, packets[: 3 * GOP])
    first = sink.begin(), sink.finish()
    feed(sink, clock, packets[3 * GOP :])
    second = sink.begin(), sink.finish()
    assert first == (tmp_path / "clip.mp4",) * 2
    assert second == (tmp_path / "clip-2.mp4",) * 2


def test_a_folder_that_cannot_be_written_costs_the_clip_only(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    formats, packets = sample(2 * GOP)
    sink = make_sink(tmp_path / "nowhere")
    sink.open(formats, packets[0].data)
    feed(sink, clock, packets)
    assert sink.begin() is None
    feed(sink, clock, packets[-1:])
    assert "the clip ends here" in caplog.text


def keyframe(pts_ms: int, size: int = 10) -> Packet:
    return Packet(Track.VIDEO, bytes(size), pts_ms, is_keyframe=True)


def test_the_ring_keeps_whole_groups_and_forgets_what_is_old() -> None:
    ring = PacketRing(span_s=2.0)
    ring.push(Packet(Track.VIDEO, b"early", 0), 0.0)
    for second in range(10):
        ring.push(keyframe(second * 1000), float(second))
        ring.push(Packet(Track.VIDEO, bytes(5), second * 1000 + 500), second + 0.5)
    assert [moment for moment, _ in ring.list_since(0.0)] == [7.0, 7.5, 8.0, 8.5, 9.0, 9.5]
    assert next(iter(ring.list_since(8.2)))[0] == 8.0
    assert ring.size_bytes == 45
    ring.clear()
    assert (ring.size_bytes, list(ring.list_since(0.0))) == (0, [])


def test_the_ring_is_bounded_in_bytes() -> None:
    """A group that alone is too large is not kept either, and the next begins anew."""
    ring = PacketRing(span_s=1000.0, max_bytes=100)
    for second in range(10):
        ring.push(keyframe(second, size=30), float(second))
        assert ring.size_bytes <= 100
    assert len(list(ring.list_since(0.0))) == 3
    ring.push(keyframe(11, size=500), 11.0)
    assert ring.size_bytes == 0
    ring.push(Packet(Track.VIDEO, b"delta", 12), 12.0)
    assert list(ring.list_since(0.0)) == []
