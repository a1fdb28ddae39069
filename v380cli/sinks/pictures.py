"""Access units to pictures, and pictures to JPEG, PNG or WebP. Imports PyAV."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from v380cli.errors import MediaError
from v380cli.media.sink import Codec
from v380cli.sinks.picture_file import PictureFormat

__all__ = [
    "Picture",
    "PictureDecoder",
    "PictureEncoder",
    "PictureFormat",
    "decode_keyframe",
    "encode_picture",
    "read_first_picture",
]

Picture = av.VideoFrame  # what PyAV decodes to, for rooms that do not know PyAV

# 8K, four times what the largest camera sends: a forged size could ask for all memory.
MAX_PIXELS = 1 << 25
DEFAULT_QUALITY = 90
# What `mjpeg` calls its quantizer; finer than 2 makes files larger and no picture better.
_FINEST_SCALE, _COARSEST_SCALE = 2, 31


@dataclass(frozen=True, slots=True)
class _Coding:
    """How a format is encoded: FFmpeg's encoder, what it takes, and how hard it tries."""

    encoder: str
    pixels: str
    color_range: ColorRange
    options: dict[str, str] = field(default_factory=dict)


# Milliseconds for 1280x720: JPEG 6; PNG 25 where FFmpeg's own choice takes 90 and saves 8 %;
# WebP 32 where its own choice takes 70 and saves 10 %.
_CODINGS = {
    PictureFormat.JPEG: _Coding("mjpeg", "yuv420p", ColorRange.JPEG),
    PictureFormat.PNG: _Coding("png", "rgb24", ColorRange.JPEG, {"compression_level": "1"}),
    PictureFormat.WEBP: _Coding("libwebp", "yuv420p", ColorRange.MPEG, {"compression_level": "2"}),
}

# Without these two flags BT.709 becomes BT.601 two levels too dark, and greys get a tint.
_INTERPOLATION = Interpolation.BILINEAR | Interpolation.FULL_CHR_H_INT | Interpolation.ACCURATE_RND


class PictureDecoder:
    """Decodes access units of one codec, in order; the first must be a keyframe.

    Each picture comes out when its unit goes in: V380 cameras send no B-frames (PROTOCOL.md,
    section 11). A unit that cannot be decoded gives no picture. A draft is a quarter cheaper and
    shows the edges of blocks.
    """

    def __init__(self, codec: Codec, *, is_draft: bool = False) -> None:
        decoder = av.CodecContext.create(str(codec), "r")
        assert isinstance(decoder, VideoCodecContext)
        decoder.thread_type = "SLICE"  # frame threads would hold pictures back
        decoder.flags |= Flags.low_delay
        decoder.options = {"max_pixels": str(MAX_PIXELS)}
        if is_draft:
            decoder.options = {**decoder.options, "skip_loop_filter": "all"}
        self._decoder = decoder

    def decode(self, unit: bytes) -> list[Picture]:
        """Return the pictures that are ready, mostly one."""
        try:
            return self._decoder.decode(av.Packet(unit))
        except av.FFmpegError:
            return []

    def flush(self) -> list[Picture]:
        """Return what was held back after all; nothing can be decoded any more."""
        try:
            return self._decoder.decode(None)
        except av.FFmpegError:
            return []


def decode_keyframe(codec: Codec, keyframe: bytes) -> Picture:
    """Decode a keyframe that has its parameter sets; MediaError when it holds no whole picture."""
    decoder = PictureDecoder(codec)
    decoded = [*decoder.decode(keyframe), *decoder.flush()]
    pictures = [picture for picture in decoded if not picture.is_corrupt]
    if not pictures:
        raise MediaError(f"the camera's {codec} keyframe cannot be decoded")
    return pictures[0]


class PictureEncoder:
    """Encodes pictures one by one; for many of one size cheaper than `encode_picture`.

    `quality` is 1 to 100; PNG loses nothing whatever it is.
    """

    def __init__(self, picture_format: PictureFormat, quality: int = DEFAULT_QUALITY) -> None:
        self._format, self._quality = picture_format, quality
        self._encoder: VideoCodecContext | None = None

    def encode(self, picture: Picture) -> bytes:
        """The bytes of a file with this picture; MediaError when it has no place in one."""
        converted = _convert(picture, _CODINGS[self._format])
        encoder = self._encoder
        if encoder is None or (encoder.width, encoder.height) != (picture.width, picture.height):
            encoder = self._encoder = self._open(picture.width, picture.height)
        try:
            return b"".join(bytes(packet) for packet in encoder.encode(converted))
        except av.FFmpegError as error:
            size = f"{picture.width}x{picture.height}"
            raise MediaError(f"a picture of {size} cannot become {self._format}") from error

    def _open(self, width: int, height: int) -> VideoCodecContext:
        coding = _CODINGS[self._format]
        encoder = av.CodecContext.create(coding.encoder, "w")
        assert isinstance(encoder, VideoCodecContext)
        encoder.width, encoder.height, encoder.pix_fmt = width, height, coding.pixels
        encoder.color_range = coding.color_range
        encoder.time_base = Fraction(1)  # it has to have one
        encoder.options = dict(coding.options)
        if self._format is PictureFormat.WEBP:
            encoder.options["quality"] = str(self._quality)
        encoder.qmin = encoder.qmax = _scale_quality(self._quality)  # only `mjpeg` looks at it
        return encoder


def read_first_picture(path: Path) -> Picture:
    """What a file of ours begins with; MediaError where that cannot be seen."""
    try:
        with av.open(path) as file:
            return next(file.decode(video=0))
    except (OSError, IndexError, StopIteration, av.FFmpegError) as error:
        raise MediaError(f"{path} has no picture") from error


def encode_picture(
    picture: Picture, picture_format: PictureFormat, quality: int = DEFAULT_QUALITY
) -> bytes:
    """The bytes of a file with this picture; MediaError when it has no place in one."""
    return PictureEncoder(picture_format, quality).encode(picture)


def _convert(picture: Picture, coding: _Coding) -> Picture:
    """The picture as the encoder takes it, in the colours that every reader of the file assumes.

    JPEG and WebP are BT.601. What the camera's stream says of its colours is heeded; where it
    says nothing, FFmpeg takes it for BT.601 in video range.
    """
    return picture.reformat(
        format=coding.pixels,
        dst_colorspace=None if coding.pixels == "rgb24" else Colorspace.ITU601,
        dst_color_range=coding.color_range,
        interpolation=_INTERPOLATION,
    )


def _scale_quality(quality: int) -> int:
    """1 to 100 as quantizer: 90 is 3, which is as large and as good as libjpeg's 85."""
    return min(max(round((100 - quality) / 3), _FINEST_SCALE), _COARSEST_SCALE)
