"""What the camera of a campaign films: no two frames are alike, so that each is known again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from tests.readback import split_units
from v380cli.media.audio import AudioCoding, encode_ima_block, open_audio_decoder
from v380cli.media.sink import Codec
from v380cli.simulator.footage import AccessUnit, FootageSpec, load_footage
from v380cli.wire.commands import FrameType

FPS = 15
GOP_FRAMES = 6
SIZES = ((192, 128), (160, 96))
SOUND_MS = 40
PCM_BYTES = 640  # 40 ms at 8 kHz
ANYTHING_BUT_ZERO = bytes(range(1, 256))  # what may stand in a NAL unit without escapes
ADTS_RATE_16K = 8


@dataclass(frozen=True)
class Shot:
    """One frame as the camera means it, in clear."""

    frame_type: FrameType
    payload: bytes
    is_keyframe: bool = False

    @property
    def is_video(self) -> bool:
        return self.frame_type in VIDEO_CODECS


VIDEO_CODECS = {
    FrameType.H264_DELTA: Codec.H264,
    FrameType.H264_KEY: Codec.H264,
    FrameType.HEVC_DELTA: Codec.HEVC,
    FrameType.HEVC_KEY: Codec.HEVC,
}
FRAME_TYPES = {
    Codec.H264: (FrameType.H264_DELTA, FrameType.H264_KEY),
    Codec.HEVC: (FrameType.HEVC_DELTA, FrameType.HEVC_KEY),
}
SOUND_CODINGS = {
    FrameType.PCM16: AudioCoding.PCM16,
    FrameType.IMA_ADPCM: AudioCoding.IMA_ADPCM,
    FrameType.G711_ALAW: AudioCoding.ALAW,
    FrameType.AAC_ADTS: AudioCoding.AAC_ADTS,
}


def list_units(frame_type: int, payload: bytes) -> list[bytes]:
    """What a recording of the frame holds: NAL units, or sound as it is decoded."""
    codec = VIDEO_CODECS.get(FrameType(frame_type))
    if codec:
        return split_units(codec, payload)
    return open_audio_decoder(SOUND_CODINGS[FrameType(frame_type)]).decode(payload)


def load_loops() -> None:
    """Encode what may be shown beforehand, which takes a second: so long a camera is not silent."""
    for codec in FRAME_TYPES:
        for size in SIZES:
            _load_loop(codec, size)


def film(codec: Codec, size: tuple[int, int], chance: Random) -> Iterator[Shot]:
    """Pictures without end, from a keyframe on, each with a tail of its own behind its slice."""
    units = _load_loop(codec, size)
    while True:
        for unit in units:
            yield _tag(unit, codec, chance)


def _tag(unit: AccessUnit, codec: Codec, chance: Random) -> Shot:
    tail = bytes(chance.choices(ANYTHING_BUT_ZERO, k=chance.choice((16, 200, 900, 2500))))
    frame_type = FRAME_TYPES[codec][unit.is_keyframe]
    return Shot(frame_type, unit.data.rstrip(b"\0") + tail, unit.is_keyframe)


@lru_cache
def _load_loop(codec: Codec, size: tuple[int, int]) -> tuple[AccessUnit, ...]:
    gop_s = GOP_FRAMES / FPS
    spec = FootageSpec(
        codec=codec,
        width=size[0],
        height=size[1],
        fps=FPS,
        gop_s=gop_s,
        loop_s=gop_s,
        bitrate=200_000,
    )
    return load_footage(spec).access_units


def hear(frame_type: FrameType, chance: Random) -> Iterator[Shot]:
    """Sound without end, blocks of noise."""
    make: Callable[[Random], bytes] = {
        FrameType.PCM16: lambda chance: chance.randbytes(PCM_BYTES),
        FrameType.G711_ALAW: lambda chance: chance.randbytes(PCM_BYTES // 2),
        FrameType.IMA_ADPCM: _make_ima_block,
        FrameType.AAC_ADTS: _make_adts_frame,
    }[frame_type]
    while True:
        yield Shot(frame_type, make(chance))


def _make_ima_block(chance: Random) -> bytes:
    block, _ = encode_ima_block(bytes(2) + bytes(1008), 0)
    return block[:4] + chance.randbytes(len(block) - 4)


def _make_adts_frame(chance: Random) -> bytes:
    """An ADTS header of AAC-LC, 16 kHz, mono; nobody decodes what follows."""
    data = chance.randbytes(120)
    size = len(data) + 7
    header = 0xFFF1 << 40 | 1 << 38 | ADTS_RATE_16K << 34 | 1 << 30 | size << 13 | 0x7FF << 2
    return header.to_bytes(7, "big") + data
