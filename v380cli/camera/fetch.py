"""Fetch one recording whole: play it at full speed, and go on where a broken link left off.

The seam: what was kept is cut before its last keyframe, the recording is opened at that time
(PROTOCOL.md, section 3c), and what comes is thrown away up to that very keyframe, known by its
time, size and checksum. So no access unit comes twice and none is missing, wherever the camera
begins to play.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Protocol

from v380cli.camera.frame_clock import FrameClock
from v380cli.camera.playback import SILENCE_TIMEOUT_S, CardPlayback, EmptyRecording
from v380cli.camera.recordings import CardReader, CardRecording
from v380cli.camera.retry import LINK_ERRORS, BackOff
from v380cli.errors import MediaError, RemoteProtocolError, V380Error
from v380cli.wire.card.words import CardFrame
from v380cli.wire.commands import VIDEO_TYPES

MAX_FRUITLESS_LINKS = 4  # in a row, each without one frame more than those before
# A camera that falls silent twice so close to the listed end has none that it tells.
FRUITLESS_LINKS_AT_END = 2
END_TOLERANCE_MS = 2_500
END_SLACK_MS = 10_000  # a recording in progress is longer by now; one that does not end is cut here
# Where to open again, in seconds before the keyframe: there, well before it, at the beginning.
MARGINS_S = (0.0, 10.0, float("inf"))
MAX_FRAMES_PER_S = 200  # 120 pictures and the smallest sound packets; a clock that stands still
SPACE_CHECK_BYTES = 8 << 20

log = logging.getLogger(__name__)


class SeamLost(RemoteProtocolError):
    """The keyframe at which to go on did not come."""


class BegunAnew(SeamLost):
    """It will not come: nothing is kept any more, and one link more may bring all."""


class EndlessRecording(MediaError):
    """More frames than fit into the recording's length."""


class Interrupted(V380Error):
    """The fetch was told to stop; what it has is kept."""

    code = "interrupted"


class Head(Protocol):
    """A frame without its payload."""

    @property
    def frame_type(self) -> int: ...

    @property
    def timestamp_ms(self) -> int | None: ...

    @property
    def size(self) -> int: ...

    def matches(self, frame: CardFrame) -> bool:
        """Whether it is the head of this frame."""
        ...


class FrameStore(Protocol):
    """Where frames are kept until the recording is whole, through kills and power cuts."""

    is_complete: bool
    size_bytes: int

    def is_keyframe(self, frame: CardFrame) -> bool: ...

    def append(self, frame: CardFrame) -> None: ...

    def list_heads(self) -> Iterator[Head]: ...

    def cut_at_keyframe(self) -> Head | None: ...

    def restart(self) -> None: ...

    def flush(self) -> None: ...

    def finish(self, fps: int) -> None: ...


