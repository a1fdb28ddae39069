"""The data of a playback connection: records in, frames out (PROTOCOL.md, sections 3a and 3b).

The link is TCP and the file is on a card, so there is no searching for a lost step as on the live
stream: what does not fit is an error, and the recording is opened again at that time.
"""

import struct
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field

from v380cli.errors import RemoteProtocolError
from v380cli.wire.card.words import CardFrame, PlaybackMagic
from v380cli.wire.commands import AUDIO_TYPES, VIDEO_TYPES
from v380cli.wire.fragment_record import MAX_FRAME_BYTES
from v380cli.wire.fragments import MESSAGE_NUMBERS

RECORD_HEADER = struct.Struct("<BBHHxx")
SEGMENT_FRAME = struct.Struct("<IHHxxQI")  # id, type, fps (I, as on the live stream), ms, size
FRAGMENT_HEADER = struct.Struct("<BBHHH")
FILE_FRAME = struct.Struct("<iiHH")
FILE_TIMESTAMP = struct.Struct("<i")
TIMED_TYPES = frozenset({50, 51, 52, 53})
MAX_FILE_FRAGMENT = 504
# The live stream's messages may stand between records here, too: an i32 number, 32 bytes in all.
MESSAGE_BYTES = 32
MESSAGE_NUMBER = struct.Struct("<i")
# Frames that are not whole yet, of all types together; one interleaves with two or three others.
MAX_UNFINISHED_BYTES = 4 * MAX_FRAME_BYTES
# Numbers that counted up this often in a row are believed to do so: then a step is a loss.
DENSE_AFTER = 16
NUMBERS = 65_535  # firmware counts packets from 0 to 65534
MEDIA = int(PlaybackMagic.MEDIA)
KNOWN_MAGICS = frozenset(PlaybackMagic)
MEDIA_TYPES = VIDEO_TYPES | AUDIO_TYPES


class CardStream(ABC):
    """What both generations share; `unacknowledged` counts packets in one, frames in the other."""

    def __init__(self) -> None:
        self.is_finished = False
        self.has_begun = False  # a frame has come
        self.wants_ack = False
        self.unacknowledged = 0
        self.last_frame_id = 0
        self._rest = b""
        self._frames: deque[CardFrame] = deque()

    @abstractmethod
    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take bytes as they come. RemoteProtocolError for what is not a record or frame."""

    def next_frame(self) -> CardFrame | None:
        """The next whole frame, as encrypted as it came."""
        return self._frames.popleft() if self._frames else None

    def _take_control(self, magic: int) -> None:
        match magic:
            case PlaybackMagic.ALIVE:
                self.wants_ack = True
            case PlaybackMagic.FINISHED:
                self.is_finished = True
            case PlaybackMagic.PARAMETERS:
                pass

    def _find_message_end(self, data: bytes, start: int) -> int | None:
        """Where the message ends that stands at `start`, None for a record.

        RemoteProtocolError for what is neither.
        """
        magic = data[start]
        if magic in KNOWN_MAGICS:
            return None
        if MESSAGE_NUMBER.unpack_from(data, start)[0] not in MESSAGE_NUMBERS:
            raise RemoteProtocolError(f"a record of the recording begins with {magic:#04x}")
        return start + MESSAGE_BYTES

    def _keep(self, frame: CardFrame) -> None:
        self.has_begun = True
        if frame.frame_type in MEDIA_TYPES:
            self._frames.append(frame)


class SegmentStream(CardStream):
    """Frames of the segment protocol.

    Records count whatever their note: a connection has one start only, and newer cameras mark all
    records with 0.
    """

    def __init__(self) -> None:
        super().__init__()
        self.last_packet = 0
        self._last_alive = 0  # the number up to which alive records may have used up numbers
        self._stream = bytearray()  # media bytes of which no whole frame is made yet
        self._needed = SEGMENT_FRAME.size  # so much of it makes the next header or frame whole
        self._dense = 0

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take bytes as they come. RemoteProtocolError for what is not a record or frame."""
        whole = self._rest + data
        unpack, size = RECORD_HEADER.unpack_from, len(whole)
        chunks: list[bytes] = []
        start = 0
        while start + RECORD_HEADER.size <= size and not self.is_finished:
            magic, _note, number, length = unpack(whole, start)
            begin = start + RECORD_HEADER.size
            stop = begin + length
            if magic != MEDIA:
                stop = self._find_message_end(whole, start) or stop
            if stop > size:
                break
            start = stop
            if magic != MEDIA:
                self._take_other(magic, number)
                continue
            if number != (self.last_packet + 1) & 0xFFFF:
                self._check_step(number)
            self.last_packet = self._last_alive = number
            self._dense += 1
            chunks.append(whole[begin:stop])
        self._rest = whole[start:]
        self.unacknowledged += len(chunks)
        self._stream += b"".join(chunks)
        if len(self._stream) >= self._needed:
            self._cut_frames()

    def _take_other(self, magic: int, number: int) -> None:
        """A record without media; an alive one with the next number may have used it up.

        Some do and some do not, of one and the same camera (section 3b).
        """
        following = self._last_alive + 1
        if magic == PlaybackMagic.ALIVE and number in (following & 0xFFFF, following % NUMBERS):
            self._last_alive = number
        self._take_control(magic)

    def _check_step(self, number: int) -> None:
        """Where packets count up, one that does not tells of a loss."""
        used_up = (self._last_alive - self.last_packet) & 0xFFFF
        if (number - self.last_packet - 1) & 0xFFFF <= used_up:
            return
        if self._dense >= DENSE_AFTER and number > 1:  # 0 and 1 begin a new count
            expected = (self._last_alive + 1) & 0xFFFF
            raise RemoteProtocolError(f"packet {expected} of the recording is missing")
        self._dense = -1  # this one does not count

    def _cut_frames(self) -> None:
        stream, start = bytes(self._stream), 0
        self._needed = SEGMENT_FRAME.size
        while len(stream) - start >= SEGMENT_FRAME.size:
            frame_id, kind, _fps, timestamp_ms, size = SEGMENT_FRAME.unpack_from(stream, start)
            if size > MAX_FRAME_BYTES:
                raise RemoteProtocolError(f"a frame claims {size} bytes, at most {MAX_FRAME_BYTES}")
            stop = start + SEGMENT_FRAME.size + size
            if stop > len(stream):
                self._needed = stop - start
                break
            self.last_frame_id = frame_id
            payload = stream[start + SEGMENT_FRAME.size : stop]
            self._keep(CardFrame(frame_id, kind, timestamp_ms, payload))
            start = stop
        del self._stream[:start]


