"""A stream of a camera that is open while somebody wants it, one link for all of them."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from v380cli.camera.recorder import Recorder, RecordOptions
from v380cli.camera.retry import BackOff
from v380cli.commands import _console
from v380cli.errors import Bug, NetworkError, V380Error
from v380cli.media.sink import Sink
from v380cli.models import Device, Quality
from v380cli.net.live_source import Feed, Wake
from v380cli.sinks.broadcast import Broadcast
from v380cli.work.metrics import Counts, Reading, count, read
from v380cli.work.serving.camera_source import CameraSource
from v380cli.work.sharing import offer_controls
from v380cli.work.targets import reach

# A player that describes, hangs up and comes again finds the stream open.
LINGER_S = 5.0

log = logging.getLogger(__name__)

OpenRecorder = Callable[[Device, Sink], Recorder]


class OnDemandStream:
    """Opened for the first who holds it, and left `LINGER_S` after the last (`net.live_source`).

    With `is_always` it is open from the first `tick` on, prompt only while somebody holds it.
    `tick` is to be called often.
    """

    def __init__(
        self,
        device: Device,
        open_recorder: OpenRecorder,
        *,
        is_always: bool,
        takes_orders: bool = True,
    ) -> None:
        self.device = device
        self._takes_orders = takes_orders
        self._open_recorder = open_recorder
        self._is_always = is_always
        self._lock = threading.Lock()
        self._holders = 0
        self._run: _Run | None = None
        self._failure: V380Error | None = None
        self._back_off = BackOff()
        self._past = Counts()  # of those runs that are over
        # Moments on the monotonic clock.
        self._left_s = self._retry_s = 0.0

    # -- what the servers ask -------------------------------------------------------------------

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep it open meanwhile, as far as the camera lets us."""
        with self._lock:
            self._holders += 1
        try:
            with self._lock:
                self._settle()
            yield
        finally:
            with self._lock:
                self._holders -= 1
                self._left_s = time.monotonic()

    def is_ready(self) -> bool:
        with self._lock:
            self._settle()
            if self._run is None:
                raise self._failure or NetworkError("the stream is not open")
            return self._run.source.is_ready() and not self._run.is_leaving

    def watch_ts(self, wake: Wake) -> tuple[Feed, str]:
        return self._source.watch_ts(wake)

    def watch_mp4(self, wake: Wake) -> tuple[Feed, str]:
        return self._source.watch_mp4(wake)

    def watch_pictures(self, fps: float, wake: Wake) -> Feed:
        return self._source.watch_pictures(fps, wake)

    def describe_rtp(self) -> str:
        return self._source.describe_rtp()

    def watch_rtp(self, wake: Wake) -> Feed:
        return self._source.watch_rtp(wake)

    def take_snapshot(self) -> bytes:
        return self._source.take_snapshot()

    def control(self, order: str) -> None:
        self._source.control(order)

    def describe(self) -> dict[str, Any]:
        run = self._run
        return run.source.describe() if run else {"name": self.device.label, "state": "closed"}

    def read(self, quality: Quality) -> Reading:
        """How it does, in numbers; `quality` is what it is opened with."""
        run, past = self._run, self._past
        if run is None:
            return Reading(device=self.device, quality=quality, counts=past)
        return read(run.recorder, past)

    @property
    def _source(self) -> CameraSource:
        run = self._run
        if run is None:
            raise self._failure or NetworkError("the stream is not open")
        return run.source

    # -- what the command does ------------------------------------------------------------------

    def tick(self) -> None:
        """Open it or leave it, as it is wanted."""
        with self._lock:
            self._settle()

    def stop(self) -> None:
        """Ask for the end; `join` waits for it."""
        with self._lock:
            self._is_always, self._retry_s = False, float("inf")
            if self._run:
                self._run.leave()

    def join(self) -> None:
        """Wait until the camera is left."""
        if run := self._run:
            run.join()

    def _settle(self) -> None:
        """Bring what is open in line with who wants it; in the lock."""
        now_s = time.monotonic()
        if self._run and not self._run.is_alive():
            self._note_end(self._run, now_s)
            self._run = None
        is_wanted = self._is_always or self._holders > 0
        if self._run is None and is_wanted and now_s >= self._retry_s:
            recorder = self._open_recorder(self.device, broadcast := Broadcast())
            source = CameraSource(recorder, broadcast, takes_orders=self._takes_orders)
            self._run = _Run(recorder, source)
        elif self._run and not is_wanted and now_s - self._left_s > LINGER_S:
            self._run.leave()
        if self._run:
            self._run.set_idle(not self._holders and now_s - self._left_s > LINGER_S)

    def _note_end(self, run: "_Run", now_s: float) -> None:
        """Remember where it was, why it ended, and for how long the camera is let be."""
        self.device = run.recorder.device
        self._past = self._past.plus(count(run.recorder))
        if run.error is None:
            return
        if run.source.is_ready():
            self._back_off.reset()
            self._failure = None
        self._retry_s = max(self._retry_s, now_s + self._back_off.next_pause_s(run.error))
        if self._failure is None or self._failure.message != run.error.message:
            _console.say(f"{self.device.label}: {run.error.message}")
        self._failure = run.error


class _Run:
    """The stream from its opening to its end, in a thread."""

    def __init__(self, recorder: Recorder, source: CameraSource) -> None:
        self.recorder = recorder
        self.source = source
        self.error: V380Error | None = None
        self.is_leaving = False
        self._thread = threading.Thread(target=self._record, name="v380-camera")
        self._thread.start()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def set_idle(self, is_idle: bool) -> None:
        """Say whether nobody looks on: the camera is then read as cheaply as for a recording."""
        if hub := self.recorder.access.hub:
            hub.set_idle(is_idle)

    def leave(self) -> None:
        """Ask for the end."""
        self.is_leaving = True
        self.recorder.stop()

    def join(self) -> None:
        """Wait for the end."""
        self._thread.join()

    def _record(self) -> None:
        try:
            with offer_controls(self.recorder):
                self.error = self.recorder.run().error
        except Exception as crash:
            label = self.recorder.device.label
            log.error("%s: %s", label, type(crash).__name__, exc_info=crash)
            self.error = Bug(crash)
        finally:
            self.source.end()


def make_recorder(device: Device, sink: Sink, *, quality: Quality, audio: bool) -> Recorder:
    """A recorder that hands every frame to `sink` as it comes, over as many links as it takes."""
    options = RecordOptions(quality=quality, audio=audio, prompt=True)
    return Recorder(reach(device), sink, options)
