"""Frames of a played recording, as records again: what a redacted capture has of them."""

from abc import ABC, abstractmethod

from v380cli.wire.card.records import encode_control, encode_file_fragments, encode_packets
from v380cli.wire.card.stream import (
    FILE_FRAME,
    FILE_TIMESTAMP,
    SEGMENT_FRAME,
    TIMED_TYPES,
    CardStream,
    FileStream,
    SegmentStream,
)
from v380cli.wire.card.words import CardFrame, PlaybackMagic

PACKET_BYTES = 1400
WITHOUT_ACK = 1


class CardStreamWriter(ABC):
    """The reverse of a `CardStream`; frame rates and times of day are not kept."""

    @abstractmethod
    def encode(self, frame: CardFrame) -> bytes:
        """The records of a frame."""

    def encode_end(self) -> bytes:
        """What says that the recording is over."""
        return encode_control(PlaybackMagic.FINISHED)


class SegmentStreamWriter(CardStreamWriter):
    """Of the segment protocol."""

    def __init__(self) -> None:
        self._last_number = 0

    def encode(self, frame: CardFrame) -> bytes:
        head = (frame.frame_id, frame.frame_type, 0, frame.timestamp_ms or 0, len(frame.payload))
        whole = SEGMENT_FRAME.pack(*head) + frame.payload
        packets = encode_packets(whole, PACKET_BYTES, note=0, last_number=self._last_number)
        self._last_number += len(packets)
        return b"".join(packets)


class FileStreamWriter(CardStreamWriter):
    """Of the legacy protocol."""

    def encode(self, frame: CardFrame) -> bytes:
        head = FILE_FRAME.pack(frame.frame_id, frame.frame_type, WITHOUT_ACK, 0)
        if frame.frame_type in TIMED_TYPES:
            head += FILE_TIMESTAMP.pack(frame.timestamp_ms or 0)
        return b"".join(encode_file_fragments(head + frame.payload, frame.frame_type & 0xFF))


def open_writer(stream: CardStream) -> CardStreamWriter:
    """The writer of such a stream."""
    match stream:
        case SegmentStream():
            return SegmentStreamWriter()
        case FileStream():
            return FileStreamWriter()
    raise TypeError(type(stream).__name__)
