"""The recorder: keeps one camera's live stream flowing into a sink until it is told to stop."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from v380cli.camera.access import Access
from v380cli.camera.gaps import NEVER_S, CaptureClock, GapList, PictureTimes
from v380cli.camera.incidents import Tell, Teller
from v380cli.camera.pipeline import MediaPipeline
from v380cli.camera.recorder_state import RecorderState, Stateful
from v380cli.camera.recording import Recording
from v380cli.camera.retry import GOOD_LINK_S, OURS, BackOff, may_mend
from v380cli.camera.transport import SILENCE_TIMEOUT_S, LiveLink
from v380cli.camera.watch import PictureWatch
from v380cli.errors import NetworkError, PartialFailure, V380Error
from v380cli.media.sink import Sink
from v380cli.models import Device, Quality
from v380cli.wire.login import LoginTicket
from v380cli.wire.session import MediaReceived

# The length of a recording is what the camera's clock has counted. The wall clock ends it where the
# link is lost, or media are this late: they are read once a second, on a machine that may be busy,
# from a camera whose clock may be slow.
LATENESS_S = 3.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOptions:
    """What to record, and for how long; durations in seconds.

    With `wait` the camera need not be there yet: its time runs from the start.
    """

    quality: Quality = Quality.HD
    audio: bool = True
    duration_s: float = float("inf")
    reconnect: bool = True
    wait: bool = False
    prompt: bool = False  # every frame at once, for somebody who looks on
    silence_s: float = SILENCE_TIMEOUT_S


class Recorder(Stateful):
    """Records one camera; `run` blocks its thread, `stop` may come from any other.

    The first link must bring a picture, unless the camera is waited for; what happens afterwards
    is mended by new links with growing pauses, into the same sink; further lenses go where
    `open_lens` says. `state` and `reason` say how it is, for a display; `on_state` is called and
    `listen_to` has each incident told by the thread of `run`.
    """

    def __init__(
        self,
        access: Access,
        sink: Sink,
        options: RecordOptions | None = None,
        *,
        open_lens: Callable[[int], Sink] | None = None,
    ) -> None:
        super().__init__()
        self.options = options or RecordOptions()
        self.reconnects = 0
        self.access, self._is_stopping = access, access.interrupt
        self._pipeline = MediaPipeline(
            sink, audio=self.options.audio, open_lens=open_lens, label=access.device.label
        )
        self._stream: LiveLink | None = None
        self._watch = PictureWatch(self.options.silence_s)
        self._capture = CaptureClock()
        self._pictures = PictureTimes()
        self.gaps = GapList()
        self._teller = Teller()
        self._outage_error: V380Error | None = None  # the last one of an outage that goes on
        # Moments on the monotonic clock; infinity is never.
        self._began_s = self._end_s = NEVER_S
        self._linked_s = NEVER_S  # when the present link opened
        self._bytes_of_past_links = self._dropped_of_past_links = 0

    # -- what a progress display reads, from another thread --------------------------------

    @property
    def video_frames(self) -> int:
        return self._pipeline.video_frames

    @property
    def last_picture_s(self) -> float:
        """When the last picture was captured, on the monotonic clock; infinity before the first."""
        return self._pictures.last_s

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

    def listen_to(self, tell: Tell) -> None:
        """Have incidents told from now on."""
        self._teller.listen = tell

    # -- the use case ------------------------------------------------------------------------

    def stop(self) -> None:
        """End the recording soon; its files are closed first."""
        self.access.interrupt.request()

    def send_control(self, packet: bytes) -> None:
        """Send one control packet over the present link, from any thread; raises NetworkError."""
        stream = self._stream
        if stream is None or self._linked_s == NEVER_S:
            raise NetworkError("the camera is not connected at the moment")
        stream.send_control(packet)

    @property
    def device(self) -> Device:
        """The camera where it was seen last."""
        return self.access.device

    @property
    def ticket(self) -> LoginTicket | None:
        """What the camera said of itself at the last log-in; None before the first."""
        return self.access.last_ticket

    @property
    def via(self) -> str:
        """The road of the present or the last link; empty before the first."""
        return self._stream.via if self._stream else ""

    @property
    def has_linked(self) -> bool:
        """Whether the camera has let us in, by whatever road."""
        return self._stream is not None or self.access.last_ticket is not None

    def run(self) -> Recording:
        """Record until the duration is over, `stop` is called or nothing more can be done."""
        self._began_s = time.monotonic()
        self.enter(RecorderState.CONNECTING)
        if self.options.wait:
            self._end_s = self._began_s + self.options.duration_s
        error: V380Error | None = None
        try:
            self._keep_recording()
        except V380Error as failure:
            error = failure
            if self.options.wait:  # else this is the end of the whole command, which says why
                self._teller.tell_failed(self.device, error)
        finally:
            self.enter(RecorderState.CLOSING, self.reason)
            close_error = self._close_sink()
        return self._finish(error or self._judge_end() or close_error)

    def fail(self, error: V380Error) -> Recording:
        """What there is when `run` itself was ended by an error."""
        return self._finish(error)

    def _finish(self, error: V380Error | None) -> Recording:
        self._note_missing_end()
        self.enter(RecorderState.FAILED if error else RecorderState.DONE, self.reason)
        return Recording(
            device=self.device,
            gaps=tuple(self.gaps.gaps),
            gaps_left_out=self.gaps.gaps.left_out,
            longest_gap=self.gaps.longest,
            reconnects=self.reconnects,
            dropped_frames=self.dropped_frames,
            unusable_audio=self._pipeline.unusable_audio,
            bytes_received=self.bytes_received,
            encryption=self._stream.encryption if self._stream else "",
            error=error,
            via=self.via,
        )

    def _close_sink(self) -> V380Error | None:
        try:
            self._pipeline.close()
        except V380Error as error:
            return error
        return None

    def _judge_end(self) -> V380Error | None:
        """The error of a recording that ends while its camera is away."""
        error = self._outage_error
        if error is None or not self._has_pictures:
            return error
        if self._is_stopping():
            return None
        return PartialFailure(f"the camera was gone at the end: {error.message}")

    def _keep_recording(self) -> None:
        back_off = BackOff()
        while not self._is_over():
            try:
                self._record_one_link()
            except V380Error as error:
                if self._is_stopping() and not isinstance(error, OURS):
                    return
                if not self._may_go_on(error):
                    raise
                if time.monotonic() - self._linked_s > GOOD_LINK_S:
                    back_off.reset()
                pause_s = back_off.next_pause_s(error)
                self._begin_outage(error, pause_s)
                self._pause(pause_s)

    @property
    def _has_pictures(self) -> bool:
        return self._pictures.last_s != NEVER_S

    def _may_go_on(self, error: V380Error) -> bool:
        if self._has_pictures and not self.options.reconnect:
            return False
        has_worked = self._has_pictures or (self.options.wait and self._stream is not None)
        return may_mend(error, has_worked=has_worked, waits=self.options.wait)

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
                self._write(media, stream.arrival_s)
                if self._has_all() or (self.options.prompt and self._is_stopping()):
                    return  # else what has been read by now is written before the end
            if not self._is_over():
                self._watch.check(time.monotonic())

    def _write(self, media: MediaReceived, arrival_s: float) -> None:
        began_s = time.monotonic()
        captured_s = self._capture.place(media.kind, media.timestamp_ms, arrival_s)
        if self._pipeline.feed(media, captured_s) and media.kind == "video":
            self._note_picture(captured_s)
        self._watch.note_media(began_s, time.monotonic())

    def _open_stream(self) -> LiveLink:
        self.access.forget_ticket()
        return self.access.open_live(
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
        self._watch.open_link(self._linked_s)
        self._capture.restart()
        self.enter(RecorderState.WAITING_FOR_KEYFRAME, self.reason)

    def _next_check_s(self) -> float:
        """When to look up from reading, at the latest."""
        return min(self._last_call_s(), self._watch.due_s)

    def _last_call_s(self) -> float:
        """When the recording is over, whatever has come by then."""
        return self._end_s if self.gaps.is_open else self._end_s + LATENESS_S

    def _is_over(self) -> bool:
        is_late = time.monotonic() >= self._last_call_s()
        return self._is_stopping() or self._has_all() or is_late

    def _has_all(self) -> bool:
        return self._pipeline.duration_s >= self.options.duration_s

    def _note_picture(self, captured_s: float) -> None:
        """A picture has gone into the recording."""
        before_s = self._pictures.last_s
        hole_s = self._pictures.note(captured_s)
        if self._watch.awaits_keyframe:
            self._note_link_works(is_first=before_s == NEVER_S)
        elif hole_s:
            self._note_hole(before_s, hole_s)
        self._watch.note_picture(
            time.monotonic(),
            captured_s,
            unusable_frames=self._pipeline.unusable_frames,
            has_backlog=self._capture.backlog is not None,
        )

    def _note_link_works(self, *, is_first: bool) -> None:
        assert self._stream is not None
        log.info("%s: recording, media %s", self.device.label, self._stream.encryption)
        self.enter(RecorderState.RECORDING)
        self._outage_error = None
        if self.gaps.is_open:
            gap = self.gaps.end(self._pictures.last_s)
            self._teller.tell_back(self.device, gap.reason, gap.duration_s)
        elif is_first:
            self._end_s = self._pictures.last_s + self.options.duration_s

    def _note_hole(self, since_s: float, hole_s: float) -> None:
        """Pictures were missing over a link that held."""
        reason = self._watch.explain_hole(self._pipeline.unusable_frames)
        gap = self.gaps.add(since_s, since_s + hole_s, reason)
        self._teller.tell_gap(self.device, gap)

    def _begin_outage(self, error: V380Error, pause_s: float) -> None:
        error = self._watch.explain_loss(error)
        self._pipeline.lose_link()
        had_pictures = self._has_pictures
        state = RecorderState.RECONNECTING if had_pictures else RecorderState.WAITING_FOR_CAMERA
        self.enter(state, error.message)
        self._outage_error = error
        self._linked_s = NEVER_S
        self._watch.close_link()
        since_s = self._pictures.last_s if had_pictures else self._began_s
        self.gaps.begin(since_s, self.reason)
        self._teller.tell_lost(self.device, error, pause_s)

    def _note_missing_end(self) -> None:
        """What is missing up to the end, over a link that is lost or that still held."""
        now_s = time.monotonic()
        if self.gaps.is_open:
            self.gaps.end(min(now_s, self._end_s))
        elif self._has_pictures:
            hole_s = self._pictures.measure_hole(min(now_s, self._end_s))
            if hole_s:
                self._note_hole(self._pictures.last_s, hole_s)

    def _pause(self, pause_s: float) -> None:
        self.access.interrupt.wait(min(pause_s, self._end_s - time.monotonic()))
