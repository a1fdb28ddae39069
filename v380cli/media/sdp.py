"""What an RTSP server says of its streams (SDP, RFC 8866; RFC 6184, 7798, 3640 and 3551).

Sound that is PCM goes as A-law, which every recorder knows; AAC goes as it is.
"""

import base64
from collections.abc import Iterator

from v380cli.media.nal import H264Nal, HevcNal, nal_type, split_nal_units
from v380cli.media.sink import AudioFormat, Codec, Formats, VideoFormat
from v380cli.text import clean_text

VIDEO_PAYLOAD_TYPE = 96
_DYNAMIC_AUDIO_PAYLOAD_TYPE = 97
_ALAW_PAYLOAD_TYPE = 8  # stands for 8 kHz, mono (RFC 3551)
VIDEO_CLOCK_HZ = 90_000
_ALAW_CLOCK_HZ = 8000


def format_sdp(formats: Formats, title: str) -> str:
    """The description of a live session; each track is to be set up under its `control`."""
    lines = [
        "v=0",
        "o=- 0 0 IN IP4 0.0.0.0",
        f"s={clean_text(title) or '-'}",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        *_describe_video(formats.video),
        "a=control:trackID=0",
    ]
    if formats.audio:
        lines += [*_describe_audio(formats.audio), "a=control:trackID=1"]
    return "\r\n".join([*lines, ""])


def choose_audio_payload_type(audio: AudioFormat) -> int:
    """The number that stands for this sound in RTP."""
    is_usual = (audio.sample_rate, audio.channels) == (_ALAW_CLOCK_HZ, 1)
    is_alaw = audio.codec is Codec.PCM
    return _ALAW_PAYLOAD_TYPE if is_alaw and is_usual else _DYNAMIC_AUDIO_PAYLOAD_TYPE


def _describe_video(video: VideoFormat) -> list[str]:
    is_h264 = video.codec is Codec.H264
    name, parameters = ("H264", _list_h264(video)) if is_h264 else ("H265", _list_hevc(video))
    return [
        f"m=video 0 RTP/AVP {VIDEO_PAYLOAD_TYPE}",
        f"a=rtpmap:{VIDEO_PAYLOAD_TYPE} {name}/{VIDEO_CLOCK_HZ}",
        f"a=fmtp:{VIDEO_PAYLOAD_TYPE} {'; '.join(parameters)}",
    ]


def _list_h264(video: VideoFormat) -> list[str]:
    sps = next(_find_sets(video, H264Nal.SPS))
    sets = [_encode(nal) for kind in (H264Nal.SPS, H264Nal.PPS) for nal in _find_sets(video, kind)]
    return [
        "packetization-mode=1",
        f"profile-level-id={sps[1:4].hex().upper()}",
        f"sprop-parameter-sets={','.join(sets)}",
    ]


def _list_hevc(video: VideoFormat) -> list[str]:
    sets = {"vps": HevcNal.VPS, "sps": HevcNal.SPS, "pps": HevcNal.PPS}
    return [
        f"sprop-{name}={','.join(map(_encode, _find_sets(video, kind)))}"
        for name, kind in sets.items()
    ]


def _find_sets(video: VideoFormat, kind: int) -> Iterator[bytes]:
    nals = split_nal_units(video.parameter_sets)
    return (nal for nal in nals if nal_type(video.codec, nal[0]) == kind)


def _describe_audio(audio: AudioFormat) -> list[str]:
    number = choose_audio_payload_type(audio)
    name = "PCMA" if audio.codec is Codec.PCM else "mpeg4-generic"
    lines = [
        f"m=audio 0 RTP/AVP {number}",
        f"a=rtpmap:{number} {name}/{audio.sample_rate}/{audio.channels}",
    ]
    if audio.codec is Codec.AAC:
        lines.append(
            f"a=fmtp:{number} streamtype=5; profile-level-id=1; mode=AAC-hbr; sizelength=13; "
            f"indexlength=3; indexdeltalength=3; config={audio.extradata.hex()}"
        )
    return lines


def _encode(nal: bytes) -> str:
    return base64.b64encode(nal).decode()
