"""G.711 A-law, 8 kHz mono (ITU-T G.711): one byte a sample."""

from v380cli.media.pcm import read_samples

_SIGN, _TOGGLE = 0x80, 0x55  # even bits are inverted on the line


def _expand(code: int) -> int:
    code ^= _TOGGLE
    exponent, mantissa = code >> 4 & 7, code & 0x0F
    magnitude = (mantissa << 4) + 8
    if exponent:
        magnitude = (magnitude + 0x100) << (exponent - 1)
    return magnitude if code & _SIGN else -magnitude


def _compress(sample: int) -> int:
    # Negative codes stand for the one's complement, so that 0 and -1 are distinct.
    sign, magnitude = (_SIGN, sample) if sample >= 0 else (0, ~sample)
    exponent = max(magnitude.bit_length() - 8, 0)
    mantissa = magnitude >> (exponent + 3 if exponent else 4) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ _TOGGLE


_EXPANDED = [_expand(code) & 0xFFFF for code in range(256)]
_LOW = bytes(sample & 0xFF for sample in _EXPANDED)
_HIGH = bytes(sample >> 8 for sample in _EXPANDED)
# A-law keeps 13 bits. Indexed by the sample >> 3, negative ones from the end.
_COMPRESSED = bytes(_compress(sample) for sample in (*range(0, 32768, 8), *range(-32768, 0, 8)))


def decode_alaw(data: bytes) -> bytes:
    """Expand A-law to PCM s16le: twice as many bytes."""
    pcm = bytearray(2 * len(data))
    pcm[0::2] = data.translate(_LOW)
    pcm[1::2] = data.translate(_HIGH)
    return bytes(pcm)


def encode_alaw(pcm: bytes) -> bytes:
    """Compress PCM s16le to A-law: half as many bytes; an odd last byte is dropped."""
    return bytes(_COMPRESSED[sample >> 3] for sample in read_samples(pcm))
