"""Takes all the sound out of a source, as the talker does."""

import time

from v380cli.sources.pump import SoundPump
from v380cli.sources.sound import SoundSource

TIMEOUT_S = 60.0
BLOCK_BYTES = 1010


def read_all(source: SoundSource) -> bytes:
    """All of its sound, in blocks, through a pump."""
    pcm = bytearray()
    deadline = time.monotonic() + TIMEOUT_S
    with SoundPump(source) as pump:
        pump.start()
        while time.monotonic() < deadline:
            block = pump.read(BLOCK_BYTES, 1.0)
            if block is None:
                continue
            pcm += block
            if len(block) < BLOCK_BYTES:
                return bytes(pcm)
    raise AssertionError("the sound did not end")
