"""A tone with a beep at each full second and some hiss, in every form in which cameras send audio.

8 kHz mono throughout. The forms and their frame types: PROTOCOL.md, sections 2c, 4 and 11.
"""

import io
import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from random import Random

from v380cli.media.audio import encode_alaw, encode_ima_block
from v380cli.wire.commands import FrameType

SAMPLE_RATE = 8000
ALAW_BITS, PCM_BITS = 8, 16  # of a sample, as 401 tells them
LOOP_S = 10
TONE_HZ, TONE_LEVEL = 400, 2400
BEEP_HZ, BEEP_LEVEL, BEEP_SAMPLES = 1000, 12000, SAMPLE_RATE // 10
# As of any microphone: a recorder's AAC encoder takes three times as long for a tone without it.
HISS_LEVEL = 30
PCM_BLOCK_SAMPLES = 320  # 40 ms
IMA_BLOCK_SAMPLES = 505
AAC_FRAME_SAMPLES, AAC_BITRATE = 1024, 24_000


class AudioKind(StrEnum):
    """Which of the camera's audio codecs."""

    IMA = "ima"
    ALAW = "alaw"
    AAC = "aac"
    PCM = "pcm"


@dataclass(frozen=True, slots=True)
class Tone:
    """A loop of audio frames of `block_s` seconds each."""

    frame_type: FrameType
    blocks: tuple[bytes, ...]
    block_s: float


@lru_cache
def load_tone(kind: AudioKind) -> Tone:
    """About `LOOP_S` seconds, as near as whole frames allow."""
    samples = _generate_samples()
    match kind:
        case AudioKind.IMA:
            blocks = tuple(_list_ima_blocks(_cut(samples, IMA_BLOCK_SAMPLES)))
            return Tone(FrameType.IMA_ADPCM, blocks, IMA_BLOCK_SAMPLES / SAMPLE_RATE)
        case AudioKind.ALAW:
            blocks = tuple(encode_alaw(pcm) for pcm in _cut(samples, PCM_BLOCK_SAMPLES))
            return Tone(FrameType.G711_ALAW, blocks, PCM_BLOCK_SAMPLES / SAMPLE_RATE)
        case AudioKind.PCM:
            blocks = tuple(_cut(samples, PCM_BLOCK_SAMPLES))
            return Tone(FrameType.PCM16, blocks, PCM_BLOCK_SAMPLES / SAMPLE_RATE)
        case AudioKind.AAC:
            return _encode_aac(samples)


def describe_sound(kind: AudioKind | None) -> dict[str, int]:
    """The fields of 401 about the sound (`StreamLoginReply`); none where there is no sound."""
    if kind is None:
        return {}
    bits = ALAW_BITS if kind is AudioKind.ALAW else PCM_BITS
    return {"audio_khz": SAMPLE_RATE // 1000, "audio_bits": bits, "audio_channels": 1}


@lru_cache
def _generate_samples() -> tuple[int, ...]:
    hiss = Random(0)  # noqa: S311  the same in each run

    def at(number: int) -> int:
        is_beep = number % SAMPLE_RATE < BEEP_SAMPLES
        hertz, level = (BEEP_HZ, BEEP_LEVEL) if is_beep else (TONE_HZ, TONE_LEVEL)
        tone = level * math.sin(math.tau * hertz * number / SAMPLE_RATE)
        return round(tone + hiss.uniform(-HISS_LEVEL, HISS_LEVEL))

    return tuple(at(number) for number in range(SAMPLE_RATE * LOOP_S))


def _cut(samples: Sequence[int], size: int) -> Iterator[bytes]:
    """Whole blocks of `size` samples as PCM s16le."""
    for start in range(0, len(samples) - size + 1, size):
        yield struct.pack(f"<{size}h", *samples[start : start + size])


def _list_ima_blocks(blocks: Iterator[bytes]) -> Iterator[bytes]:
    step_index = 0
    for pcm in blocks:
        block, step_index = encode_ima_block(pcm, step_index)
        yield block


def _encode_aac(samples: Sequence[int]) -> Tone:
    import av
    import numpy as np

    frame = av.AudioFrame.from_ndarray(np.array([samples], np.int16), format="s16", layout="mono")
    frame.rate, frame.pts = SAMPLE_RATE, 0
    output = io.BytesIO()
    with av.open(output, "w", format="adts") as muxer:
        stream = muxer.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        stream.bit_rate = AAC_BITRATE
        muxer.mux(stream.encode(frame))
        muxer.mux(stream.encode(None))
    blocks = tuple(_split_adts(output.getvalue()))
    return Tone(FrameType.AAC_ADTS, blocks, AAC_FRAME_SAMPLES / SAMPLE_RATE)


def _split_adts(data: bytes) -> Iterator[bytes]:
    while data:
        size = int.from_bytes(data[3:6], "big") >> 5 & 0x1FFF  # ADTS frame_length
        yield data[:size]
        data = data[size:]
