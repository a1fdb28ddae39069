"""The `codecs` parameter that a browser is asked about."""

import pytest

from v380cli.media.codec_string import format_codec, format_mp4_type
from v380cli.media.sink import AudioFormat, Codec, Formats, VideoFormat

# NAL header, profile_idc, constraint flags, level_idc (H.264, 7.3.2.1.1)
H264 = bytes.fromhex("00000001 6742c01f d9 00000001 68ce3c80")
H264_HIGH = bytes.fromhex("00000001 67640028 ac 00000001 68ee3c80")
# two bytes of header, one of ids, profile_tier_level with emulation prevention (H.265, 7.3.2.2)
HEVC = bytes.fromhex(
    "0000000140010c01ffff00000001 420101 01 60000003 00 9000000300000300 5d a0028000000001 4401c1"
)
HEVC_HIGH_TIER = bytes.fromhex("00000001 420101 22 20000003 00 b000000300000300 99 a00280")


@pytest.mark.parametrize(
    ("codec", "parameter_sets", "name"),
    [
        (Codec.H264, H264, "avc1.42c01f"),
        (Codec.H264, H264_HIGH, "avc1.640028"),
        (Codec.HEVC, HEVC, "hvc1.1.6.L93.90"),
        (Codec.HEVC, HEVC_HIGH_TIER, "hvc1.2.4.H153.b0"),
        (Codec.MJPEG, b"\xff\xd8", "mp4v.6C"),
        (Codec.H264, b"", "avc1"),
        (Codec.HEVC, bytes.fromhex("00000001 420101"), "hvc1"),
    ],
)
def test_a_codec_has_the_name_that_browsers_know(
    codec: Codec, parameter_sets: bytes, name: str
) -> None:
    assert format_codec(VideoFormat(codec, parameter_sets)) == name


def test_sound_is_aac_in_an_mp4() -> None:
    video = VideoFormat(Codec.H264, H264)
    pcm = AudioFormat(Codec.PCM, 8000)
    assert format_mp4_type(Formats(video)) == 'video/mp4; codecs="avc1.42c01f"'
    assert format_mp4_type(Formats(video, pcm)) == 'video/mp4; codecs="avc1.42c01f, mp4a.40.2"'
