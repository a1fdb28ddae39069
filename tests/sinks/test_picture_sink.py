"""The newest picture and no other."""

import itertools

import pytest

from tests.media_samples import GOP, HEIGHT, PCM, WIDTH, make_video, tone_packets
from v380cli.errors import MediaError
from v380cli.media.sink import Codec, Formats, Packet, Track
from v380cli.sinks.picture_sink import MAX_WAITING, PictureSink
from v380cli.sinks.pictures import PictureDecoder

VIDEO = make_video(Codec.H264)
PACKETS = list(VIDEO.packets(2 * GOP))


def open_sink(codec: Codec = Codec.H264) -> PictureSink:
    sink = PictureSink()
    video = make_video(codec)
    sink.open(Formats(video.format, PCM), video.keyframe)
    return sink


def decode(count: int) -> bytes:
    """The last of so many pictures, decoded one by one."""
    decoder = PictureDecoder(Codec.H264)
    pictures = [picture for packet in PACKETS[:count] for picture in decoder.decode(packet.data)]
    return pictures[-1].to_ndarray().tobytes()


def test_the_newest_picture_is_taken_once() -> None:
    sink = open_sink()
    assert sink.take_newest() is None
    for packet in PACKETS[:7]:
        sink.write(packet)
    newest = sink.take_newest()
    assert newest is not None
    assert newest.to_ndarray().tobytes() == decode(7)
    assert sink.take_newest() is None


def test_one_by_one_is_the_same() -> None:
    sink = open_sink()
    taken = []
    for packet in PACKETS[:7]:
        sink.write(packet)
        taken.append(sink.take_newest())
    assert all(taken)
    assert taken[-1] is not None
    assert taken[-1].to_ndarray().tobytes() == decode(7)


def test_a_keyframe_forgets_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who looks away for long waits for one picture, not for all of them."""
    decoded: list[bytes] = []
    decode_unit = PictureDecoder.decode

    def count(self: PictureDecoder, unit: bytes) -> list[object]:
        decoded.append(unit)
        return decode_unit(self, unit)  # type: ignore[return-value]

    monkeypatch.setattr(PictureDecoder, "decode", count)
    sink = open_sink()
    for packet in itertools.islice(itertools.cycle(PACKETS), 10 * GOP + 3):
        sink.write(packet)
    assert sink.take_newest() is not None
    assert decoded == [packet.data for packet in PACKETS[:3]]


def test_without_keyframes_it_waits_for_one() -> None:
    """Memory stays bounded, and no picture is made of half a sequence."""
    sink = open_sink()
    sink.write(PACKETS[0])
    for index in range(MAX_WAITING):
        sink.write(Packet(Track.VIDEO, PACKETS[1].data, index))
    assert sink.take_newest() is None
    sink.write(PACKETS[1])
    assert sink.take_newest() is None
    sink.write(PACKETS[0])
    assert sink.take_newest() is not None


def test_sound_is_left_out() -> None:
    sink = open_sink()
    for packet in tone_packets(1):
        sink.write(packet)
    assert sink.take_newest() is None


def test_codec_and_size_may_change() -> None:
    sink = open_sink()
    sink.write(PACKETS[0])
    first = sink.take_newest()
    smaller = make_video(Codec.H264, 160, 96)
    sink.open(Formats(smaller.format), smaller.keyframe)
    sink.write(next(smaller.packets(1)))
    second = sink.take_newest()
    hevc = make_video(Codec.HEVC)
    sink.open(Formats(hevc.format), hevc.keyframe)
    sink.write(next(hevc.packets(1)))
    third = sink.take_newest()
    assert first is not None
    assert second is not None
    assert third is not None
    assert [(p.width, p.height) for p in (first, second, third)] == [
        (WIDTH, HEIGHT),
        (160, 96),
        (WIDTH, HEIGHT),
    ]


def test_a_closed_sink_refuses() -> None:
    sink = open_sink()
    sink.write(PACKETS[0])
    sink.close()
    sink.close()
    with pytest.raises(MediaError):
        sink.write(PACKETS[1])
    assert sink.take_newest() is not None  # what had come before
