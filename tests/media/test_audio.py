"""Audio codings, against known values and against FFmpeg; and the clock that counts samples."""

import random
from itertools import pairwise

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media_samples import BLOCK_SAMPLES, SAMPLE_RATE, make_aac, make_tone
from v380cli.errors import LocalProtocolError, RemoteProtocolError
from v380cli.media.audio import (
    AudioCoding,
    ImaDecoder,
    SampleClock,
    count_samples,
    decode_alaw,
    encode_alaw,
    encode_ima_block,
    open_audio_decoder,
    split_adts,
)
from v380cli.media.ima import MAX_STEP_INDEX, NibbleOrder
from v380cli.media.pcm import read_samples, write_samples
from v380cli.media.sink import AudioFormat, Codec

SWAP = bytes(byte >> 4 | (byte & 15) << 4 for byte in range(256))


def decode_with_ffmpeg(name: str, data: bytes, sample_bytes: int) -> list[int]:
    codec = av.CodecContext.create(name, "r")
    assert isinstance(codec, av.AudioCodecContext)
    codec.sample_rate, codec.layout = SAMPLE_RATE, "mono"
    (frame,) = codec.decode(av.Packet(data))
    return list(read_samples(bytes(frame.planes[0])[: sample_bytes * frame.samples]))


def encode_ima(pcm: bytes) -> list[bytes]:
    blocks, step_index = [], 0
    for start in range(0, len(pcm) - 2 * BLOCK_SAMPLES + 1, 2 * BLOCK_SAMPLES):
        block, step_index = encode_ima_block(pcm[start : start + 2 * BLOCK_SAMPLES], step_index)
        blocks.append(block)
    return blocks


