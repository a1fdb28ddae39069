"""Every form of the tone decodes to the same sound, beep included."""

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from v380cli.media.audio import ImaDecoder, decode_alaw
from v380cli.simulator.tone import SAMPLE_RATE, AudioKind, Tone, load_tone


def decode(kind: AudioKind, tone: Tone) -> NDArray[np.int16]:
    match kind:
        case AudioKind.PCM:
            pcm = b"".join(tone.blocks)
        case AudioKind.ALAW:
            pcm = b"".join(decode_alaw(block) for block in tone.blocks)
        case AudioKind.IMA:
            decoder = ImaDecoder()
            pcm = b"".join(decoder.decode(block) for block in tone.blocks)
        case AudioKind.AAC:
            return _decode_aac(tone)
    return np.frombuffer(pcm, "<i2")


def _decode_aac(tone: Tone) -> NDArray[np.int16]:
    decoder = av.CodecContext.create("aac", "r")
    assert isinstance(decoder, av.AudioCodecContext)
    frames = [f for block in tone.blocks for f in decoder.decode(av.Packet(block))]
    assert {frame.sample_rate for frame in frames} == {SAMPLE_RATE}
    samples = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    return (samples * 32767).astype(np.int16)


def find_pitch(samples: NDArray[np.int16]) -> float:
    """The loudest frequency, in Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * SAMPLE_RATE / len(samples)


@pytest.mark.parametrize("kind", list(AudioKind))
def test_it_is_a_tone_with_a_beep_each_second(kind: AudioKind) -> None:
    tone = load_tone(kind)
    samples = decode(kind, tone)
    delay = 1024 if kind is AudioKind.AAC else 0  # what an AAC encoder puts before the sound
    for second in range(1, 9):
        start = second * SAMPLE_RATE + delay
        assert find_pitch(samples[start + 100 : start + 700]) == pytest.approx(1000, abs=20)
        assert find_pitch(samples[start + 2000 : start + 6000]) == pytest.approx(400, abs=20)


@pytest.mark.parametrize(
    ("kind", "size", "frame_type", "block_s"),
    [
        (AudioKind.IMA, 256, 22, 505 / 8000),
        (AudioKind.ALAW, 320, 26, 0.04),
        (AudioKind.PCM, 640, 21, 0.04),
    ],
)
def test_blocks_have_the_camera_s_size(
    kind: AudioKind, size: int, frame_type: int, block_s: float
) -> None:
    tone = load_tone(kind)
    assert ({len(block) for block in tone.blocks}, tone.frame_type) == ({size}, frame_type)
    assert tone.block_s == block_s
    assert len(tone.blocks) * block_s == pytest.approx(10, abs=block_s)


def test_no_block_is_like_another_as_of_a_microphone() -> None:
    blocks = load_tone(AudioKind.PCM).blocks
    assert len(set(blocks)) == len(blocks)


def test_aac_blocks_are_one_adts_frame_each() -> None:
    tone = load_tone(AudioKind.AAC)
    assert all(block[0] == 0xFF and block[1] & 0xF6 == 0xF0 for block in tone.blocks)
    assert all(int.from_bytes(b[3:6], "big") >> 5 & 0x1FFF == len(b) for b in tone.blocks)
    assert (tone.frame_type, tone.block_s) == (24, 0.128)