@dataclass(slots=True)
class _Unfinished:
    """A frame of which fragments are still to come."""

    total: int
    count: int = 0
    data: bytearray = field(default_factory=bytearray)


class FileStream(CardStream):
    """Frames of the legacy protocol; frames of different types may interleave."""

    def __init__(self) -> None:
        super().__init__()
        self._unfinished: dict[int, _Unfinished] = {}
        self._held_bytes = 0  # by all of them

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take bytes as they come. RemoteProtocolError for what is not a record or frame."""
        whole = self._rest + data
        start, end = 0, len(whole) - FRAGMENT_HEADER.size
        while start <= end and not self.is_finished:
            magic, kind, total, position, length = FRAGMENT_HEADER.unpack_from(whole, start)
            begin = start + FRAGMENT_HEADER.size
            stop = self._find_message_end(whole, start)
            if stop is None:
                if length > MAX_FILE_FRAGMENT:
                    raise RemoteProtocolError(f"a fragment of {length} bytes in the recording")
                stop = begin + (length if magic != PlaybackMagic.ALIVE else 0)
            if stop > len(whole):
                break
            if magic == MEDIA:
                self._take(kind, total, position, whole[begin:stop])
            else:
                self._take_control(magic)
            start = stop
        self._rest = whole[start:]

    def _take(self, kind: int, total: int, position: int, chunk: bytes) -> None:
        if position == 0:
            self._forget(kind)
            self._unfinished[kind] = _Unfinished(total)
        frame = self._unfinished.get(kind)
        if frame is None or frame.total != total or frame.count != position:
            raise RemoteProtocolError("a fragment of the recording is missing")
        frame.count += 1
        frame.data += chunk
        self._held_bytes += len(chunk)
        if len(frame.data) > MAX_FRAME_BYTES or self._held_bytes > MAX_UNFINISHED_BYTES:
            raise RemoteProtocolError(f"a frame of more than {MAX_FRAME_BYTES} bytes")
        if frame.count == total:
            self._forget(kind)
            self._finish(bytes(frame.data))

    def _forget(self, kind: int) -> None:
        if frame := self._unfinished.pop(kind, None):
            self._held_bytes -= len(frame.data)

    def _finish(self, data: bytes) -> None:
        if len(data) < FILE_FRAME.size + FILE_TIMESTAMP.size:
            raise RemoteProtocolError(f"a frame of {len(data)} bytes in the recording")
        frame_id, frame_type, _mode, _time = FILE_FRAME.unpack_from(data)
        start, timestamp_ms = FILE_FRAME.size, None
        if frame_type in TIMED_TYPES:
            (timestamp_ms,) = FILE_TIMESTAMP.unpack_from(data, start)
            start += FILE_TIMESTAMP.size
        self.last_frame_id = frame_id
        self.unacknowledged += 1
        self._keep(CardFrame(frame_id, frame_type, timestamp_ms, data[start:]))
