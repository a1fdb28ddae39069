"""From fetched frames to a sink: the same pipeline as live, on the recording's own time."""

import datetime as dt
from collections.abc import Iterable

from v380cli.camera.frame_clock import DAY_MS, FrameClock
from v380cli.camera.pipeline import MediaPipeline
from v380cli.camera.recordings import CardRecording
from v380cli.media.sink import Sink
from v380cli.wire.card.words import CardFrame
from v380cli.wire.commands import VIDEO_TYPES
from v380cli.wire.session import MediaReceived

# A pause that a recording can have; a longer step is of the camera's clock being set.
MAX_PAUSE_MS = 600_000
MAX_DISTANCE_MS = 2 * DAY_MS  # from the beginning; a stamp may be any number of 64 bits


class RecordingWriter:
    """Feeds a sink with the frames of one recording; the caller closes it.

    `moment` is when the latest picture was taken: what the sink's clock shows.
    """

    def __init__(self, recording: CardRecording, clock: FrameClock, *, audio: bool = True) -> None:
        self.moment = recording.start
        self._start = recording.start
        self._clock = clock
        self._audio = audio
        self._pipeline: MediaPipeline | None = None
        self._last_ms: int | None = None
        self._played_ms = 0

    def open(self, sink: Sink) -> None:
        """Write to this sink, whose clock may be `read_clock`."""
        self._pipeline = MediaPipeline(sink, audio=self._audio)

    def read_clock(self) -> dt.datetime:
        """When the latest picture was taken."""
        return self.moment

    def write(self, frames: Iterable[CardFrame]) -> None:
        """Write these frames. Raises what the sink raises."""
        for frame in frames:
            self.feed(frame)

    def feed(self, frame: CardFrame) -> None:
        """Write one frame."""
        assert self._pipeline
        position_ms = self._clock.locate(frame, len(frame.payload))
        is_video = frame.frame_type in VIDEO_TYPES
        if is_video:
            shown_ms = max(-MAX_DISTANCE_MS, min(position_ms, MAX_DISTANCE_MS))
            self.moment = self._start + dt.timedelta(milliseconds=shown_ms)
        media = MediaReceived(
            frame_type=frame.frame_type,
            frame_id=frame.frame_id,
            fps=0,
            timestamp_ms=position_ms,
            payload=frame.payload,
            kind="video" if is_video else "audio",
        )
        self._pipeline.feed(media, self._advance(position_ms) / 1000)

    def close(self) -> None:
        """Finish the file."""
        if self._pipeline:
            self._pipeline.close()

    def _advance(self, position_ms: int) -> int:
        """The time that playing took so far: pauses count, a clock that jumps does not."""
        step_ms = position_ms - (self._last_ms if self._last_ms is not None else position_ms)
        self._last_ms = position_ms
        if 0 < step_ms <= MAX_PAUSE_MS:
            self._played_ms += step_ms
        return self._played_ms
