"""What RTSP servers say of their streams, those of real cameras too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.recorded import load_recorded
from tests.media_samples import PCM, make_video
from v380cli.media.nal import split_nal_units
from v380cli.media.sdp import format_sdp
from v380cli.media.sdp_reader import Encoding, parse_sdp
from v380cli.media.sink import AudioFormat, Codec, Formats

AAC = AudioFormat(Codec.AAC, 8000, 1, bytes.fromhex("1588"))


def test_the_description_of_a_real_camera_is_read() -> None:
    """It has no `o=` line, and a profile-level-id that is not hex."""
    text = load_recorded("rtsp-describe")["text"].partition("\r\n\r\n")[2]
    video, audio = parse_sdp(text).tracks
    assert (video.encoding, video.clock_hz, video.control) == (Encoding.H264, 90_000, "track1")
    assert [nal[:1].hex() for nal in split_nal_units(video.parameter_sets)] == ["27", "28"]
    assert (audio.encoding, audio.clock_hz, audio.control) == (Encoding.AAC, 8000, "track2")
    assert audio.config == bytes.fromhex("1588")


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
def test_our_own_description_is_read(codec: Codec) -> None:
    video = make_video(codec).format
    tracks = parse_sdp(format_sdp(Formats(video, AAC), "porch")).tracks
    assert list(split_nal_units(tracks[0].parameter_sets)) == list(
        split_nal_units(video.parameter_sets)
    )
    assert tracks[1].config == AAC.extradata
    alaw = parse_sdp(format_sdp(Formats(video, PCM), "porch")).tracks[1]
    assert (alaw.encoding, alaw.payload_type, alaw.clock_hz) == (Encoding.ALAW, 8, 8000)


def test_what_we_cannot_take_is_named() -> None:
    described = parse_sdp(
        "m=video 0 RTP/AVP 26\r\nm=audio 0 RTP/AVP 97\r\na=rtpmap:97 OPUS/48000/2\r\n"
        "m=application 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\n"
    )
    assert described.tracks == ()
    assert described.foreign == ("video 26", "audio OPUS")


@pytest.mark.parametrize(("line", "fps"), [("a=framerate:25.0\n", 25), ("", 0)])
def test_the_frame_rate_is_read(line: str, fps: int) -> None:
    (track,) = parse_sdp(f"m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n{line}").tracks
    assert track.fps == fps


def test_numbers_that_everybody_knows_need_no_map() -> None:
    track = parse_sdp("m=audio 0 RTP/AVP 0\n").tracks[0]
    assert (track.encoding, track.clock_hz) == (Encoding.ULAW, 8000)


@given(st.text(max_size=300))
def test_garbage_has_no_tracks(text: str) -> None:
    parse_sdp(text)
    parse_sdp(f"m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 {text}")
