"""One record of the live stream: a fragment of a frame (PROTOCOL.md, section 2c)."""

import struct

from v380cli.wire.commands import RecordMagic

RECORD_HEADER = struct.Struct("<BBxHHH3x")  # magic, type, total, index, length; 3 bytes unknown
COUNTED_HEADER = struct.Struct("<BBBHHH3x")  # with the counter of frames, which needs no reading
RECORD_HEADER_BYTES = RECORD_HEADER.size
MAX_FRAGMENT_BYTES = 20_000  # old cameras send 500, newer clients accept this (section 11)
# For all frames in the making, with their record headers. One of this size would be the whole
# stream of 1.7 seconds at 20 Mbit/s; keyframes of 4K cameras stay below 1 MiB.
MAX_FRAME_BYTES = 4 << 20
FRAGMENT = int(RecordMagic.FRAGMENT)
COUNTED_FRAMES = 255  # by the counter, which 0 follows on 254


def encode_fragments(frame: bytes, frame_type: int, max_payload: int, *, counter: int = 0) -> bytes:
    """Cut a frame (16-byte header and payload) into records of at most `max_payload` bytes.

    `counter` is how many frames there were before it; a camera tells them in a byte.
    """
    pieces = [frame[start : start + max_payload] for start in range(0, len(frame), max_payload)]
    head = FRAGMENT, frame_type, counter % COUNTED_FRAMES, len(pieces)
    return b"".join(
        COUNTED_HEADER.pack(*head, index, len(piece)) + piece for index, piece in enumerate(pieces)
    )
