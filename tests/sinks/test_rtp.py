"""A live stream in RTP packets: what players put together again is what came."""

from collections.abc import Iterable, Iterator
from heapq import merge

import pytest

from tests.media_samples import PCM, aac_packets, make_aac, make_video, tone_packets
from tests.readback import split_units
from v380cli.errors import MediaError
from v380cli.media.g711 import encode_alaw
from v380cli.media.sink import AudioFormat, Codec, Formats, Packet, Track, VideoFormat
from v380cli.sinks.chunks import Chunk
from v380cli.sinks.rtp import PACKET_BYTES, PAYLOAD_BYTES, RtpStream
from v380cli.wire.rtp import RTP_HEAD_BYTES, list_starts, parse_packet_head, split_frames

START_MS = 1000
WALL_S = 1_700_000_000.0
VIDEO, VIDEO_RTCP, SOUND, SOUND_RTCP = range(4)


def mux(codec: Codec, audio: AudioFormat | None, packets: Iterable[Packet]) -> list[Chunk]:
    video = make_video(codec)
    stream = RtpStream(Formats(video.format, audio), WALL_S)
    return [*(chunk for packet in packets for chunk in stream.write(packet)), *stream.finish()]


def list_packets(chunks: Iterable[Chunk], channel: int) -> list[bytes]:
    frames = (frame for chunk in chunks for frame in split_frames(chunk.data))
    return [frame.packet for frame in frames if frame.channel == channel]


