"""What is said of a stream before it is sent."""

import base64

import pytest

from tests.media_samples import PCM, make_aac, make_video
from v380cli.media.nal import split_nal_units
from v380cli.media.sdp import format_sdp
from v380cli.media.sink import AudioFormat, Codec, Formats, VideoFormat

# Made-up parameter sets: an SPS of the baseline profile at level 1.2, and two PPS.
H264 = VideoFormat(
    Codec.H264, bytes.fromhex("00000001 6742c00c aabb 00000001 68ce0fc8 00000001 68ce1fc8")
)
HEVC = VideoFormat(Codec.HEVC, bytes.fromhex("00000001 40010c 00000001 420101 00000001 4401c1"))
HEAD = [
    *("v=0", "o=- 0 0 IN IP4 0.0.0.0", "s=porch", "c=IN IP4 0.0.0.0", "t=0 0"),
    *("a=control:*", "a=range:npt=now-"),
]
H264_LINES = [
    "m=video 0 RTP/AVP 96",
    "a=rtpmap:96 H264/90000",
    "a=fmtp:96 packetization-mode=1; profile-level-id=42C00C; "
    "sprop-parameter-sets=Z0LADKq7,aM4PyA==,aM4fyA==",
    "a=control:trackID=0",
]
HEVC_LINES = [
    "m=video 0 RTP/AVP 96",
    "a=rtpmap:96 H265/90000",
    "a=fmtp:96 sprop-vps=QAEM; sprop-sps=QgEB; sprop-pps=RAHB",
    "a=control:trackID=0",
]
ALAW_LINES = ["m=audio 0 RTP/AVP 8", "a=rtpmap:8 PCMA/8000/1", "a=control:trackID=1"]
WIDE_ALAW_LINES = ["m=audio 0 RTP/AVP 97", "a=rtpmap:97 PCMA/16000/1", "a=control:trackID=1"]
AAC_LINES = [
    "m=audio 0 RTP/AVP 97",
    "a=rtpmap:97 mpeg4-generic/8000/1",
    "a=fmtp:97 streamtype=5; profile-level-id=1; mode=AAC-hbr; sizelength=13; indexlength=3; "
    "indexdeltalength=3; config=1588",
    "a=control:trackID=1",
]


@pytest.mark.parametrize(
    ("formats", "lines"),
    [
        (Formats(H264), H264_LINES),
        (Formats(HEVC), HEVC_LINES),
        (Formats(H264, PCM), [*H264_LINES, *ALAW_LINES]),
        (Formats(H264, AudioFormat(Codec.PCM, 16000)), [*H264_LINES, *WIDE_ALAW_LINES]),
        (Formats(HEVC, make_aac()[0]), [*HEVC_LINES, *AAC_LINES]),
    ],
)
def test_every_format_has_its_lines(formats: Formats, lines: list[str]) -> None:
    assert format_sdp(formats, "porch") == "".join(f"{line}\r\n" for line in [*HEAD, *lines])


def test_a_title_adds_no_lines() -> None:
    plain = format_sdp(Formats(H264), "porch")
    assert format_sdp(Formats(H264), "por\r\nch\0") == plain
    assert "s=-\r\n" in format_sdp(Formats(H264), "\r\n")


def test_emulation_prevention_stays_in_parameter_sets() -> None:
    """A decoder is to get them as they are in the stream."""
    video = make_video(Codec.H264).format
    assert b"\0\0\3" in video.parameter_sets
    text = format_sdp(Formats(video), "porch").partition("sprop-parameter-sets=")[2]
    sets = [base64.b64decode(word) for word in text.split("\r\n")[0].split(",")]
    assert sets == list(split_nal_units(video.parameter_sets))
