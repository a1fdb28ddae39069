"""What a recording holds, read back packet by packet without decoding."""

from pathlib import Path

import av

from v380cli.media.nal import H264Nal, HevcNal, nal_type, split_nal_units
from v380cli.media.sink import Codec

CODECS = {"h264": Codec.H264, "hevc": Codec.HEVC}
DELIMITERS = {Codec.H264: H264Nal.AUD, Codec.HEVC: HevcNal.AUD}


def split_units(codec: Codec, payload: bytes) -> list[bytes]:
    """The NAL units of an access unit without delimiters, which MPEG-TS adds on its own."""
    return [nal for nal in split_nal_units(payload) if nal_type(codec, nal[0]) != DELIMITERS[codec]]


def read_video(path: Path) -> list[list[bytes]]:
    """The NAL units of each access unit, in order; the file may be a `.part`."""
    with av.open(path) as source:
        stream = source.streams.video[0]
        codec = CODECS[stream.codec_context.name]
        is_prefixed = bytes(stream.codec_context.extradata or b"")[:1] == b"\x01"
        packets = [bytes(packet) for packet in source.demux(stream) if packet.size]
    if is_prefixed:
        return [_split_prefixed(data) for data in packets]
    return [split_units(codec, data) for data in packets]


def count_audio_seconds(path: Path) -> float:
    """How much sound decodes."""
    with av.open(path) as source:
        return sum(f.samples / f.sample_rate for f in source.decode(audio=0))


def count_pictures(path: Path) -> int:
    """How many pictures decode."""
    with av.open(path) as source:
        return sum(1 for _ in source.decode(video=0))


def _split_prefixed(data: bytes) -> list[bytes]:
    units, offset = [], 0
    while offset < len(data):
        size = int.from_bytes(data[offset : offset + 4])
        units.append(data[offset + 4 : offset + 4 + size].rstrip(b"\0"))
        offset += 4 + size
    return units