class Fetcher:
    """Fetches one recording into `store`; `run` blocks its thread, `stop` may come from any other.

    `start_s` and `end_s`, in seconds since the recording's beginning, cut it at the last keyframe
    before and the first one after. `check_space` is called now and then and may raise StorageError,
    `on_keyframe` after each keyframe: nothing before that will be cut off.
    """

    def __init__(
        self,
        reader: CardReader,
        recording: CardRecording,
        store: FrameStore,
        *,
        start_s: float = 0.0,
        end_s: float = float("inf"),
        silence_s: float = SILENCE_TIMEOUT_S,
        check_space: Callable[[], None] = lambda: None,
        on_keyframe: Callable[[], None] = lambda: None,
    ) -> None:
        self.bytes_received = 0
        self.position_ms = round(start_s * 1000)
        self.reconnects = 0
        self.fps = 0
        self._reader, self._recording, self._store = reader, recording, store
        self._start_ms, self._end_ms = round(start_s * 1000), end_s * 1000
        self._duration_ms = recording.duration_s * 1000
        self._silence_s = silence_s
        self._check_space, self._on_keyframe = check_space, on_keyframe
        self._space_checked_at = store.size_bytes
        self._stopping = threading.Event()
        self._clock = FrameClock(recording.entry)
        self._anchor: Head | None = None  # the keyframe at which what comes joins on
        self._anchor_ms = 0
        self._lost_seams = 0
        self._frames = 0

    def stop(self) -> None:
        """End soon; what is there is kept."""
        self._stopping.set()
        self._reader.access.interrupt.request()

    def run(self) -> None:
        """Fetch until the store is complete.

        Raises Interrupted after `stop`, and what no new link mends: a Refused, StorageError,
        NetworkError or RemoteProtocolError.
        """
        back_off, fruitless, furthest = BackOff(), 0, self._store.size_bytes
        while not self._store.is_complete:
            try:
                self._check_stop()
                self._fetch_one_link()
            except LINK_ERRORS as error:
                self._check_stop()
                if self._store.size_bytes > furthest:
                    back_off.reset()
                    fruitless, furthest = 0, self._store.size_bytes
                fruitless += 1
                if self._is_at_end() and fruitless > FRUITLESS_LINKS_AT_END:
                    self._finish_without_end(error)
                    return
                if fruitless >= MAX_FRUITLESS_LINKS and not isinstance(error, BegunAnew):
                    raise
                log.info("%s: %s", self._reader.device.label, error.message)
                self.reconnects += 1
                self._stopping.wait(back_off.next_pause_s(error))
            finally:
                self._store.flush()

    def _finish_without_end(self, error: V380Error) -> None:
        log.info("%s: taken for the end: %s", self._reader.device.label, error.message)
        self._store.finish(self.fps)

    def _check_stop(self) -> None:
        if self._stopping.is_set():
            raise Interrupted("interrupted; the same command goes on where this one stopped")

    def _is_at_end(self) -> bool:
        return self._frames > 0 and self.position_ms >= self._duration_ms - END_TOLERANCE_MS

    def _fetch_one_link(self) -> None:
        with CardPlayback.open(
            self._reader, self._recording, self._choose_position_s()
        ) as playback:
            if playback.opened.fps != self.fps:
                self.fps = playback.opened.fps
                self._set_clock()
            try:
                self._take_frames(playback)
            except EmptyRecording:
                if self._anchor is None:
                    raise
        if self._anchor is not None:
            self._lose_seam()
        if not self._frames:
            raise EmptyRecording("the camera showed nothing of this part of the recording")
        self._store.finish(self.fps)

    def _take_frames(self, playback: CardPlayback) -> None:
        received = self.bytes_received
        for frame in playback.read_frames(silence_s=self._silence_s):
            self.bytes_received = received + playback.bytes_received
            if self._anchor is None or self._is_seam(self._anchor, frame):
                if self._is_over(frame):
                    return
                self._keep(frame)

    def _choose_position_s(self) -> float:
        """Where to open: at the beginning, or at the last keyframe, which is then cut off."""
        if self._anchor is None:
            self._anchor = self._store.cut_at_keyframe()
            self._set_clock()
        if self._anchor is None:
            return self._start_ms / 1000
        return max(0.0, self._anchor_ms / 1000 - MARGINS_S[self._lost_seams])

    def _set_clock(self) -> None:
        """Set the clock as the frames that are kept leave it."""
        opened_ms = self._start_ms // 1000 * 1000
        self._clock = FrameClock(self._recording.entry, fps=self.fps, opened_ms=opened_ms)
        self._frames = 0
        for head in self._store.list_heads():
            self._clock.locate(head, head.size)
            self._frames += 1
        if self._anchor is not None:
            self._anchor_ms = self._clock.peek(self._anchor)

    def _is_seam(self, anchor: Head, frame: CardFrame) -> bool:
        if anchor.matches(frame):
            self._anchor = None
            self._lost_seams = 0
            return True
        if frame.timestamp_ms is not None and anchor.timestamp_ms is not None:
            passed_ms = frame.timestamp_ms - anchor.timestamp_ms
            if passed_ms > END_SLACK_MS:
                self._lose_seam()
        return False

    def _lose_seam(self) -> None:
        """Try another place next time, and at last begin anew."""
        what = "the camera does not show again where the recording was broken off"
        self._lost_seams += 1
        if self._lost_seams < len(MARGINS_S):
            raise SeamLost(what)
        log.warning("%s: begins the recording anew", self._reader.device.label)
        self._store.restart()
        self._anchor = None
        self._lost_seams = self._frames = 0
        self.position_ms = self._start_ms
        raise BegunAnew(what)

    def _is_over(self, frame: CardFrame) -> bool:
        """Whether the part that is wanted ends before this frame."""
        position_ms = self._clock.peek(frame)
        if self._store.is_keyframe(frame) and position_ms >= self._end_ms:
            return True
        is_picture = frame.frame_type in VIDEO_TYPES
        return is_picture and position_ms > self._duration_ms + END_SLACK_MS

    def _keep(self, frame: CardFrame) -> None:
        self.position_ms = self._clock.locate(frame, len(frame.payload))
        if self._start_ms and self._store.is_keyframe(frame) and self.position_ms <= self._start_ms:
            self._store.restart()
        self._store.append(frame)
        if self._store.is_keyframe(frame):
            self._on_keyframe()
        self._frames += 1
        if self._frames > (self._duration_ms + END_SLACK_MS) / 1000 * MAX_FRAMES_PER_S:
            raise EndlessRecording("the camera sends more frames than the recording can have")
        if self._store.size_bytes - self._space_checked_at > SPACE_CHECK_BYTES:
            self._space_checked_at = self._store.size_bytes
            self._check_space()
