"""A sink that writes clips: what came before the call, what comes until the end, bit for bit."""

import contextlib
import datetime as dt
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from v380cli.errors import V380Error
from v380cli.media.sink import Formats, Packet
from v380cli.sinks.background_sync import SYNC_S
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.packet_ring import PacketRing
from v380cli.sinks.segmented import FileListener, SegmentedSink

# What moves on and on goes into one file after the other.
LONGEST_FILE_S = 600.0
# The picture that was noticed is older than the call by a look or two and the way here.
NOTICE_S = 1.0

log = logging.getLogger(__name__)


class ClipSink:
    """Takes one camera's packets in one thread; clips are begun and finished by any.

    A clip begins on a keyframe, at least `pre_s` before the call where the stream is as old. What
    goes wrong with a file ends that clip only, and is in the log. `listener` is told of the files.
    """

    def __init__(
        self,
        plan: Callable[[dt.datetime], Path],
        container: ContainerFormat,
        *,
        pre_s: float,
        listener: FileListener | None = None,
    ) -> None:
        self._plan, self._container, self._listener = plan, container, listener
        self._back_s = pre_s + NOTICE_S
        self._ring = PacketRing(self._back_s)
        self._lock = threading.Lock()
        self._formats: Formats | None = None
        self._file: SegmentedSink | None = None

    @property
    def is_ready(self) -> bool:
        """Whether there is something that a clip can begin with."""
        with self._lock:
            return self._formats is not None and self._ring.size_bytes > 0

    def begin(self) -> Path | None:
        """Begin a clip; its path when it is finished, None where there is nothing to write."""
        with self._lock:
            packets = list(self._ring.list_since(time.monotonic() - self._back_s))
            if self._file or self._formats is None or not packets:
                return None
            clock = _make_clock(time.monotonic() - packets[0][0])
            file = self._file = SegmentedSink(
                self._plan,
                self._container,
                clock,
                LONGEST_FILE_S,
                SYNC_S,
                listener=self._listener,
            )
            formats = self._formats
            self._try(lambda: file.open(formats, packets[0][1].data))
            path = file.path
            for _, packet in packets:
                self._feed(packet)
            return path if self._file else None

    def finish(self) -> Path | None:
        """End the clip; its path, None where there is none."""
        with self._lock:
            file, self._file = self._file, None
            if file is None:
                return None
            self._try(file.close)
            return file.files[0].path if file.files else None

    # -- the sink ----------------------------------------------------------------------------

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        """Take packets of these formats; a clip that is under way goes on in another file."""
        with self._lock:
            self._formats = formats
            self._ring.clear()
            if file := self._file:
                self._try(lambda: file.open(formats, first_keyframe))

    def write(self, packet: Packet) -> None:
        """Keep a packet for the next clip, and put it into the present one."""
        with self._lock:
            self._ring.push(packet, time.monotonic())
            self._feed(packet)

    def close(self) -> None:
        """Nothing comes for now; a clip that is under way waits to be finished."""
        with self._lock:
            self._formats = None
            self._ring.clear()
            if file := self._file:
                self._try(file.close)

    def _feed(self, packet: Packet) -> None:
        if file := self._file:
            self._try(lambda: file.write(packet))

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except V380Error as error:
            log.warning("the clip ends here: %s", error.message)
            file, self._file = self._file, None
            if file:
                with contextlib.suppress(V380Error):  # the first error says what went wrong
                    file.close()


def _make_clock(age_s: float) -> Callable[[], dt.datetime]:
    """Says first when something began that is so old, and then the present time."""
    ages = iter([dt.timedelta(seconds=age_s)])
    return lambda: dt.datetime.now().astimezone() - next(ages, dt.timedelta())
