"""The MP4 that browsers play: the times of its fragments, and sound that stays away."""

import io
from collections.abc import Iterable
from itertools import pairwise

import av
import numpy as np
import pytest

from tests.media_samples import (
    BLOCK_SAMPLES,
    FPS,
    GOP,
    PCM,
    SAMPLE_RATE,
    make_motion_jpeg,
    make_video,
    tone_packets,
)
from v380cli.errors import MediaError
from v380cli.media.sink import Codec, Formats, Packet, Track
from v380cli.sinks.fragmented import SILENCE_MS, FragmentedMp4

VIDEO = make_video(Codec.H264)


def mux(packets: Iterable[Packet], formats: Formats) -> bytes:
    muxer = FragmentedMp4(formats, VIDEO.keyframe)
    made = [chunk for packet in packets for chunk in muxer.write(packet)] + muxer.finish()
    assert made[0].is_start
    return made[0].head + b"".join(chunk.data for chunk in made)


def list_times(data: bytes, kind: str) -> list[tuple[float, float]]:
    """Seconds at which packets begin, and how long they are."""
    with av.open(io.BytesIO(data), "r") as source:
        stream = next(s for s in source.streams if s.type == kind)
        return [
            (float(p.pts * p.time_base), float(p.duration * p.time_base))
            for p in source.demux(stream)
            if p.pts is not None and p.time_base is not None and p.duration is not None
        ]


def test_a_picture_leaves_when_the_next_one_comes() -> None:
    muxer = FragmentedMp4(Formats(VIDEO.format), VIDEO.keyframe)
    counts = [len(muxer.write(packet)) for packet in VIDEO.packets(5)]
    assert counts == [0, 1, 1, 1, 1]
    assert len(muxer.finish()) == 1


def test_a_picture_is_shown_until_the_next_one_whatever_is_missing_between() -> None:
    """A browser would drop pictures up to the next keyframe for a hole."""
    packets = list(VIDEO.packets(GOP))
    del packets[10:17]
    times = list_times(mux(packets, Formats(VIDEO.format)), "video")
    assert [time for time, _ in times] == [packet.pts_ms / 1000 for packet in packets]
    for (time, duration), (following, _) in pairwise(times):
        assert time + duration == pytest.approx(following, abs=1e-3)


def test_times_are_those_of_the_recording_even_for_who_comes_late() -> None:
    packets = list(VIDEO.packets(GOP, start_ms=3_600_000))
    tone = list(tone_packets(2, start_ms=3_600_000))
    data = mux(sorted([*packets, *tone], key=lambda p: p.pts_ms), Formats(VIDEO.format, PCM))
    assert list_times(data, "video")[0][0] == 3600
    assert list_times(data, "audio")[0][0] == pytest.approx(3600, abs=0.2)


@pytest.mark.parametrize("sound_s", [0, 2])
def test_silence_stands_in_for_sound_that_stays_away(sound_s: int) -> None:
    """A browser shows pictures no further than it has sound."""
    muxer = FragmentedMp4(Formats(VIDEO.format, PCM), VIDEO.keyframe)
    packets = sorted([*VIDEO.packets(8 * FPS), *tone_packets(sound_s)], key=lambda p: p.pts_ms)
    reached = {Track.VIDEO: 0.0, Track.AUDIO: 0.0}
    data = bytearray()
    for packet in packets:
        for chunk in muxer.write(packet):
            data += (b"" if data else chunk.head) + chunk.data
        if packet.pts_ms > sound_s * 1000 + 2 * SILENCE_MS and not packet.pts_ms % 1000:
            for track in reached:
                time, duration = list_times(bytes(data), track)[-1]
                reached[track] = time + duration
            assert reached[Track.VIDEO] - reached[Track.AUDIO] < 3 * 1024 / SAMPLE_RATE + 0.1
    assert reached[Track.VIDEO] > 6


def test_encoded_sound_has_no_holes() -> None:
    """A browser would drop pictures up to the next keyframe for one."""
    tone = list(tone_packets(4))
    del tone[20:24], tone[5]
    packets = sorted([*VIDEO.packets(4 * FPS), *tone], key=lambda p: p.pts_ms)
    times = list_times(mux(packets, Formats(VIDEO.format, PCM)), "audio")
    for (time, duration), (following, _) in pairwise(times):
        assert duration == 1024 / SAMPLE_RATE == pytest.approx(following - time)


def test_sound_that_comes_back_is_heard_again() -> None:
    before, after = list(tone_packets(1)), list(tone_packets(2, start_ms=4000))
    packets = sorted([*VIDEO.packets(6 * FPS), *before, *after], key=lambda p: p.pts_ms)
    data = mux(packets, Formats(VIDEO.format, PCM))
    with av.open(io.BytesIO(data), "r") as source:
        loud = [
            float(frame.pts * frame.time_base)
            for frame in source.decode(audio=0)
            if frame.pts is not None and frame.time_base and np.abs(frame.to_ndarray()).max() > 0.1
        ]
    block_s = BLOCK_SAMPLES / SAMPLE_RATE
    assert min(loud) < 0.3
    assert not [time for time in loud if 1.3 < time < 4 - 2 * block_s]
    assert [time for time in loud if time > 4]


def test_motion_jpeg_is_in_it_bit_for_bit() -> None:
    formats, packets = make_motion_jpeg()
    pictures = list(packets)
    muxer = FragmentedMp4(formats, pictures[0].data)
    made = [chunk for packet in pictures for chunk in muxer.write(packet)] + muxer.finish()
    data = made[0].head + b"".join(chunk.data for chunk in made)
    with av.open(io.BytesIO(data), "r") as source:
        found = [bytes(packet) for packet in source.demux(video=0) if packet.size]
    assert found == [picture.data for picture in pictures]


def test_what_is_no_picture_is_told() -> None:
    with pytest.raises(MediaError):
        FragmentedMp4(Formats(VIDEO.format), b"\0\0\0\1garbage")


def test_h265_is_tagged_as_apple_takes_it() -> None:
    video = make_video(Codec.HEVC)
    muxer = FragmentedMp4(Formats(video.format), video.keyframe)
    head = next(chunk.head for packet in video.packets(2) for chunk in muxer.write(packet))
    assert b"hvc1" in head
    assert b"hvcC" in head
