"""Pictures decode from what cameras send, and come back from their files in the same colours."""

import io
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from tests.media_samples import HEIGHT, WIDTH, make_jpegs, make_video
from v380cli.errors import MediaError
from v380cli.media.sink import Codec
from v380cli.sinks import pictures
from v380cli.sinks.pictures import (
    PictureDecoder,
    PictureEncoder,
    PictureFormat,
    decode_keyframe,
    encode_picture,
)

Pixels = NDArray[np.uint8]  # height x width x RGB
MAGIC = {
    PictureFormat.JPEG: b"\xff\xd8\xff",
    PictureFormat.PNG: b"\x89PNG",
    PictureFormat.WEBP: b"RIFF",
}
BARS = [(191, 191, 191), (191, 191, 0), (0, 191, 191), (191, 0, 0), (0, 0, 191), (0, 0, 0)]
# Weights of red and blue in luma (ITU-R BT.601 and BT.709).
LUMA = {Colorspace.ITU601: (0.299, 0.114), Colorspace.ITU709: (0.2126, 0.0722)}


def draw_ramp() -> Pixels:
    """Every grey from black to white."""
    return np.broadcast_to(np.arange(256, dtype=np.uint8)[None, :, None], (64, 256, 3)).copy()


def draw_bars() -> Pixels:
    return np.repeat(np.array(BARS, np.uint8), 48, axis=0)[None].repeat(64, axis=0)


