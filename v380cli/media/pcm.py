"""PCM s16le bytes as samples and back."""

import sys
from array import array
from collections.abc import Iterable


def read_samples(pcm: bytes) -> "array[int]":
    """The samples of PCM s16le; an odd last byte is dropped."""
    return _swap_on_big_endian(array("h", pcm[: len(pcm) & ~1]))


def write_samples(samples: Iterable[int]) -> bytes:
    """PCM s16le of samples in -32768..32767; OverflowError for others."""
    return _swap_on_big_endian(array("h", samples)).tobytes()


def _swap_on_big_endian(samples: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        samples.byteswap()
    return samples
