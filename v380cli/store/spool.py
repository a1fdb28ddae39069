"""The frames of one recording while it is fetched: written one by one, whole after any kill.

A file of our own: a header that names the recording, then a record per frame with a checksum. What
a kill or a power cut left half-written at the end is cut off when the spool is opened again.
"""

import errno
import fcntl
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from v380cli import disk
from v380cli.errors import StorageError
from v380cli.wire.card.words import CardFrame
from v380cli.wire.commands import FrameType
from v380cli.wire.fragment_record import MAX_FRAME_BYTES

MAGIC = b"v380 spool 1\n"
_NAME_SIZE = struct.Struct("<H")
_HEAD = struct.Struct("<IHxxQII")  # id, type, time stamp, payload size, payload's CRC-32
_NO_TIME = (1 << 64) - 1
_END_TYPE = 0xFFFF  # a record of this type says that nothing is missing
_BUFFER_BYTES = 1 << 20
PLANTED = (errno.EEXIST, errno.ELOOP, errno.EISDIR)
KEYFRAME_TYPES = frozenset(
    {
        FrameType.H264_KEY,
        FrameType.HEVC_KEY,
        FrameType.H264_KEY_TIMED,
        FrameType.HEVC_KEY_TIMED,
    }
)


class SpoolTaken(StorageError):
    """Another recording has this spool, or what is there is none."""

    code = "spool_taken"


class SpoolInUse(StorageError):
    """Another program is fetching this very recording."""

    code = "locked"


@dataclass(frozen=True, slots=True)
class FrameHead:
    """A frame without its payload, but with what tells it from every other one."""

    frame_id: int
    frame_type: int
    timestamp_ms: int | None
    size: int
    checksum: int

    @classmethod
    def of(cls, frame: CardFrame) -> Self:
        """The head of a frame."""
        size, checksum = len(frame.payload), zlib.crc32(frame.payload)
        return cls(frame.frame_id, frame.frame_type, frame.timestamp_ms, size, checksum)

    def matches(self, frame: CardFrame) -> bool:
        """Whether it is this frame's: ids may begin anew with each playback, times do not."""
        if (self.frame_type, self.timestamp_ms) != (frame.frame_type, frame.timestamp_ms):
            return False
        if self.timestamp_ms is None and self.frame_id != frame.frame_id & 0xFFFFFFFF:
            return False
        return self.size == len(frame.payload) and self.checksum == zlib.crc32(frame.payload)