def make_speech(blocks: int) -> bytes:
    """Noise with the spectrum and the syllables of speech."""
    rng = random.Random(5)
    level, samples = 0.0, []
    for index in range(blocks * BLOCK_SAMPLES):
        level = 0.9 * level + rng.gauss(0, 500)
        samples.append(int(level * (index // 800 % 3) / 2))
    return write_samples(samples)


def test_alaw_decodes_like_ffmpeg() -> None:
    codes = bytes(range(256))
    assert list(read_samples(decode_alaw(codes))) == decode_with_ffmpeg("pcm_alaw", codes, 2)


def test_alaw_known_values() -> None:
    assert list(read_samples(decode_alaw(b"\xd5\x55\xaa\x2a"))) == [8, -8, 32256, -32256]


def test_alaw_encodes_every_sample_to_the_nearest_code() -> None:
    assert encode_alaw(decode_alaw(bytes(range(256)))) == bytes(range(256))
    pcm = write_samples(range(-32768, 32768))
    for sample, decoded in zip(
        range(-32768, 32768), read_samples(decode_alaw(encode_alaw(pcm))), strict=True
    ):
        assert abs(sample - decoded) <= max(16, abs(sample) // 16)


def test_an_ima_block_by_hand() -> None:
    """Step 7: nibble 7 adds 7+3+1+0 = 11 and goes to index 8; nibble 8 there takes 16 >> 3."""
    block = b"\x64\x00\x00\x00" + b"\x87"
    assert list(read_samples(ImaDecoder().decode(block))) == [100, 111, 109]


def test_ima_decodes_like_ffmpeg_but_for_rounding() -> None:
    block = encode_ima(make_speech(2))[1]
    ours = read_samples(ImaDecoder().decode(block))
    theirs = decode_ima_with_ffmpeg(block)
    assert len(ours) == len(theirs) == BLOCK_SAMPLES
    assert max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) < 100


def decode_ima_with_ffmpeg(block: bytes) -> list[int]:
    import io
    import struct

    wave = struct.pack("<HHIIHHHH", 0x11, 1, 8000, 4055, len(block), 4, 2, BLOCK_SAMPLES)
    body = b"WAVEfmt " + struct.pack("<I", len(wave)) + wave
    body += b"data" + struct.pack("<I", len(block)) + block
    with av.open(io.BytesIO(b"RIFF" + struct.pack("<I", len(body)) + body), "r") as source:
        (frame,) = source.decode(audio=0)
        return list(read_samples(bytes(frame.planes[0])[: 2 * frame.samples]))


def test_ima_comes_back_close_to_what_was_encoded() -> None:
    pcm = make_speech(20)
    decoder = ImaDecoder()
    decoded = b"".join(decoder.decode(block) for block in encode_ima(pcm))
    assert len(decoded) == len(pcm)
    errors = [abs(a - b) for a, b in zip(read_samples(pcm), read_samples(decoded), strict=True)]
    assert sum(errors) / len(errors) < 100


def test_ima_clips_instead_of_overflowing() -> None:
    block = b"\xff\x7f\x58\x00" + b"\x77" * 20 + b"\xff" * 20
    samples = read_samples(ImaDecoder().decode(block))
    assert max(samples) == 32767
    assert min(samples) == -32768
    assert samples[40] == 32767


@pytest.mark.parametrize("order", list(NibbleOrder))
@pytest.mark.parametrize("sound", ["speech", "tone"])
def test_the_nibble_order_is_found_and_kept(order: NibbleOrder, sound: str) -> None:
    pcm = make_speech(40) if sound == "speech" else make_tone(40 * BLOCK_SAMPLES)
    decoder = ImaDecoder()
    decoded = []
    for block in encode_ima(pcm):
        swapped = block[:4] + block[4:].translate(SWAP)
        decoded.append(decoder.decode(block if order is NibbleOrder.LOW_FIRST else swapped))
    assert decoder.nibble_order is order
    end = -10 * BLOCK_SAMPLES
    pairs = zip(read_samples(pcm)[end:], read_samples(b"".join(decoded))[end:], strict=True)
    assert sum(abs(a - b) for a, b in pairs) / -end < 300


def test_silence_decides_nothing() -> None:
    decoder = ImaDecoder()
    for block in encode_ima(bytes(2 * BLOCK_SAMPLES * 300)):
        decoder.decode(block)
    for block in encode_ima(make_speech(40)):
        decoder.decode(block[:4] + block[4:].translate(SWAP))
    assert decoder.nibble_order is NibbleOrder.HIGH_FIRST


@pytest.mark.parametrize("size", [4, 5, 128, 256, 512])
def test_blocks_of_any_length(size: int) -> None:
    assert len(ImaDecoder().decode(bytes(size))) == 2 * (1 + 2 * (size - 4))


@pytest.mark.parametrize("block", [b"", b"\0\0\0", bytes([0, 0, MAX_STEP_INDEX + 1, 0, 1])])
def test_an_impossible_ima_block_is_refused(block: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        ImaDecoder().decode(block)


def test_an_ima_block_of_the_wrong_size_is_our_mistake() -> None:
    with pytest.raises(LocalProtocolError):
        encode_ima_block(bytes(1008), 0)


def test_the_variant_skips_four_bytes_and_carries_its_state_on() -> None:
    pcm = make_tone(BLOCK_SAMPLES)
    nibbles = encode_ima(bytes(2) + pcm[2:])[0][4:].translate(SWAP)
    decoder = open_audio_decoder(AudioCoding.IMA_VARIANT)
    frames = [b"\xaa" * 4 + nibbles[:100], b"\xbb" * 4 + nibbles[100:]]
    (first,), (second,) = (decoder.decode(frame) for frame in frames)
    whole = ImaDecoder().decode(bytes(4) + nibbles.translate(SWAP))
    assert first + second == whole[2:]


def test_pcm_passes_without_its_odd_byte() -> None:
    decoder = open_audio_decoder(AudioCoding.PCM16)
    assert decoder.decode(b"\1\2\3\4\5") == [b"\1\2\3\4"]
    assert decoder.decode(b"") == []


@pytest.mark.parametrize("coding", [c for c in AudioCoding if c is not AudioCoding.AAC_ADTS])
def test_the_telephone_codings_are_pcm_from_the_start(coding: AudioCoding) -> None:
    decoder = open_audio_decoder(coding)
    assert decoder.format == AudioFormat(Codec.PCM, 8000, 1)
    (pcm,) = decoder.decode(bytes(256))
    assert count_samples(decoder.format, pcm) in (128, 256, 504, 505)


def make_adts(data: bytes, *, with_crc: bool = False) -> bytes:
    """AAC LC, 8 kHz (index 11), mono."""
    size = len(data) + (9 if with_crc else 7)
    header = 0xFFF << 44 | (not with_crc) << 40 | 1 << 38 | 11 << 34 | 1 << 30
    header |= size << 13 | 0x7FF << 2
    return header.to_bytes(7) + (b"\0\0" if with_crc else b"") + data


@pytest.mark.parametrize("with_crc", [False, True])
def test_adts_is_split_into_access_units(with_crc: bool) -> None:
    audio, units = make_aac()
    stream = b"".join(make_adts(unit, with_crc=with_crc) for unit in units)
    frames = split_adts(stream)
    assert [frame.data for frame in frames] == units
    assert {frame.format for frame in frames} == {audio}
    decoder = open_audio_decoder(AudioCoding.AAC_ADTS)
    formats = [decoder.format]
    assert decoder.decode(stream) == units
    assert [*formats, decoder.format] == [None, audio]
    assert count_samples(audio, units[0]) == 1024


GOOD_ADTS = make_adts(b"\x01\x18\x20\x07")


@pytest.mark.parametrize(
    "data",
    [
        b"\x00" * 20,
        GOOD_ADTS[:-1],
        GOOD_ADTS[:5],
        GOOD_ADTS + b"\0",
        make_adts(b""),
        GOOD_ADTS[:2] + b"\x7c" + GOOD_ADTS[3:],  # sample rate index 15
        GOOD_ADTS[:2] + b"\x6d" + GOOD_ADTS[3:],  # six channels
        GOOD_ADTS[:6] + b"\xfd" + GOOD_ADTS[7:],  # two blocks
    ],
)
def test_garbage_for_adts_is_refused(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        split_adts(data)


OTHER_ADTS = GOOD_ADTS[:2] + b"\x60" + GOOD_ADTS[3:]


def test_a_change_of_the_aac_format_is_told() -> None:
    decoder = open_audio_decoder(AudioCoding.AAC_ADTS)
    rates = [decoder.decode(data) and decoder.format for data in (GOOD_ADTS, OTHER_ADTS)]
    assert [audio and audio.sample_rate for audio in rates] == [8000, 16000]


def test_a_change_within_a_frame_of_sound_is_refused() -> None:
    decoder = open_audio_decoder(AudioCoding.AAC_ADTS)
    with pytest.raises(RemoteProtocolError):
        decoder.decode(GOOD_ADTS + OTHER_ADTS)


def test_rate_and_channels_are_those_that_the_camera_tells() -> None:
    decoder = open_audio_decoder(AudioCoding.PCM16, 16000, 2)
    assert decoder.format == AudioFormat(Codec.PCM, 16000, 2)
    assert decoder.decode(b"\1\2\3\4\5\6") == [b"\1\2\3\4"]
    assert open_audio_decoder(AudioCoding.IMA_ADPCM, 16000, 2).format == AudioFormat(
        Codec.PCM, 16000
    )


@given(st.sampled_from(list(AudioCoding)), st.binary(max_size=300))
def test_garbage_is_decoded_or_refused(coding: AudioCoding, data: bytes) -> None:
    try:
        decoded = open_audio_decoder(coding).decode(data)
    except RemoteProtocolError:
        return
    assert sum(len(part) for part in decoded) <= 4 * len(data)


class TestSampleClock:
    def test_jitter_is_smoothed(self) -> None:
        clock = SampleClock(8000)
        stamps = [
            clock.stamp(index * 505 // 8 + (7, -9, 0)[index % 3] + 50, 505) for index in range(99)
        ]
        assert [stamp - stamps[0] for stamp in stamps] == [index * 505 // 8 for index in range(99)]

    def test_a_gap_is_jumped(self) -> None:
        clock = SampleClock(8000)
        assert [clock.stamp(pts, 800) for pts in (0, 100, 5000, 5101)] == [0, 100, 5000, 5100]

    def test_drift_is_corrected_both_ways(self) -> None:
        for speed in (0.99, 1.01):
            clock = SampleClock(8000)
            for index in range(1000):
                pts_ms = round(index * 100 * speed)
                assert abs(clock.stamp(pts_ms, 800) - pts_ms) <= 20

    @given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 2000))))
    def test_it_never_goes_back(self, packets: list[tuple[int, int]]) -> None:
        clock = SampleClock(8000)
        stamps = [clock.stamp(pts_ms, samples) for pts_ms, samples in packets]
        assert all(a < b for a, b in pairwise(stamps))
