"""Whole frames: told from those that come again, counted, and kept until they are taken."""

from collections import deque
from collections.abc import Iterable

from v380cli.wire.commands import AUDIO_TYPES, LIVE_VIDEO_TYPES
from v380cli.wire.frame_ledger import FrameLedger
from v380cli.wire.live import FRAME_HEADER, MediaFrame
from v380cli.wire.stream_counters import StreamCounters

# A frame that comes again, whole and at once, agrees in its header and so much of its payload.
REPEAT_HEAD_BYTES = 48
REPEATS_WITHIN_FRAMES = 4
_MEDIA_TYPES = LIVE_VIDEO_TYPES | AUDIO_TYPES


class FrameQueue:
    """Takes what was put together of fragments; a frame whose header is damaged is a broken one."""

    def __init__(self, counters: StreamCounters, ledger: FrameLedger) -> None:
        self._counters = counters
        self._ledger = ledger
        self._heads: deque[tuple[bytes, int, bytes]] = deque(maxlen=REPEATS_WITHIN_FRAMES)
        self._frames: deque[MediaFrame] = deque()

    def add(self, kind: int, header: bytes, payload: bytes) -> None:
        """Take a frame; `kind` is the type that its records have."""
        if len(header) < FRAME_HEADER.size:
            self._ledger.note_broken(kind)
            return
        head = header, len(payload), payload[:REPEAT_HEAD_BYTES]
        if head in self._heads:
            self._counters.repeated_frames += 1
            return
        self._heads.append(head)
        frame_id, frame_type, fps, timestamp_ms = FRAME_HEADER.unpack(header)
        if kind in _MEDIA_TYPES and frame_type not in _MEDIA_TYPES:  # its header is damaged
            self._ledger.note_broken(kind)
            return
        self._ledger.note_whole(frame_id, frame_type)
        if frame_type in LIVE_VIDEO_TYPES:
            self._counters.video_frames += 1
        elif frame_type in AUDIO_TYPES:
            self._counters.audio_frames += 1
        else:
            self._counters.unknown_frames += 1
        self._frames.append(MediaFrame(frame_id, frame_type, fps, timestamp_ms, payload))

    def pop(self) -> MediaFrame | None:
        """The next frame; None if there is none."""
        return self._frames.popleft() if self._frames else None

    def pop_all(self) -> Iterable[MediaFrame]:
        """All frames."""
        frames, self._frames = self._frames, deque()
        return frames
