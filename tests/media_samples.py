"""Small H.264 and H.265 streams as a camera sends them, and tones; made once per process."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from v380cli.media.access_unit import AccessUnit, classify_access_unit
from v380cli.media.audio import count_samples
from v380cli.media.pcm import write_samples
from v380cli.media.sink import AudioFormat, Codec, Formats, Packet, Track, VideoFormat

if TYPE_CHECKING:
    from av import VideoFrame

WIDTH, HEIGHT, FPS, GOP = 320, 180, 15, 30
BLOCK_SAMPLES, SAMPLE_RATE = 505, 8000
AAC_SILENCE_S = 4 * 1024 / SAMPLE_RATE
PCM = AudioFormat(Codec.PCM, SAMPLE_RATE)

_X265 = f"log-level=none:pools=none:frame-threads=1:repeat-headers=1:keyint={GOP}:min-keyint={GOP}"
_ENCODERS = {
    Codec.H264: ("libx264", {"preset": "ultrafast", "tune": "zerolatency"}),
    Codec.HEVC: (
        "libx265",
        {"preset": "ultrafast", "tune": "zerolatency", "x265-params": _X265},
    ),
}


@dataclass(frozen=True)
class VideoSample:
    """Access units in order: Annex B, parameter sets in band, a keyframe every `GOP`."""

    format: VideoFormat
    units: list[AccessUnit]

    @property
    def keyframe(self) -> bytes:
        return self.units[0].data

    def packets(self, frames: int, start_ms: int = 0) -> Iterator[Packet]:
        """So many frames in real time, the sample repeated as often as it takes."""
        for index in range(frames):
            unit = self.units[index % len(self.units)]
            pts_ms = start_ms + index * 1000 // FPS
            yield Packet(Track.VIDEO, unit.data, pts_ms, unit.is_keyframe)


@cache
def make_video(codec: Codec, width: int = WIDTH, height: int = HEIGHT) -> VideoSample:
    """Two GOPs of a moving pattern."""
    import av

    name, options = _ENCODERS[codec]
    encoder = av.CodecContext.create(name, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.framerate, encoder.time_base = Fraction(FPS), Fraction(1, FPS)
    encoder.gop_size, encoder.max_b_frames = GOP, 0
    encoder.options = options
    payloads = []
    for index in range(2 * GOP):
        payloads += [bytes(packet) for packet in encoder.encode(_draw(index, width, height))]
    payloads += [bytes(packet) for packet in encoder.encode(None)]
    units = [unit for data in payloads if (unit := classify_access_unit(data, codec))]
    return VideoSample(VideoFormat(codec, units[0].parameter_sets), units)


@cache
def make_jpegs(count: int) -> list[bytes]:
    """Pictures of a camera that sends Motion JPEG."""
    import av

    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
    encoder.time_base = Fraction(1, FPS)
    frames = [_draw(index, WIDTH, HEIGHT).reformat(format="yuvj420p") for index in range(count)]
    return [bytes(packet) for frame in frames for packet in encoder.encode(frame)]


def make_motion_jpeg() -> tuple[Formats, Iterator[Packet]]:
    """Ten pictures as packets, and what they are."""
    pictures = make_jpegs(10)
    unit = classify_access_unit(pictures[0], Codec.MJPEG)
    assert unit
    packets = (
        Packet(Track.VIDEO, data, index * 1000 // FPS, True) for index, data in enumerate(pictures)
    )
    return Formats(VideoFormat(Codec.MJPEG, unit.parameter_sets)), packets


@cache
def make_aac(seconds: int = 4) -> tuple[AudioFormat, list[bytes]]:
    """Raw AAC access units, 8 kHz mono, and their format: `AAC_SILENCE_S`, then a tone."""
    import av

    encoder = av.CodecContext.create("aac", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = SAMPLE_RATE, "mono", "fltp"
    units = []
    for start in range(0, seconds * SAMPLE_RATE, 1024):
        frame = av.AudioFrame(format="s16", layout="mono", samples=1024)
        frame.sample_rate, frame.pts = SAMPLE_RATE, start
        is_silent = start < AAC_SILENCE_S * SAMPLE_RATE
        frame.planes[0].update(bytes(2048) if is_silent else make_tone(1024))
        units += [bytes(packet) for packet in encoder.encode(frame)]
    # The first holds the encoder's delay, which is silence and comes before time zero.
    return AudioFormat(Codec.AAC, SAMPLE_RATE, 1, b"\x15\x88"), units[1:]


def make_tone(samples: int, start: int = 0, frequency: int = 440) -> bytes:
    """PCM s16le of a sine at a quarter of full scale."""
    second, first = _make_second(frequency), start % SAMPLE_RATE
    seconds = second * (1 + (first + samples) // SAMPLE_RATE)
    return seconds[2 * first : 2 * (first + samples)]


@cache
def _make_second(frequency: int) -> bytes:
    """One second of the tone, after which it comes again."""
    step = 2 * math.pi * frequency / SAMPLE_RATE
    return write_samples(int(8000 * math.sin(step * index)) for index in range(SAMPLE_RATE))


def tone_packets(seconds: float, start_ms: int = 0) -> Iterator[Packet]:
    """A tone in packets as a camera sends them."""
    for index in range(int(seconds * SAMPLE_RATE / BLOCK_SAMPLES)):
        start = index * BLOCK_SAMPLES
        pts_ms = start_ms + start * 1000 // SAMPLE_RATE
        yield Packet(Track.AUDIO, make_tone(BLOCK_SAMPLES, start), pts_ms)


def aac_packets(start_ms: int = 0) -> Iterator[Packet]:
    """The AAC tone in packets."""
    audio, units = make_aac()
    for index, data in enumerate(units):
        pts_ms = start_ms + index * count_samples(audio, data) * 1000 // SAMPLE_RATE
        yield Packet(Track.AUDIO, data, pts_ms)


def _draw(index: int, width: int, height: int) -> "VideoFrame":
    import av

    frame = av.VideoFrame(width, height, "yuv420p")
    for plane in frame.planes:
        row = bytes((column + 3 * index) & 0xFF for column in range(plane.line_size))
        plane.update(row * plane.height)
    return frame
