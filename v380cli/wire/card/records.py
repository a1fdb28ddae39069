"""Records of a playback connection, as a camera makes them (PROTOCOL.md, sections 3a and 3b)."""

from v380cli.wire.card.stream import FRAGMENT_HEADER, MAX_FILE_FRAGMENT, NUMBERS, RECORD_HEADER
from v380cli.wire.card.words import PlaybackMagic

END_BYTES, END_TIMES = 504, 3  # of the record that ends a segment (FW-CORE)


def encode_packets(frame: bytes, packet_bytes: int, *, note: int, last_number: int) -> list[bytes]:
    """Cut a frame of the segment protocol, header first, into packets behind `last_number`."""
    return [
        RECORD_HEADER.pack(PlaybackMagic.MEDIA, note, number % NUMBERS, len(piece)) + piece
        for number, piece in enumerate(_cut(frame, packet_bytes), start=last_number + 1)
    ]


def encode_file_fragments(frame: bytes, frame_type: int) -> list[bytes]:
    """Cut a frame of the legacy protocol, header first, into fragments."""
    pieces = _cut(frame, MAX_FILE_FRAGMENT)
    return [
        FRAGMENT_HEADER.pack(PlaybackMagic.MEDIA, frame_type, len(pieces), index, len(piece))
        + piece
        for index, piece in enumerate(pieces)
    ]


def encode_control(magic: PlaybackMagic, *, note: int = 0, number: int = 0) -> bytes:
    """A record without media, which is the same in both."""
    return RECORD_HEADER.pack(magic, note, number, 0)


def encode_segment_end(note: int) -> bytes:
    """What says that a segment is over."""
    record = RECORD_HEADER.pack(PlaybackMagic.FINISHED, note, 0, END_BYTES) + bytes(END_BYTES)
    return record * END_TIMES


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]
