"""Live pictures as JPEG: decoded once for everybody, while somebody looks. Imports PyAV."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing

import av

from v380cli.errors import MediaError
from v380cli.media.sink import Codec
from v380cli.sinks.broadcast import Broadcast
from v380cli.sinks.chunks import LiveFormat
from v380cli.sinks.pictures import (
    PictureDecoder,
    PictureEncoder,
    PictureFormat,
    decode_keyframe,
    encode_picture,
)
from v380cli.sinks.viewer import Viewer

JPEG_QUALITY = 80

log = logging.getLogger(__name__)


class PictureViewer:
    """Gives the newest picture, at most `fps` of them a second; whoever is slow misses some."""

    def __init__(
        self, fps: float, wake: Callable[[], None], leave: Callable[["PictureViewer"], None]
    ) -> None:
        self.due_s = 0.0
        self._interval_s = 1 / fps
        self._wake = wake
        self._leave = leave
        self._newest: deque[bytes] = deque(maxlen=1)  # given and taken by two threads
        self._is_ended = False

    def take(self) -> bytes | None:
        """A JPEG file; nothing if there is no new one, None at the end."""
        if self._is_ended:
            return None
        return self._newest.pop() if self._newest else b""

    def put(self, picture: bytes, now_s: float) -> None:
        """Show a picture instead of the one before."""
        self.due_s = max(self.due_s, now_s - self._interval_s) + self._interval_s
        self._newest.append(picture)
        self._wake()

    def end(self) -> None:
        """Nothing more will come."""
        self._is_ended = True
        self._wake()

    def close(self) -> None:
        """Take nothing more."""
        self._leave(self)


class MotionJpeg:
    """Watches a broadcast in a thread of its own, so that decoding holds nobody up.

    A machine that is too slow to decode every picture shows some of them.
    """

    def __init__(self, broadcast: Broadcast) -> None:
        self._broadcast = broadcast
        self._lock = threading.Lock()
        self._viewers: list[PictureViewer] = []
        self._thread: threading.Thread | None = None
        self._news = threading.Event()
        self._is_over = False
        self._snapshot = (b"", b"")  # the keyframe, and the JPEG made of it

    def count_viewers(self) -> int:
        """How many look."""
        return len(self._viewers)

    def watch(self, fps: float, wake: Callable[[], None]) -> PictureViewer:
        """A new viewer, to be closed."""
        viewer = PictureViewer(fps, wake, self._dismiss)
        with self._lock:
            if self._is_over:
                viewer.end()
                return viewer
            self._viewers.append(viewer)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="v380-jpeg")
                self._thread.start()
        return viewer

    def take_snapshot(self) -> bytes:
        """The newest keyframe as a JPEG file; MediaError if there is none."""
        newest = self._broadcast.newest_keyframe()
        if newest is None:
            raise MediaError("there is no picture yet")
        codec, keyframe = newest
        source, jpeg = self._snapshot
        if source is not keyframe:
            picture = decode_keyframe(codec, keyframe)
            jpeg = encode_picture(picture, PictureFormat.JPEG)
            self._snapshot = keyframe, jpeg
        return jpeg

    def end(self) -> None:
        """Send everybody home, and end the thread."""
        with self._lock:
            self._is_over = True
            thread = self._thread
            self._end_viewers()
        self._news.set()
        if thread:
            thread.join()

    def _dismiss(self, viewer: PictureViewer) -> None:
        with self._lock:
            if viewer in self._viewers:
                self._viewers.remove(viewer)
        self._news.set()

    def _end_viewers(self) -> None:
        """In the lock."""
        for viewer in self._viewers:
            viewer.end()
        self._viewers.clear()

    def _has_left(self) -> bool:
        """Whether the thread is not needed any more; then it has to end."""
        with self._lock:
            if self._viewers:
                return False
            self._thread = None
            return True

    def _run(self) -> None:
        try:
            while not self._has_left():
                with closing(self._broadcast.watch(LiveFormat.RAW, self._news.set)) as source:
                    self._show(source)
        except Exception as crash:  # nobody waits for what does not come; who comes, tries anew
            log.error("pictures: %s", type(crash).__name__, exc_info=crash)
            with self._lock:
                self._end_viewers()
                self._thread = None

    def _show(self, source: Viewer) -> None:
        """Decode and show until the format changes or nobody looks any more."""
        decoder: PictureDecoder | None = None
        encoder = PictureEncoder(PictureFormat.JPEG, JPEG_QUALITY)
        while self._viewers:
            self._news.wait()
            self._news.clear()
            pictures: list[av.VideoFrame] = []
            while unit := source.take():
                decoder = decoder or PictureDecoder(self._find_codec())
                pictures = decoder.decode(unit) or pictures
            if pictures:
                self._publish(pictures[-1], encoder)
            if unit is None:
                return

    def _find_codec(self) -> Codec:
        assert self._broadcast.programme, "nothing comes before the broadcast is open"
        return self._broadcast.programme.formats.video.codec

    def _publish(self, picture: av.VideoFrame, encoder: PictureEncoder) -> None:
        now_s = time.monotonic()
        with self._lock:
            due = [viewer for viewer in self._viewers if viewer.due_s <= now_s]
        if not due:
            return
        try:
            jpeg = encoder.encode(picture)
        except MediaError as error:
            log.warning("%s", error.message)
            return
        for viewer in due:
            viewer.put(jpeg, now_s)
