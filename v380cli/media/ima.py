"""IMA ADPCM, 4 bits a sample, 8 kHz mono (PROTOCOL.md, sections 4 and 11).

A block, as in a WAV file: i16 first sample, u8 step index, u8 0, then two samples a byte. 256 bytes
make 505 samples. What a nibble means is `audioop`'s; the block and the order of nibbles are ours.
"""

import logging
import struct
from enum import StrEnum
from typing import NamedTuple

from v380cli.errors import LocalProtocolError, RemoteProtocolError
from v380cli.media.pcm import SAMPLE_BYTES, audioop, swap

BLOCK_SAMPLES = 505
BLOCK_BYTES = 256
MAX_STEP_INDEX = 88

_HEADER = struct.Struct("<hBx")
_SWAP_NIBBLES = bytes(byte >> 4 | (byte & 0x0F) << 4 for byte in range(256))

log = logging.getLogger(__name__)


class NibbleOrder(StrEnum):
    """Which half of a byte is the earlier sample."""

    LOW_FIRST = "low"
    HIGH_FIRST = "high"


class State(NamedTuple):
    """What a decoder or an encoder carries from sample to sample."""

    sample: int
    step_index: int


class ImaDecoder:
    """Decodes blocks that carry their own state (frame type 22).

    Two clients disagree about the nibble order (PROTOCOL.md, section 4). Low first is believed
    until `_OrderTrial` has heard enough; its verdict holds from then on.
    """

    def __init__(self) -> None:
        self.nibble_order = NibbleOrder.LOW_FIRST
        self._trial: _OrderTrial | None = _OrderTrial()

    def decode(self, block: bytes) -> bytes:
        """Decode one block of any length to PCM s16le, one sample more than nibbles.

        Raises RemoteProtocolError for a block without a header or with an impossible step index.
        """
        if len(block) < _HEADER.size:
            raise RemoteProtocolError(f"an ADPCM block of {len(block)} bytes has no header")
        state = State(*_HEADER.unpack_from(block))
        if state.step_index > MAX_STEP_INDEX:
            raise RemoteProtocolError(f"an ADPCM block has step index {state.step_index}")
        nibbles = block[_HEADER.size :]
        if self._trial and (verdict := self._trial.hear(state, nibbles)):
            self.nibble_order, self._trial = verdict, None
            log.info("sound: %s nibble first", verdict)
        pcm, _ = decode_nibbles(state, nibbles, self.nibble_order)
        return block[:SAMPLE_BYTES] + swap(pcm)


class ImaVariantDecoder:
    """Decodes frames of type 25: four bytes to skip, high nibble first, one state throughout."""

    def __init__(self) -> None:
        self._state = State(0, 0)

    def decode(self, frame: bytes) -> bytes:
        """Decode one frame to PCM s16le, two samples a byte."""
        nibbles = frame[_HEADER.size :]
        pcm, self._state = decode_nibbles(self._state, nibbles, NibbleOrder.HIGH_FIRST)
        return swap(pcm)


class _OrderTrial:
    """Tells the nibble order by which one arrives at the next block's first sample.

    Swapped nibbles keep the loudness and the roughness of noise, but lead astray: with speech,
    tones and noise the right order misses that sample by less than a third of what the wrong one
    does. Only a pure tone above 2 kHz leaves it open, hence the wait.
    """

    MIN_BLOCKS = 16  # one second
    MAX_BLOCKS = 160
    CLEAR_RATIO = 2
    MIN_SPREAD = 64  # below it is silence, which any order decodes alike

    def __init__(self) -> None:
        self._heard = 0
        self._missed_low = self._missed_high = 0
        self._last: tuple[int, int] | None = None

    def hear(self, state: State, nibbles: bytes) -> NibbleOrder | None:
        """Take the next block; return the verdict once there is one."""
        if self._last is not None:
            self._heard += 1
            self._missed_low += abs(self._last[0] - state.sample)
            self._missed_high += abs(self._last[1] - state.sample)
        low, after_low = decode_nibbles(state, nibbles, NibbleOrder.LOW_FIRST)
        _, after_high = decode_nibbles(state, nibbles, NibbleOrder.HIGH_FIRST)
        quietest, loudest = audioop.minmax(low, SAMPLE_BYTES) if low else (0, 0)
        is_silent = loudest - quietest < self.MIN_SPREAD
        self._last = None if is_silent else (after_low.sample, after_high.sample)
        return self._judge()

    def _judge(self) -> NibbleOrder | None:
        if self._heard < self.MIN_BLOCKS:
            return None
        if self._missed_low > self.CLEAR_RATIO * self._missed_high:
            return NibbleOrder.HIGH_FIRST
        is_clear = self._missed_high > self.CLEAR_RATIO * self._missed_low
        return NibbleOrder.LOW_FIRST if is_clear or self._heard >= self.MAX_BLOCKS else None


def encode_ima_block(pcm: bytes, step_index: int) -> tuple[bytes, int]:
    """Encode 505 samples of PCM s16le to 256 bytes; also return the next block's step index."""
    if len(pcm) != BLOCK_SAMPLES * SAMPLE_BYTES:
        raise LocalProtocolError(
            f"an ADPCM block takes {BLOCK_SAMPLES} samples, not {len(pcm) // SAMPLE_BYTES}"
        )
    first = int.from_bytes(pcm[:SAMPLE_BYTES], "little", signed=True)
    state = State(first, step_index)
    nibbles, (_, next_index) = audioop.lin2adpcm(swap(pcm[SAMPLE_BYTES:]), SAMPLE_BYTES, state)
    return _HEADER.pack(*state) + nibbles.translate(_SWAP_NIBBLES), next_index


def decode_nibbles(state: State, nibbles: bytes, order: NibbleOrder) -> tuple[bytes, State]:
    """Decode bytes of two samples each to PCM in the machine's order, and the state after them."""
    if order is NibbleOrder.LOW_FIRST:
        nibbles = nibbles.translate(_SWAP_NIBBLES)
    pcm, after = audioop.adpcm2lin(nibbles, SAMPLE_BYTES, state)
    return pcm, State(*after)
