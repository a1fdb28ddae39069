"""The footage is what a camera would send, and what is burnt into it can be read."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import PictureType
from numpy.typing import NDArray

from v380cli.errors import MediaError
from v380cli.media.sink import Codec
from v380cli.simulator.footage import AccessUnit, FootageSpec, load_footage
from v380cli.simulator.picture import FONT, TestCard
from v380cli.simulator.scenery import Scenery
from v380cli.simulator.scenes import LOOP_S, SceneName

SMALL = FootageSpec(width=192, height=128, gop_s=0.4, loop_s=1.2, bitrate=150_000)
LARGE = FootageSpec(
    width=640, height=360, loop_s=0.4, device_id=12345678, clock=dt.time(23, 59, 59, 900_000)
)
PARAMETER_SETS = {Codec.H264: [7, 8], Codec.HEVC: [32, 33, 34]}


def list_nal_types(unit: AccessUnit, codec: Codec) -> list[int]:
    heads = [nal[0] for nal in unit.data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]]
    return [head & 31 if codec is Codec.H264 else head >> 1 & 63 for head in heads]


def decode(units: Sequence[AccessUnit], codec: Codec) -> list[av.VideoFrame]:
    decoder = av.CodecContext.create(codec, "r")
    assert isinstance(decoder, av.VideoCodecContext)
    packets = [av.Packet(unit.data) for unit in units]
    return [frame for packet in [*packets, None] for frame in decoder.decode(packet)]


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
def test_a_loop_is_whole_groups_of_pictures(codec: Codec) -> None:
    footage = load_footage(replace(SMALL, codec=codec))
    keyframes = [n for n, unit in enumerate(footage.access_units) if unit.is_keyframe]
    assert (len(footage.access_units), keyframes) == (18, [0, 6, 12])
    for unit in footage.access_units:
        types = list_nal_types(unit, codec)
        has_sets = [t for t in types if t in PARAMETER_SETS[codec]] == PARAMETER_SETS[codec]
        assert has_sets is unit.is_keyframe
    frames = decode(footage.access_units, codec)
    assert [(frame.width, frame.height) for frame in frames] == [(192, 128)] * 18
    assert PictureType.B not in {frame.pict_type for frame in frames}


def test_the_same_arguments_make_the_same_bytes() -> None:
    first = load_footage(SMALL)
    load_footage.cache_clear()
    assert load_footage(SMALL) == first
    assert load_footage(replace(SMALL, device_id=7)) != first


def test_the_bit_rate_is_real() -> None:
    spec = replace(SMALL, width=640, height=360, bitrate=800_000, loop_s=4.0, gop_s=2.0)
    size_bits = 8 * sum(len(unit.data) for unit in load_footage(spec).access_units)
    assert 0.6 < size_bits / spec.loop_s / spec.bitrate < 1.4


def read_text(picture: NDArray[np.uint8], middle: int, dot: int, length: int) -> str:
    """Read a line of the burnt-in font back from the brightness of its dots."""
    bright = picture.mean(axis=-1) > 128
    left = picture.shape[1] // 2 - dot * (6 * length - 1) // 2
    top = middle - dot * 7 // 2
    glyphs = {pattern: character for character, pattern in FONT.items()}
    text = ""
    for place in range(length):
        rows = [
            "".join(
                "01"[
                    int(
                        bright[
                            top + dot * row + dot // 2, left + dot * (6 * place + column) + dot // 2
                        ]
                    )
                ]
                for column in range(5)
            )
            for row in range(7)
        ]
        text += glyphs.get(" ".join(rows), "?")
    return text


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
def test_clock_and_id_can_be_read_after_decoding(codec: Codec) -> None:
    frames = decode(load_footage(replace(LARGE, codec=codec)).access_units, codec)
    pictures = [frame.to_ndarray(format="rgb24").astype(np.uint8) for frame in frames]
    clocks = [read_text(picture, 360 // 3, 6, 10) for picture in pictures]
    assert clocks == ["23:59:59.9"] * 2 + ["00:00:00.0"] * 1 + ["00:00:00.1"] * 2 + ["00:00:00.2"]
    assert {read_text(picture, 360 * 5 // 9, 3, 8) for picture in pictures} == {"12345678"}


@pytest.mark.parametrize(("width", "height"), [(64, 64), (1920, 1080), (256, 1024)])
def test_the_picture_fits_every_shape(width: int, height: int) -> None:
    card = TestCard(
        width=width, height=height, loop_s=10, device_id=2**31 - 1, clock=dt.time(12, 30)
    )
    assert card.draw(0.0).shape == (height, width, 3)
    assert not np.array_equal(card.draw(1.0), card.draw(2.0))


def write_video(path: Path, encoder: str, *, b_frames: int = 0) -> None:
    with av.open(path, "w") as container:
        stream = container.add_stream(encoder, rate=Fraction(10))
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 192, 128, "yuv420p"
        stream.codec_context.max_b_frames = b_frames
        stream.codec_context.gop_size = 5
        card = TestCard(width=192, height=128, loop_s=2, device_id=1, clock=dt.time())
        for number in range(12):
            frame = av.VideoFrame.from_ndarray(card.draw(number / 10), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(("encoder", "codec"), [("libx264", "h264"), ("libx265", "hevc")])
@pytest.mark.parametrize("ending", ["mp4", "ts", "mkv"])
def test_a_file_is_played_as_it_is(tmp_path: Path, encoder: str, codec: str, ending: str) -> None:
    path = tmp_path / f"video.{ending}"
    write_video(path, encoder)
    footage = load_footage(FootageSpec(file=path))
    assert (footage.codec, footage.width, footage.height, footage.fps) == (codec, 192, 128, 10)
    assert len(footage.access_units) == 12
    first = list_nal_types(footage.access_units[0], footage.codec)
    assert [t for t in first if t in PARAMETER_SETS[footage.codec]] == PARAMETER_SETS[footage.codec]
    assert len(decode(footage.access_units, footage.codec)) == 12


def test_files_that_no_camera_could_send_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_bytes(b"not a video" * 100)
    write_video(tmp_path / "old.mp4", "mpeg4")
    write_video(tmp_path / "b.mp4", "libx264", b_frames=2)
    for name, sentence in {
        "text.mp4": "Invalid data",
        "old.mp4": "mpeg4, but",
        "b.mp4": "has B-frames",
        "none.mp4": "No such file",
    }.items():
        with pytest.raises(MediaError, match=sentence):
            load_footage(FootageSpec(file=tmp_path / name))


def test_a_scene_begins_quietly_and_then_moves() -> None:
    """What differs between two of its pictures is the noise, and after ten seconds a person."""
    artist = Scenery(SceneName.PERSON, width=320, height=180, seed=1, clock=dt.time(12))
    before, later, moving = (artist.draw(t).astype(int) for t in (8.0, 8.3, 13.0))
    assert (abs(later - before) > 40).mean() < 0.001
    assert (abs(moving - before) > 40).mean() > 0.003


@pytest.mark.parametrize("scene", SceneName)
def test_a_scene_can_be_drawn_at_any_time(scene: SceneName) -> None:
    """No noise wraps around: nothing that is not written into the picture is black or white."""
    artist = Scenery(scene, width=128, height=128, seed=2, clock=dt.time(12))
    for time_s in (0.0, 10.0, 10.5, 14.0, 18.1, LOOP_S):
        picture = artist.draw(time_s)[20:]
        assert picture.shape == (108, 128, 3)
        assert (picture.min(), picture.max()) > (0, 0)
        assert picture.max() < 255
