"""Media frames as one `v380` hands them to another on this machine: a head and the payload each."""

import struct
from collections.abc import Iterator
from typing import Literal

from v380cli.errors import RemoteProtocolError
from v380cli.wire.session import MediaReceived

# The size of the payload, then the frame type, the id, the frame rate, the stamp and the kind.
_HEAD = struct.Struct(">IiqiqB")
MAX_PAYLOAD_BYTES = 16 << 20
_STAMPS = 1 << 64  # a damaged header may have any number of 64 bits
_KINDS: tuple[Literal["video", "audio", "unknown"], ...] = ("video", "audio", "unknown")


def encode_media(media: MediaReceived) -> bytes:
    """One frame as it goes through a socket."""
    head = _HEAD.pack(
        len(media.payload),
        media.frame_type,
        media.frame_id,
        media.fps,
        (media.timestamp_ms + _STAMPS // 2) % _STAMPS - _STAMPS // 2,
        _KINDS.index(media.kind),
    )
    return head + media.payload


class MediaParser:
    """Takes bytes as they come and gives whole frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def receive_data(self, data: bytes | memoryview) -> None:
        """Take the next bytes, however they are cut."""
        self._buffer += data

    def read_media(self) -> Iterator[MediaReceived]:
        """Yield the frames that are whole; RemoteProtocolError for anything else."""
        while len(self._buffer) >= _HEAD.size:
            size, frame_type, frame_id, fps, timestamp_ms, kind = _HEAD.unpack_from(self._buffer)
            if size > MAX_PAYLOAD_BYTES or kind >= len(_KINDS):
                raise RemoteProtocolError("another v380 hands on what is not media")
            end = _HEAD.size + size
            if len(self._buffer) < end:
                return
            payload = bytes(self._buffer[_HEAD.size : end])
            del self._buffer[:end]
            yield MediaReceived(frame_type, frame_id, fps, timestamp_ms, payload, _KINDS[kind])
