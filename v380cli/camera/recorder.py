"""The recorder: keeps one camera's live stream flowing into a sink until it is told to stop."""

import datetime as dt
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from v380cli.camera.access import Access
from v380cli.camera.pipeline import MediaPipeline
from v380cli.camera.transport import SILENCE_TIMEOUT_S, LiveLink
from v380cli.errors import (
    CameraBusy,
    DeviceIdRefused,
    NetworkError,
    NetworkTimeout,
    PartialFailure,
    RemoteProtocolError,
    V380Error,
)
from v380cli.media.sink import Sink
from v380cli.models import Device, Gap, Quality
from v380cli.wire.login import LoginTicket

FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 30.0
# The loss of a link that lived this long starts at the short pause again. A camera that accepts
# and hangs up at once does not get hammered.
GOOD_LINK_S = 10.0

# Media without a keyframe is no use; the longest interval that cameras offer is 10 s.
KEYFRAME_TIMEOUT_S = 20.0

# The length of a recording is what the camera's clock has counted. The wall clock ends it where the
# link is lost, or media are this late: on a busy machine, or from a camera whose clock is slow.
LATENESS_S = 2.0

NEVER_S = float("inf")

# What a new link may mend; another camera at the address is there until ours has a new one.
# Refused credentials are not among them: no loop on those.
LINK_ERRORS = (NetworkError, RemoteProtocolError, CameraBusy, DeviceIdRefused)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOptions:
    """What to record, and for how long; durations in seconds."""

    quality: Quality = Quality.HD
    audio: bool = True
    duration_s: float = float("inf")
    reconnect: bool = True
    prompt: bool = False  # every frame at once, for somebody who looks on
    silence_s: float = SILENCE_TIMEOUT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """How a recording went; `error` is what ended it before its time."""

    device: Device
    gaps: tuple[Gap, ...]
    reconnects: int
    dropped_frames: int
    unusable_audio: int
    bytes_received: int
    encryption: str
    error: V380Error | None


