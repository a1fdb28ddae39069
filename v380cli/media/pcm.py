"""PCM s16le bytes as samples and back, and the module that codes them."""

import sys
import warnings
from array import array
from collections.abc import Iterable

with warnings.catch_warnings():
    # Python 3.11 and 3.12 have it and say that it goes; from 3.13 on it is audioop-lts.
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

__all__ = [
    "SAMPLE_BYTES",
    "audioop",
    "cut_to_samples",
    "read_samples",
    "swap",
    "swap_big_endian",
    "write_samples",
]

SAMPLE_BYTES = 2


def read_samples(pcm: bytes) -> "array[int]":
    """The samples of PCM s16le; an odd last byte is dropped."""
    return array("h", swap(cut_to_samples(pcm)))


def write_samples(samples: Iterable[int]) -> bytes:
    """PCM s16le of samples in -32768..32767; OverflowError for others."""
    return swap(array("h", samples).tobytes())


def cut_to_samples(pcm: bytes) -> bytes:
    """The PCM without an odd last byte."""
    return pcm[: len(pcm) & -SAMPLE_BYTES]


def swap(pcm: bytes) -> bytes:
    """Turn PCM s16le into what `audioop` and `array` work on, the machine's order, or back."""
    return audioop.byteswap(pcm, SAMPLE_BYTES) if sys.byteorder == "big" else pcm


def swap_big_endian(pcm: bytes) -> bytes:
    """Turn PCM s16be into PCM s16le; an odd last byte is dropped."""
    return audioop.byteswap(cut_to_samples(pcm), SAMPLE_BYTES)