def to_video(pixels: Pixels, matrix: Colorspace, color_range: ColorRange) -> av.VideoFrame:
    """YUV 4:2:0 computed from the definitions, apart from FFmpeg, and tagged as what it is."""
    red, green, blue = np.moveaxis(pixels / 255, -1, 0)
    kr, kb = LUMA[matrix]
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    chroma = [(blue - luma) / 2 / (1 - kb), (red - luma) / 2 / (1 - kr)]
    scale, offset, chroma_scale = (
        (219, 16, 224) if color_range is ColorRange.MPEG else (255, 0, 255)
    )
    planes = [luma * scale + offset]
    height, width = luma.shape
    for plane in chroma:
        halved = plane.reshape(height // 2, 2, width // 2, 2).mean((1, 3))
        planes.append(halved * chroma_scale + 128)
    rows = [np.rint(plane).clip(0, 255).astype(np.uint8).reshape(-1, width) for plane in planes]
    frame = av.VideoFrame.from_ndarray(np.concatenate(rows), format="yuv420p")
    frame.colorspace, frame.color_range = matrix, color_range
    return frame


def read_back(data: bytes) -> Pixels:
    """What a viewer shows; PIL is not FFmpeg, so a common mistake does not hide."""
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


@pytest.mark.parametrize("color_range", [ColorRange.MPEG, ColorRange.JPEG])
@pytest.mark.parametrize("matrix", [Colorspace.ITU601, Colorspace.ITU709])
@pytest.mark.parametrize("draw", [draw_ramp, draw_bars])
@pytest.mark.parametrize("picture_format", PictureFormat)
def test_colours_come_back(
    picture_format: PictureFormat,
    draw: Callable[[], Pixels],
    matrix: Colorspace,
    color_range: ColorRange,
) -> None:
    source = draw()
    data = encode_picture(to_video(source, matrix, color_range), picture_format)
    error = read_back(data).astype(int) - source
    assert data.startswith(MAGIC[picture_format])
    assert np.abs(error).mean() < 4  # chroma bleeds over the edges of bars
    assert np.abs(error.mean(axis=(0, 1))).max() < 1.5  # and nothing is shifted


@pytest.mark.parametrize("picture_format", PictureFormat)
def test_a_stream_that_says_nothing_of_its_colours_is_video_range_bt601(
    picture_format: PictureFormat,
) -> None:
    frame = to_video(draw_bars(), Colorspace.ITU601, ColorRange.MPEG)
    tagged = encode_picture(frame, picture_format)
    frame.colorspace, frame.color_range = 2, ColorRange.UNSPECIFIED  # 2: unspecified
    assert encode_picture(frame, picture_format) == tagged


def test_a_full_range_stream_is_not_stretched() -> None:
    """FFmpeg's decoder calls its pixels yuvj420p."""
    source = draw_ramp()
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = 256, 64, "yuvj420p"
    encoder.time_base, encoder.options = Fraction(1, 15), {"crf": "1"}
    frame = to_video(source, Colorspace.ITU601, ColorRange.JPEG).reformat(format="yuvj420p")
    unit = b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
    picture = decode_keyframe(Codec.H264, unit)
    assert picture.format.name == "yuvj420p"
    for picture_format in PictureFormat:
        error = read_back(encode_picture(picture, picture_format)).astype(int) - source
        assert np.abs(error).mean() < 3


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
def test_a_keyframe_becomes_a_picture(codec: Codec) -> None:
    picture = decode_keyframe(codec, make_video(codec).keyframe)
    shown = read_back(encode_picture(picture, PictureFormat.PNG))
    assert shown.shape == (HEIGHT, WIDTH, 3)
    assert np.abs(shown - picture.to_ndarray(format="rgb24").astype(int)).mean() < 3


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
def test_each_unit_gives_its_picture_at_once(codec: Codec) -> None:
    decoder = PictureDecoder(codec)
    assert [len(decoder.decode(unit.data)) for unit in make_video(codec).units[:5]] == [1] * 5


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
@pytest.mark.parametrize("spoil", ["half", "garbage", "not first"])
def test_half_a_keyframe_is_no_picture(codec: Codec, spoil: str) -> None:
    video = make_video(codec)
    unit = {
        "half": video.keyframe[: len(video.keyframe) // 2],
        "garbage": bytes(range(256)) * 4,
        "not first": video.units[1].data,
    }[spoil]
    with pytest.raises(MediaError):
        decode_keyframe(codec, unit)


def test_a_picture_larger_than_any_camera_sends_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "MAX_PIXELS", WIDTH * HEIGHT - 1)
    with pytest.raises(MediaError):
        decode_keyframe(Codec.H264, make_video(Codec.H264).keyframe)


def test_one_encoder_takes_many_pictures_of_any_size() -> None:
    frame = to_video(draw_bars(), Colorspace.ITU601, ColorRange.MPEG)
    small = frame.reformat(width=96, height=33)
    encoder = PictureEncoder(PictureFormat.JPEG)
    encoded = [encoder.encode(picture) for picture in (frame, small, frame, frame)]
    assert [read_back(data).shape[:2] for data in encoded] == [
        (64, 288),
        (33, 96),
        *[(64, 288)] * 2,
    ]
    assert encoded[0] == encoded[3] == encode_picture(frame, PictureFormat.JPEG)


@pytest.mark.parametrize("picture_format", [PictureFormat.JPEG, PictureFormat.WEBP])
def test_quality_costs_bytes(picture_format: PictureFormat) -> None:
    noise = np.random.default_rng(380).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    frame = av.VideoFrame.from_ndarray(noise, format="rgb24")
    sizes = [len(encode_picture(frame, picture_format, quality)) for quality in (1, 50, 90, 100)]
    assert sizes == sorted(set(sizes))


def test_a_picture_that_has_no_place_in_a_file() -> None:
    too_wide = av.VideoFrame(20_000, 2, "yuv420p")  # WebP ends at 16383
    with pytest.raises(MediaError, match="20000x2"):
        encode_picture(too_wide, PictureFormat.WEBP)


def test_a_jpeg_of_the_camera_becomes_a_picture() -> None:
    picture = decode_keyframe(Codec.MJPEG, make_jpegs(1)[0])
    assert (picture.width, picture.height) == (WIDTH, HEIGHT)
    assert encode_picture(picture, PictureFormat.PNG).startswith(MAGIC[PictureFormat.PNG])
