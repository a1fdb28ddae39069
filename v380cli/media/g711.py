"""G.711, 8 kHz mono (ITU-T G.711): one byte a sample."""

from v380cli.media.pcm import SAMPLE_BYTES, audioop, cut_to_samples, swap


def decode_alaw(data: bytes) -> bytes:
    """Expand A-law to PCM s16le: twice as many bytes."""
    return swap(audioop.alaw2lin(data, SAMPLE_BYTES))


def encode_alaw(pcm: bytes) -> bytes:
    """Compress PCM s16le to A-law: half as many bytes; an odd last byte is dropped."""
    return audioop.lin2alaw(swap(cut_to_samples(pcm)), SAMPLE_BYTES)


def decode_ulaw(data: bytes) -> bytes:
    """Expand mu-law to PCM s16le: twice as many bytes."""
    return swap(audioop.ulaw2lin(data, SAMPLE_BYTES))