class Spool:
    """Open for appending and locked until `close`; StorageError when the disk will not.

    For its owner alone, and never through a link.
    """

    def __init__(self, path: Path, name: str) -> None:
        """Create the file, or go on with the one that is there.

        SpoolTaken if that is another recording's, SpoolInUse if somebody is at it.
        """
        self.path = path
        self.is_complete = False
        self.fps = 0
        self.generation = 0  # one more each time that all is forgotten
        self._mine = MAGIC + _NAME_SIZE.pack(len(name.encode())) + name.encode()
        try:
            descriptor = disk.open_own_file(path, os.O_RDWR)
        except OSError as error:
            if error.errno in PLANTED:
                raise SpoolTaken(f"{path} is not a file of ours") from error
            raise self._explain(error) from error
        self._file = os.fdopen(descriptor, "r+b", buffering=_BUFFER_BYTES)
        try:
            self._lock()
            self._start = self._read_name()
            self._keyframe_at: int | None = None
            self.size_bytes = self._find_whole_end()
            self._truncate(self.size_bytes)
        except BaseException:
            self._file.close()
            raise

    @property
    def is_empty(self) -> bool:
        return self.size_bytes == self._start

    def is_keyframe(self, frame: CardFrame) -> bool:
        """Whether the camera calls it one: a place at which it can be cut and opened again."""
        return frame.frame_type in KEYFRAME_TYPES

    @property
    def settled_bytes(self) -> int:
        """Up to where nothing will be cut off any more, while this spool is open."""
        if self.is_complete:
            return self.size_bytes
        return self._start if self._keyframe_at is None else self._keyframe_at

    def append(self, frame: CardFrame) -> None:
        """Write one frame behind the last; a kill loses no more than what follows a keyframe."""
        if self.is_keyframe(frame):
            self.flush()
            self._keyframe_at = self.size_bytes
        self._write(_encode_head(FrameHead.of(frame)), frame.payload)

    def finish(self, fps: int) -> None:
        """Note that nothing is missing, and the frame rate (0: not known)."""
        self._write(_encode_head(FrameHead(fps, _END_TYPE, None, 0, 0)), b"")
        self.fps = fps
        self.is_complete = True
        self.flush()

    def flush(self) -> None:
        """Hand all to the operating system: a kill does not lose it then."""
        try:
            self._file.flush()
        except OSError as error:
            raise self._explain(error) from error

    def cut_at_keyframe(self) -> FrameHead | None:
        """Take back the last keyframe and what follows; its head, None if there is none."""
        if self._keyframe_at is None:
            self.restart()
            return None
        self.flush()
        self._file.seek(self._keyframe_at)
        head = _decode_head(self._file.read(_HEAD.size))
        self._truncate(self._keyframe_at)
        self._keyframe_at = None
        return head

    def restart(self) -> None:
        """Forget all frames."""
        self._keyframe_at = None
        self.generation += 1
        self._truncate(self._start)

    def list_heads(self) -> Iterator[FrameHead]:
        """The frames without their payloads, in order."""
        return (head for _, head in self._walk())

    def read_frames(self, start: int = 0, end: int | None = None) -> Iterator[CardFrame]:
        """The frames between two values of `settled_bytes`, in order; or all."""
        self.flush()
        offset, end = max(start, self._start), self.size_bytes if end is None else end
        with self.path.open("rb", buffering=_BUFFER_BYTES) as file:
            file.seek(offset)
            while offset < end:
                head = _decode_head(file.read(_HEAD.size))
                if head.frame_type == _END_TYPE:
                    return
                payload = file.read(head.size)
                yield CardFrame(head.frame_id, head.frame_type, head.timestamp_ms, payload)
                offset += _HEAD.size + head.size

    def close(self) -> None:
        """Leave it for another time."""
        try:
            self._file.close()
        except OSError as error:
            raise self._explain(error) from error

    def remove(self) -> None:
        """Close and delete it."""
        self.path.unlink(missing_ok=True)
        self.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if self._file.read(len(self._mine)) != self._mine:
                raise SpoolTaken(f"{self.path} is another recording's") from None
            said = f"another v380 is fetching {self.path.parent.name}"
            raise SpoolInUse(said, hint="try again once that one has ended") from None
        except OSError as error:
            raise StorageError(f"cannot lock {self.path}: {error.strerror or error}") from error

    def _read_name(self) -> int:
        """Check whose spool it is, or make it ours; where the frames begin."""
        mine = self._mine
        there = self._file.read(len(mine))
        if not mine.startswith(there):
            raise SpoolTaken(f"{self.path} belongs to another recording")
        if there != mine:
            self._file.seek(0)
            self._file.write(mine)
            self._file.flush()
        return len(mine)

    def _find_whole_end(self) -> int:
        """Where the last whole frame ends; notes the last keyframe and whether all is there."""
        end = self._start
        for offset, head in self._walk():
            payload = self._file.read(head.size)
            if len(payload) < head.size or zlib.crc32(payload) != head.checksum:
                break
            if head.frame_type in KEYFRAME_TYPES:
                self._keyframe_at = offset
            end = offset + _HEAD.size + head.size
        return end + (_HEAD.size if self.is_complete else 0)

    def _walk(self) -> Iterator[tuple[int, FrameHead]]:
        offset = self._start
        self._file.flush()
        while True:
            self._file.seek(offset)
            data = self._file.read(_HEAD.size)
            if len(data) < _HEAD.size:
                return
            head = _decode_head(data)
            if head.frame_type == _END_TYPE and head.size == 0:
                self.is_complete, self.fps = True, head.frame_id
                return
            if head.size > MAX_FRAME_BYTES:
                return
            yield offset, head
            offset += _HEAD.size + head.size

    def _truncate(self, size: int) -> None:
        try:
            self._file.flush()
            self._file.seek(size)
            self._file.truncate()
        except OSError as error:
            raise self._explain(error) from error
        self.size_bytes = size

    def _write(self, head: bytes, payload: bytes) -> None:
        try:
            self._file.write(head)
            self._file.write(payload)
        except OSError as error:
            raise self._explain(error) from error
        self.size_bytes += len(head) + len(payload)

    def _explain(self, error: OSError) -> StorageError:
        return StorageError(f"cannot write {self.path}: {error.strerror or error}")


def _encode_head(head: FrameHead) -> bytes:
    stamp = _NO_TIME if head.timestamp_ms is None else head.timestamp_ms & (_NO_TIME >> 1)
    return _HEAD.pack(
        head.frame_id & 0xFFFFFFFF, head.frame_type & 0xFFFF, stamp, head.size, head.checksum
    )


def _decode_head(data: bytes) -> FrameHead:
    frame_id, frame_type, stamp, size, checksum = _HEAD.unpack(data)
    return FrameHead(frame_id, frame_type, None if stamp == _NO_TIME else stamp, size, checksum)