def join_units(codec: Codec, packets: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The NAL units of each picture (RFC 6184, sections 5.6 to 5.8; RFC 7798, section 4.4)."""
    units: list[bytes] = []
    for packet in packets:
        payload = packet[RTP_HEAD_BYTES:]
        is_h264 = codec is Codec.H264
        kind = payload[0] & 0x1F if is_h264 else payload[0] >> 1 & 0x3F
        head = 1 if is_h264 else 2
        if kind == (24 if is_h264 else 48):
            units += _split_aggregate(payload[head:])
        elif kind == (28 if is_h264 else 49):
            part = payload[head]
            if part & 0x80:
                units.append(_restore_head(codec, payload))
            units[-1] += payload[head + 1 :]
        else:
            units.append(payload)
        if packet[1] & 0x80:
            yield units
            units = []


def _split_aggregate(data: bytes) -> Iterator[bytes]:
    while data:
        end = 2 + int.from_bytes(data[:2])
        yield data[2:end]
        data = data[end:]


def _restore_head(codec: Codec, payload: bytes) -> bytes:
    if codec is Codec.H264:
        return bytes([payload[0] & 0xE0 | payload[1] & 0x1F])
    return bytes([payload[0] & 0x81 | (payload[2] & 0x3F) << 1, payload[1]])


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
def test_pictures_come_out_as_they_went_in(codec: Codec) -> None:
    packets = list(make_video(codec).packets(40, START_MS))
    chunks = mux(codec, None, packets)
    rtp = list_packets(chunks, VIDEO)
    assert list(join_units(codec, rtp)) == [split_units(codec, p.data) for p in packets]
    assert max(map(len, rtp)) <= PACKET_BYTES
    heads = [parse_packet_head(packet) for packet in rtp]
    numbers = [head.sequence for head in heads]
    assert numbers == [(numbers[0] + index) % 65536 for index in range(len(numbers))]
    times = list(dict.fromkeys(head.rtp_time for head in heads))
    passed = [(time - times[0]) % (1 << 32) for time in times]
    assert passed == [(packet.pts_ms - START_MS) * 90 for packet in packets]
    assert [chunk.is_start for chunk in chunks] == [packet.is_keyframe for packet in packets]
    assert {chunk.pictures for chunk in chunks} == {1}


def test_pcm_goes_as_alaw() -> None:
    sound = list(tone_packets(1.0, START_MS))
    chunks = mux(Codec.H264, PCM, [*make_video(Codec.H264).packets(1, START_MS), *sound])
    rtp = list_packets(chunks, SOUND)
    got = b"".join(packet[RTP_HEAD_BYTES:] for packet in rtp)
    assert got == encode_alaw(b"".join(packet.data for packet in sound))
    assert {packet[1] & 0x7F for packet in rtp} == {8}
    (_, start) = list_starts(chunks[0].data)
    assert parse_packet_head(rtp[0]).rtp_time == start.rtp_time


def test_much_sound_in_one_packet_is_cut_and_timed() -> None:
    sound = Packet(Track.AUDIO, bytes(2 * 3 * PAYLOAD_BYTES), START_MS)
    rtp = list_packets(mux(Codec.H264, PCM, [sound]), SOUND)
    assert [len(packet) for packet in rtp] == [PACKET_BYTES] * 3
    times = [parse_packet_head(packet).rtp_time for packet in rtp]
    passed = [(time - times[0]) % (1 << 32) for time in times]
    assert passed == [0, PAYLOAD_BYTES, 2 * PAYLOAD_BYTES]


def test_motion_jpeg_is_refused() -> None:
    with pytest.raises(MediaError, match="not served in RTP"):
        RtpStream(Formats(VideoFormat(Codec.MJPEG, b"")), WALL_S)


def test_aac_goes_as_it_is() -> None:
    sound = list(aac_packets(START_MS))
    chunks = mux(Codec.H264, make_aac()[0], [*make_video(Codec.H264).packets(1), *sound])
    rtp = list_packets(chunks, SOUND)
    got = [packet[RTP_HEAD_BYTES + 4 :] for packet in rtp]  # one AU-header of 16 bits, its length
    assert got == [packet.data for packet in sound[: len(got)]]
    assert len(got) == len(sound)
    times = [parse_packet_head(packet).rtp_time for packet in rtp]
    passed = [(time - times[0]) % (1 << 32) for time in times]
    assert passed == [index * 1024 for index in range(len(times))]


def test_a_start_tells_the_time_of_every_track_first() -> None:
    video = make_video(Codec.H264).packets(40, START_MS)
    packets = list(merge(video, tone_packets(3, START_MS), key=lambda packet: packet.pts_ms))
    chunks = mux(Codec.H264, PCM, packets)
    keyframes = [p.pts_ms for p in packets if p.is_keyframe and p.track is Track.VIDEO]
    starts = [chunk for chunk in chunks if chunk.is_start]
    assert len(starts) == len(keyframes) == 2
    for chunk, pts_ms in zip(starts, keyframes, strict=True):
        channels = [frame.channel for frame in split_frames(chunk.data)]
        assert channels[:3] == [VIDEO_RTCP, SOUND_RTCP, VIDEO]
        times = [start.rtp_time for start in list_starts(chunk.data)]
        begun = [start.rtp_time for start in list_starts(starts[0].data)]
        passed = [(now - then) % (1 << 32) for now, then in zip(times, begun, strict=True)]
        assert passed == [(pts_ms - START_MS) * 90, (pts_ms - START_MS) * 8]
        video_report, sound_report = (
            list_packets([chunk], VIDEO_RTCP)[0],
            list_packets([chunk], SOUND_RTCP)[0],
        )
        assert video_report[8:16] == sound_report[8:16]  # the wall clock
    first, second = (list_packets([chunk], VIDEO_RTCP)[0] for chunk in starts)
    assert read_wall_s(first) == WALL_S
    assert read_wall_s(second) == pytest.approx(WALL_S + (keyframes[1] - keyframes[0]) / 1000)
    sent = list_packets(chunks[: chunks.index(starts[1])], VIDEO)
    assert int.from_bytes(second[20:24]) == len(sent)


def read_wall_s(report: bytes) -> float:
    return int.from_bytes(report[8:16]) / (1 << 32) - 2_208_988_800


def test_the_clock_does_not_begin_at_zero() -> None:
    """ffmpeg takes a time of 0 for none, and the second picture for the first."""
    chunks = mux(Codec.H264, PCM, make_video(Codec.H264).packets(1))
    assert all(start.rtp_time for start in list_starts(chunks[0].data))


def test_sound_comes_with_the_next_picture_or_alone_where_none_comes() -> None:
    video = make_video(Codec.H264).packets(2, START_MS)
    sound = list(tone_packets(1.0, START_MS))
    few = mux(Codec.H264, PCM, [next(video), sound[0], next(video)])
    assert [len(list_packets([chunk], SOUND)) for chunk in few] == [0, 1]
    many = mux(Codec.H264, PCM, [*make_video(Codec.H264).packets(1, START_MS), *sound])
    assert len(many) > 3
    assert len(list_packets(many, SOUND)) == len(sound)
