"""A sink that looks for motion in what it decodes, and says when it begins and ends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from v380cli.media.sink import Codec, Formats, Packet, Track
from v380cli.sinks.motion import Box, Look, MotionDetector, MotionOptions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from v380cli.sinks.pictures import Picture, PictureDecoder

SAMPLES_PER_SECOND = 5
QUIET_S = 3.0  # without motion until it is over
QUIET_SAMPLES = 2  # and so many, where they are rare
# Rain and noise rarely make two spots in a row.
CONFIRMATIONS = 2


Judge = Callable[["Picture", Sequence[Box]], float]


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something moves: the look that shows it best so far, and its picture."""

    look: Look
    picture: "Picture"
    pts_ms: int


class MotionSink:
    """Decodes in the thread that writes, which calls `on_look`, `on_start` and `on_end`.

    `on_end` is told the largest sighting. With `keyframes_only` one look is enough, and what is
    gone before the next keyframe is missed. Unless it `is_awake` it looks at nothing. With a
    `judge` nothing starts that has a score of 0 there, and its score is that of the sighting.
    """

    def __init__(
        self,
        options: MotionOptions,
        *,
        on_start: Callable[[Sighting], None],
        on_end: Callable[[Sighting], None],
        on_look: Callable[[Sighting], None] | None = None,
        judge: Judge | None = None,
        keyframes_only: bool = False,
    ) -> None:
        self.looks = 0
        self.is_awake = True
        self.keyframes_only = keyframes_only
        self.detector = MotionDetector(options)
        self._on_start, self._on_end, self._on_look = on_start, on_end, on_look
        self._ask = judge
        self._decoder: PictureDecoder | None = None
        self._codec: Codec | None = None
        self._due_ms = 0
        self._seen = 0  # looks in a row that show motion
        self._unseen = 0
        self._seen_ms = 0  # when it was seen last
        self._best: Sighting | None = None  # while something moves

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        """Take pictures of this format; the first comes with `write`."""
        if formats.video.codec is not self._codec:
            from v380cli.sinks.pictures import PictureDecoder  # PyAV takes 60 ms to import

            self._codec = formats.video.codec
            self._decoder = PictureDecoder(self._codec, is_draft=True)

    def write(self, packet: Packet) -> None:
        """Look at a picture, if it is time."""
        if packet.track is not Track.VIDEO or self._decoder is None or not self.is_awake:
            return
        if self.keyframes_only and not packet.is_keyframe:
            return
        for picture in self._decoder.decode(packet.data):
            if self._is_due(packet.pts_ms):
                look = self.detector.look(read_luma(picture), packet.pts_ms / 1000)
                self.looks += 1
                sighting = Sighting(look, picture, packet.pts_ms)
                if self._on_look:
                    self._on_look(sighting)
                self._judge(sighting)

    def close(self) -> None:
        """What moves is over."""
        self._end()

    def _is_due(self, pts_ms: int) -> bool:
        if pts_ms < self._due_ms:
            return False
        interval_ms = 1000 // SAMPLES_PER_SECOND
        self._due_ms = max(self._due_ms + interval_ms, pts_ms + interval_ms // 2)
        return True

    def _judge(self, sighting: Sighting) -> None:
        if not sighting.look.boxes:
            self._seen, self._unseen = 0, self._unseen + 1
            is_quiet = sighting.pts_ms - self._seen_ms >= QUIET_S * 1000
            if is_quiet and self._unseen >= QUIET_SAMPLES:
                self._end()
            return
        self._seen, self._unseen, self._seen_ms = self._seen + 1, 0, sighting.pts_ms
        if self._best is not None:
            self._best = max(self._best, sighting, key=lambda each: each.look.area)
        elif self.keyframes_only or self._seen >= CONFIRMATIONS:
            self._start(sighting)

    def _start(self, sighting: Sighting) -> None:
        if self._ask:
            score = self._ask(sighting.picture, sighting.look.boxes)
            if not score:
                return
            sighting = replace(sighting, look=replace(sighting.look, score=score))
        self._best = sighting
        self._on_start(sighting)

    def _end(self) -> None:
        best, self._best = self._best, None
        if best is not None:
            self._on_end(best)


def read_luma(picture: "Picture") -> "NDArray[np.uint8]":
    """The brightness plane of a picture, height x width, without a copy where it has one."""
    import numpy

    if not picture.format.name.startswith(("yuv", "nv12", "gray")):
        picture = picture.reformat(format="gray")
    plane = picture.planes[0]
    rows = numpy.frombuffer(memoryview(plane), numpy.uint8).reshape(-1, plane.line_size)
    luma: NDArray[np.uint8] = rows[: picture.height, : picture.width]
    return luma
