"""What browsers call a codec: the `codecs` parameter of a media type (RFC 6381)."""

from v380cli.media.nal import H264Nal, HevcNal, nal_type, split_nal_units
from v380cli.media.sink import Codec, Formats, VideoFormat

AAC_LC = "mp4a.40.2"
JPEG = "mp4v.6C"  # by its object type (ISO/IEC 14496-1, 7.2.6.6.2)


def format_mp4_type(formats: Formats) -> str:
    """The media type of an MP4 with these tracks, in which sound is AAC whatever came."""
    codecs = [format_codec(formats.video), *([AAC_LC] if formats.audio else [])]
    return f'video/mp4; codecs="{", ".join(codecs)}"'


def format_codec(video: VideoFormat) -> str:
    """`avc1.64001f` or `hvc1.1.6.L93.90`, from the SPS; the bare name where there is none."""
    if video.codec is Codec.MJPEG:
        return JPEG
    is_h264 = video.codec is Codec.H264
    sps = _find_nal_unit(video, H264Nal.SPS if is_h264 else HevcNal.SPS)
    if is_h264:
        return f"avc1.{sps[1:4].hex()}" if len(sps) >= 4 else "avc1"
    return _format_hevc(sps) if len(sps) >= 15 else "hvc1"


def _find_nal_unit(video: VideoFormat, kind: int) -> bytes:
    for nal in split_nal_units(video.parameter_sets):
        if nal_type(video.codec, nal[0]) == kind:
            return nal.replace(b"\0\0\3", b"\0\0")  # emulation prevention (7.4.1)
    return b""


def _format_hevc(sps: bytes) -> str:
    """From profile_tier_level, which is byte-aligned (H.265, 7.3.3; ISO/IEC 14496-15, E.3)."""
    space, tier, profile = sps[3] >> 6, sps[3] >> 5 & 1, sps[3] & 0x1F
    compatibility = int.from_bytes(sps[4:8])
    constraints = sps[8:14].rstrip(b"\0")
    words = [
        "hvc1",
        f"{['', 'A', 'B', 'C'][space]}{profile}",
        f"{int(f'{compatibility:032b}'[::-1], 2):x}",  # the flag of profile 0 is the lowest bit
        f"{'LH'[tier]}{sps[14]}",
        *(f"{byte:x}" for byte in constraints),
    ]
    return ".".join(words)
