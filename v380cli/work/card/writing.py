"""Make the file of a recording while it is fetched."""

from collections.abc import Callable
from pathlib import Path

from v380cli.camera.frame_clock import FrameClock
from v380cli.camera.recordings import CardRecording
from v380cli.camera.remux import RecordingWriter
from v380cli.models import RecordedFile
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.segmented import SegmentedSink
from v380cli.store.spool import Spool


class SpoolFollower:
    """Writes what is settled in a spool: all before its last keyframe, then the rest.

    What comes after the last keyframe is fetched again when the link breaks, and would be in the
    file twice. When the spool begins anew, so does the file; `clear` makes room for it and says
    where it goes.
    """

    def __init__(
        self,
        spool: Spool,
        recording: CardRecording,
        clear: Callable[[], Path],
        container: ContainerFormat,
        *,
        audio: bool = True,
        opened_ms: int = 0,
    ) -> None:
        self._spool, self._recording, self._clear = spool, recording, clear
        self._container, self._audio, self._opened_ms = container, audio, opened_ms
        self._writer: RecordingWriter | None = None
        self._sink: SegmentedSink | None = None
        self._generation = -1
        self._written_to = 0

    def follow(self, fps: int) -> None:
        """Write what is settled by now; `fps` is for recordings without time stamps."""
        writer = self._begin(fps) if self._generation != self._spool.generation else self._writer
        assert writer
        end = self._spool.settled_bytes
        if end > self._written_to:
            writer.write(self._spool.read_frames(self._written_to, end))
            self._written_to = end

    def finish(self, fps: int) -> list[RecordedFile]:
        """Write the rest of a complete spool, and close; the files, still where they were made."""
        self.follow(fps)
        self.close()
        return self._sink.files if self._sink else []

    def close(self) -> None:
        """Write nothing more."""
        if self._writer:
            self._writer.close()

    def _begin(self, fps: int) -> RecordingWriter:
        self.close()
        target = self._clear()
        clock = FrameClock(self._recording.entry, fps=fps, opened_ms=self._opened_ms)
        self._writer = RecordingWriter(self._recording, clock, audio=self._audio)
        self._sink = SegmentedSink(lambda _: target, self._container, self._writer.read_clock)
        self._writer.open(self._sink)
        self._generation, self._written_to = self._spool.generation, 0
        return self._writer
