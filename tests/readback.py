"""What a recording holds, read back packet by packet without decoding."""

from pathlib import Path

import av

from v380cli.media.nal import PARAMETER_SET_TYPES, H264Nal, HevcNal, nal_type, split_nal_units
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
        extradata = bytes(stream.codec_context.extradata or b"")
        sets = read_sets(extradata) if stream.codec_context.codec_tag == "hvc1" else []
        packets = [(bytes(p), p.is_keyframe) for p in source.demux(stream) if p.size]
    if extradata[:1] != b"\x01":
        return [split_units(codec, data) for data, _ in packets]
    return [
        [*(sets if is_keyframe else []), *_split_prefixed(data)] for data, is_keyframe in packets
    ]


def read_sets(record: bytes) -> list[bytes]:
    """VPS, SPS and PPS from a sample description, where hvc1 has them (ISO/IEC 14496-15, 8.3.3)."""
    sets, offset = [], 23
    for _ in range(record[22]):
        kind, count = record[offset] & 0x3F, int.from_bytes(record[offset + 1 : offset + 3])
        offset += 3
        for _ in range(count):
            size = int.from_bytes(record[offset : offset + 2])
            sets.append((kind, record[offset + 2 : offset + 2 + size]))
            offset += 2 + size
    return [nal for kind, nal in sets if kind in PARAMETER_SET_TYPES[Codec.HEVC]]


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
