"""Play one recording at the pace of life, with pauses and jumps."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from enum import StrEnum

from v380cli.camera.fetch import END_TOLERANCE_MS
from v380cli.camera.frame_clock import FrameClock
from v380cli.camera.playback import CardPlayback, EmptyRecording
from v380cli.camera.recordings import CardReader, CardRecording
from v380cli.camera.remux import RecordingWriter
from v380cli.camera.retry import LINK_ERRORS
from v380cli.media.sink import Sink
from v380cli.wire.card.words import CardFrame
from v380cli.wire.commands import VIDEO_TYPES

# A picture that is farther from its time than this, early or late, begins a new count: after a
# pause of the person, a slow card, or a hole in the recording.
MAX_STEP_S = 1.0


class PlayState(StrEnum):
    """What a player is at."""

    LOADING = "loading"
    PLAYING = "playing"
    PAUSED = "paused"


class RecordingPlayer:
    """Plays the pictures of one recording into `sink`.

    `run` blocks its thread until the end; everything else may come from another one. A lost link
    is opened again where it broke.
    """

    def __init__(
        self, reader: CardReader, recording: CardRecording, sink: Sink, start_s: float = 0.0
    ) -> None:
        self.position_s = start_s
        self._reader, self._recording, self._sink = reader, recording, sink
        self._changed = threading.Condition()
        self._wanted_s: float | None = start_s  # where to jump to
        self._is_paused = self._is_stopping = self._is_playing = False
        self._has_shown = False
        self._origin_s = -math.inf  # when, on the monotonic clock, the recording's start was due
        self._playback: CardPlayback | None = None

    @property
    def state(self) -> PlayState:
        if self._is_paused:
            return PlayState.PAUSED
        return PlayState.PLAYING if self._is_playing else PlayState.LOADING

    def run(self) -> None:
        """Play to the end or until `stop`.

        Raises NetworkError, RemoteProtocolError or a Refused when opening or going on fails.
        """
        while (start_s := self._take_order()) is not None:
            try:
                self._play_from(start_s)
            except LINK_ERRORS:
                if self._has_order():
                    continue
                if self.position_s > start_s:
                    self._order(self.position_s)
                elif not (self._has_shown and self._is_at_end()):
                    raise
        if not (self._has_shown or self._is_stopping):
            raise EmptyRecording("the camera showed no picture of the recording")

    def skip(self, step_s: float) -> None:
        """Jump so many seconds on, or back; it plays there."""
        with self._changed:
            base_s = self.position_s if self._wanted_s is None else self._wanted_s
            self._order(min(max(0.0, base_s + step_s), self._recording.duration_s))

    def toggle_pause(self) -> None:
        """Hold the picture, or go on."""
        with self._changed:
            self._is_paused = not self._is_paused
            self._origin_s = -math.inf
            self._changed.notify()

    def stop(self) -> None:
        """End soon."""
        with self._changed:
            self._is_stopping = True
            self._break_off()
        self._reader.access.interrupt.request()

    def _order(self, position_s: float) -> None:
        with self._changed:
            self._wanted_s = position_s
            self._is_paused = self._is_playing = False
            self._break_off()

    def _break_off(self) -> None:
        self._changed.notify()
        if self._playback:
            self._playback.interrupt()

    def _is_at_end(self) -> bool:
        """Whether nothing is missing, for a camera that does not say that it is over."""
        return self.position_s >= self._recording.duration_s - END_TOLERANCE_MS / 1000

    def _has_order(self) -> bool:
        return self._is_stopping or self._wanted_s is not None

    def _take_order(self) -> float | None:
        """Where to play from, None if nowhere."""
        with self._changed:
            wanted_s, self._wanted_s = self._wanted_s, None
            if self._is_stopping or wanted_s is None:
                return None
            self.position_s = wanted_s
            self._origin_s = -math.inf
            return wanted_s

    def _play_from(self, start_s: float) -> None:
        with CardPlayback.open(self._reader, self._recording, start_s) as playback:
            with self._changed:
                self._playback = playback
                if self._has_order():  # made while it was opened, when there was nothing to break
                    return
            clock = playback.make_clock()
            with closing(RecordingWriter(self._recording, clock, audio=False)) as writer:
                writer.open(self._sink)
                for frame in self._pace(playback, clock):
                    writer.feed(frame)

    def _pace(self, playback: CardPlayback, clock: FrameClock) -> Iterator[CardFrame]:
        """The pictures, each when it is due, until something else is wanted."""
        for frame in playback.read_frames():
            if frame.frame_type not in VIDEO_TYPES:
                continue
            position_s = clock.peek(frame) / 1000
            if not self._await_turn(position_s):
                return
            self.position_s = position_s
            self._has_shown = True
            yield frame

    def _await_turn(self, position_s: float) -> bool:
        """Wait until the picture at that place is due; False when something else is wanted."""
        with self._changed:
            while not self._has_order():
                now_s = time.monotonic()
                if abs(self._origin_s + position_s - now_s) > MAX_STEP_S:
                    self._origin_s = now_s - position_s
                early_s = self._origin_s + position_s - now_s
                if early_s <= 0 and not self._is_paused:
                    self._is_playing = True
                    return True
                self._changed.wait(None if self._is_paused else early_s)
        return False