class BackOff:
    """Growing pauses between attempts to reconnect, in seconds."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._pause_s = FIRST_RETRY_S

    def next_pause_s(self) -> float:
        pause_s = self._pause_s
        self._pause_s = min(pause_s * 2, LONGEST_RETRY_S)
        return pause_s


@dataclass(slots=True)
class Outage:
    """A loss of the link that is not over yet; since when nothing was written, on both clocks."""

    start: dt.datetime
    started_s: float
    reason: str


class Recorder:
    """Records one camera; `run` blocks its thread, `stop` may come from any other.

    The first link must bring a picture; what happens afterwards is mended by new links with
    growing pauses, into the same sink; further lenses go where `open_lens` says.
    """

    def __init__(
        self,
        access: Access,
        sink: Sink,
        options: RecordOptions | None = None,
        *,
        open_lens: Callable[[int], Sink] | None = None,
    ) -> None:
        self.options = options or RecordOptions()
        self.state = "connecting"
        self.reconnects = 0
        self._access, self._is_stopping = access, access.interrupt
        self._pipeline = MediaPipeline(sink, audio=self.options.audio, open_lens=open_lens)
        self._stream: LiveLink | None = None
        # Moments on the monotonic clock; infinity is never.
        self._linked_s = NEVER_S  # when the present link opened
        self._keyframe_due_s = NEVER_S  # of a link that has not brought one
        self._end_s = NEVER_S
        self._last_media_s = NEVER_S  # when media was last written
        self._outage: Outage | None = None
        self._gaps: list[Gap] = []
        self._bytes_of_past_links = 0
        self._dropped_of_past_links = 0

    # -- what a progress display reads, from another thread --------------------------------

    @property
    def video_frames(self) -> int:
        return self._pipeline.video_frames

    @property
    def duration_s(self) -> float:
        """Media time recorded so far."""
        return self._pipeline.duration_s

    @property
    def bytes_received(self) -> int:
        stream = self._stream
        return self._bytes_of_past_links + (stream.counters.bytes_received if stream else 0)

    @property
    def dropped_frames(self) -> int:
        """Whole frames lost on the way or not decodable, as far as they can be known."""
        stream = self._stream
        lost = self._dropped_of_past_links + (stream.counters.dropped_frames if stream else 0)
        return lost + self._pipeline.unusable_frames

    # -- the use case ------------------------------------------------------------------------

    def stop(self) -> None:
        """End the recording soon; its files are closed first."""
        self._access.interrupt.request()

    def send_control(self, packet: bytes) -> None:
        """Send one control packet over the present link, from any thread; raises NetworkError."""
        stream = self._stream
        if stream is None or self._linked_s == NEVER_S:
            raise NetworkError("the camera is not connected at the moment")
        stream.send_control(packet)

    @property
    def device(self) -> Device:
        """The camera where it was seen last."""
        return self._access.device

    @property
    def ticket(self) -> LoginTicket | None:
        """What the camera said of itself at the last log-in; None before the first."""
        return self._access.last_ticket

    def run(self) -> Recording:
        """Record until the duration is over, `stop` is called or nothing more can be done."""
        error: V380Error | None = None
        try:
            self._keep_recording()
        except V380Error as failure:
            error = failure
        finally:
            self.state = "closing"
            close_error = self._close_sink()
        if self._outage and not error and not self._is_stopping():
            error = PartialFailure(f"the camera was gone at the end: {self._outage.reason}")
        self._end_outage()
        self.state = "failed" if error else "done"
        return Recording(
            device=self.device,
            gaps=tuple(self._gaps),
            reconnects=self.reconnects,
            dropped_frames=self.dropped_frames,
            unusable_audio=self._pipeline.unusable_audio,
            bytes_received=self.bytes_received,
            encryption=self._stream.encryption if self._stream else "",
            error=error or close_error,
        )

    def _close_sink(self) -> V380Error | None:
        try:
            self._pipeline.close()
        except V380Error as error:
            return error
        return None

    def _keep_recording(self) -> None:
        back_off = BackOff()
        while not self._is_over():
            try:
                self._record_one_link()
            except LINK_ERRORS as error:
                if self._is_stopping():
                    return
                if self._last_media_s == NEVER_S or not self.options.reconnect:
                    raise
                if time.monotonic() - self._linked_s > GOOD_LINK_S:
                    back_off.reset()
                self._begin_outage(error)
                self._pause(back_off.next_pause_s())

    def _record_one_link(self) -> None:
        """Open a link and write what it brings; returns when the recording is over."""
        with self._open_stream() as stream:
            self._adopt(stream)
            try:
                self._write_media_of(stream)
            finally:
                log.info("%s: the link brought %s", self.device.label, stream.counters)

    def _write_media_of(self, stream: LiveLink) -> None:
        while not self._is_over():
            for media in stream.read_media(
                deadline_s=self._next_check_s, silence_s=self.options.silence_s
            ):
                arrival_s = time.monotonic()
                if self._pipeline.feed(media, arrival_s):
                    self._note_media_written(arrival_s)
                if self._is_over():
                    return
            self._check_keyframe()

    def _open_stream(self) -> LiveLink:
        self._access.forget_ticket()
        return self._access.open_live(
            quality=self.options.quality, audio=self.options.audio, prompt=self.options.prompt
        )

    def _adopt(self, stream: LiveLink) -> None:
        if past := self._stream:
            self._bytes_of_past_links += past.counters.bytes_received
            self._dropped_of_past_links += past.counters.dropped_frames
            self.reconnects += 1
        self._stream = stream
        self._pipeline.expect(stream.opened)
        self._linked_s = time.monotonic()
        self._keyframe_due_s = self._linked_s + KEYFRAME_TIMEOUT_S
        self.state = "waiting for a keyframe"

    def _next_check_s(self) -> float:
        """When to look up from reading, at the latest."""
        return min(self._last_call_s(), self._keyframe_due_s)

    def _last_call_s(self) -> float:
        """When the recording is over, whatever has come by then."""
        return self._end_s if self._outage else self._end_s + LATENESS_S

    def _check_keyframe(self) -> None:
        if time.monotonic() >= self._keyframe_due_s:
            raise NetworkTimeout(f"the camera sent no keyframe for {KEYFRAME_TIMEOUT_S:g} s")

    def _is_over(self) -> bool:
        return (
            self._is_stopping()
            or self._pipeline.duration_s >= self.options.duration_s
            or time.monotonic() >= self._last_call_s()
        )

    def _note_media_written(self, arrival_s: float) -> None:
        if self._keyframe_due_s != NEVER_S:
            self._keyframe_due_s = NEVER_S
            self._note_link_works(arrival_s)
        self._last_media_s = arrival_s

    def _note_link_works(self, arrival_s: float) -> None:
        assert self._stream is not None
        log.info("%s: recording, media %s", self.device.label, self._stream.encryption)
        self.state = "recording"
        self._end_s = min(self._end_s, arrival_s + self.options.duration_s)
        self._end_outage()

    def _begin_outage(self, error: V380Error) -> None:
        log.warning("%s: %s", self.device.label, error.message)
        self._pipeline.lose_link()
        self.state = "reconnecting"
        self._linked_s = self._keyframe_due_s = NEVER_S
        if self._outage is None:
            missing = dt.timedelta(seconds=time.monotonic() - self._last_media_s)
            start = dt.datetime.now().astimezone() - missing
            self._outage = Outage(start, self._last_media_s, error.message)

    def _end_outage(self) -> None:
        if outage := self._outage:
            duration_s = round(time.monotonic() - outage.started_s, 3)
            self._gaps.append(Gap(start=outage.start, duration_s=duration_s, reason=outage.reason))
            self._outage = None
            log.info("%s: %g s are missing", self.device.label, duration_s)

    def _pause(self, pause_s: float) -> None:
        self._access.interrupt.wait(min(pause_s, self._end_s - time.monotonic()))
