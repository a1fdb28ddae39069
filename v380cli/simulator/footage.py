"""A loop of video: drawn and encoded, or read from a file."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from v380cli.errors import MediaError
from v380cli.media.sink import Codec
from v380cli.simulator.scenes import SceneName

if TYPE_CHECKING:
    import numpy as np
    from av import Packet
    from av.container import InputContainer
    from av.video.stream import VideoStream

FILE_MAX_BYTES = 256 << 20  # held in memory: ten minutes at 3 Mbit/s
# By codec, the encoder, how it calls the colours, and how it is told what.
ENCODERS = {
    # one slice a frame, as cameras do
    Codec.H264: ("libx264", "yuv420p", "x264-params", "sliced-threads=0"),
    Codec.HEVC: ("libx265", "yuv420p", "x265-params", "log-level=none"),
    Codec.MJPEG: ("mjpeg", "yuvj420p", "", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FootageSpec:
    """What to draw and how to encode it; with a `file`, only that counts.

    `clock` is what the clock in the picture shows in the first frame. A `scene` is drawn instead
    of the test picture, in a yard that the `device_id` chooses.
    """

    codec: Codec = Codec.H264
    width: int = 1280
    height: int = 720
    fps: int = 15
    bitrate: int = 1_500_000
    gop_s: float = 2.0
    loop_s: float = 10.0
    device_id: int = 0
    clock: dt.time = dt.time(0)
    file: Path | None = None
    scene: SceneName | None = None


class Artist(Protocol):
    """Draws a loop of pictures."""

    def draw(self, time_s: float) -> "np.ndarray":
        """The picture at `time_s` since the loop began: height x width x RGB."""


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One picture, Annex B or a JPEG; a keyframe carries its parameter sets in band."""

    data: bytes
    is_keyframe: bool


@dataclass(frozen=True, slots=True)
class Footage:
    """A loop that begins with a keyframe and has no B-frames."""

    codec: Codec
    width: int
    height: int
    fps: float
    access_units: tuple[AccessUnit, ...]


@lru_cache(maxsize=128)
def load_footage(spec: FootageSpec) -> Footage:
    """Encode or read the loop; equal specs share one. MediaError for a file that will not do."""
    return _read_file(spec.file) if spec.file else _encode(spec)


def _encode(spec: FootageSpec) -> Footage:
    import av

    name, colours, params_option, params = ENCODERS[spec.codec]
    gop = round(spec.gop_s * spec.fps)
    encoder = cast(av.VideoCodecContext, av.CodecContext.create(name, "w"))
    encoder.width, encoder.height, encoder.pix_fmt = spec.width, spec.height, colours
    encoder.framerate, encoder.time_base = Fraction(spec.fps), Fraction(1, spec.fps)
    encoder.bit_rate, encoder.gop_size, encoder.max_b_frames = spec.bitrate, gop, 0
    if params:
        params += f":keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0:open-gop=0"
        encoder.options = {"preset": "ultrafast", params_option: params}
    artist = choose_artist(spec)
    packets: list[Packet[VideoStream]] = []
    for number in range(round(spec.loop_s * spec.fps)):
        frame = av.VideoFrame.from_ndarray(artist.draw(number / spec.fps), format="rgb24")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    units = tuple(AccessUnit(bytes(packet), packet.is_keyframe) for packet in packets)
    return Footage(spec.codec, spec.width, spec.height, spec.fps, units)


def choose_artist(spec: FootageSpec) -> Artist:
    """Who draws its frames."""
    size = {"width": spec.width, "height": spec.height}
    if spec.scene:
        from v380cli.simulator.scenery import Scenery

        return Scenery(spec.scene, **size, seed=spec.device_id, clock=spec.clock)
    from v380cli.simulator.picture import TestCard

    return TestCard(**size, loop_s=spec.loop_s, device_id=spec.device_id, clock=spec.clock)


def _read_file(path: Path) -> Footage:
    import av

    try:
        if path.stat().st_size > FILE_MAX_BYTES:
            raise MediaError(
                f"{path}: larger than {FILE_MAX_BYTES >> 20} MB", hint="Cut a piece out of it."
            )
        with av.open(path) as container:
            return _demux(path, container)
    except OSError as error:  # FFmpeg's errors about files are OSErrors, too
        raise MediaError(f"{path}: {error.strerror or error}") from error
    except av.FFmpegError as error:
        raise MediaError(f"{path}: {error.strerror}") from error


def _demux(path: Path, container: "InputContainer") -> Footage:
    if not container.streams.video:
        raise MediaError(f"{path}: no video in it")
    stream = container.streams.video[0]
    if stream.codec.name not in (Codec.H264, Codec.HEVC):
        raise MediaError(f"{path}: {stream.codec.name}, but a V380 camera sends H.264 or H.265")
    if stream.codec_context.has_b_frames:
        raise MediaError(
            f"{path}: has B-frames, which no V380 camera sends",
            hint=f"ffmpeg -i {path.name} -c:v libx264 -bf 0 -an other.mp4",
        )
    units = tuple(_list_access_units(container, stream))
    if not units:
        raise MediaError(f"{path}: no keyframe in it")
    fps = float(stream.average_rate or 15)
    return Footage(Codec(stream.codec.name), stream.width, stream.height, fps, units)


def _list_access_units(container: "InputContainer", stream: "VideoStream") -> Iterator[AccessUnit]:
    """Annex B access units from the first keyframe on."""
    from av.bitstream import BitStreamFilterContext

    to_annex_b = BitStreamFilterContext(f"{stream.codec.name}_mp4toannexb", stream)
    started = False
    for packet in container.demux(stream):
        for unit in to_annex_b.filter(packet if packet.size else None):
            started = started or unit.is_keyframe
            if started:
                yield AccessUnit(bytes(unit), unit.is_keyframe)
