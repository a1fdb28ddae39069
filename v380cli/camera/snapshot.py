"""Still pictures of one camera: its keyframes, at the moments when pictures are due."""

import datetime as dt
import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from v380cli.camera.access import Access
from v380cli.camera.incidents import Teller
from v380cli.camera.pipeline import CODEC_HINTS
from v380cli.camera.retry import NOT_YET, OURS, BackOff, may_mend
from v380cli.camera.transport import LiveLink
from v380cli.camera.watch import KEYFRAME_TIMEOUT_S
from v380cli.errors import MediaError, NetworkTimeout, RemoteProtocolError, V380Error
from v380cli.media.access_unit import classify_access_unit
from v380cli.media.gate import KeyframeGate
from v380cli.media.sink import Codec
from v380cli.models import Device, Quality

# A log-in for each picture is a burden on the camera, and a stream that nobody looks at is one on
# the Wi-Fi: a minute of it weighs as much as a hundred keyframes.
LINK_KEPT_S = 60.0
# A keyframe that cannot be decoded was damaged on the way; so many in a row were not.
MAX_BROKEN = 5
NEVER_S = float("inf")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyframe:
    """A picture as the camera sent it: Annex B, with its parameter sets.

    `waited_s` is the time since it was due, `via` the road on which it came.
    """

    codec: Codec
    data: bytes = field(repr=False)
    taken_at: dt.datetime
    waited_s: float
    via: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When pictures are due: at once, and then as told; without anything told it is one picture."""

    every_s: float = NEVER_S
    count: float = NEVER_S
    duration_s: float = NEVER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotReport:
    """How it went; `error` is what ended it before its time."""

    device: Device
    count: int
    error: V380Error | None
    via: str = ""  # the road of the last link; empty if there was none


class SnapshotTaker:
    """Takes pictures of one camera; `run` blocks its thread, `stop` may come from any other.

    `take` gets each keyframe that is due. When it raises MediaError it gets the next one instead.
    The first link must bring a picture, or break and then the second; with `wait` the camera need
    not be there yet. What happens afterwards is mended by new links with growing pauses.
    """

    def __init__(
        self,
        access: Access,
        take: Callable[[Keyframe], None],
        schedule: Schedule | None = None,
        *,
        quality: Quality = Quality.HD,
        wait: bool = False,
    ) -> None:
        self._wait = wait
        self._take = take
        self._schedule = schedule or Schedule()
        self._quality = quality
        self._access, self._is_stopping = access, access.interrupt
        self._teller = Teller()
        self._absence: V380Error | None = None  # why no picture comes at present
        self._is_linked = self._had_break = False
        self._via = ""
        self._count = self._broken = 0
        # Moments on the monotonic clock.
        self._start_s = self._due_s = self._keyframe_due_s = self._absent_since_s = 0.0

    @property
    def device(self) -> Device:
        """The camera where it was seen last."""
        return self._access.device

    def stop(self) -> None:
        """End soon; a picture that was due is not waited for."""
        self._access.interrupt.request()

    def run(self) -> SnapshotReport:
        """Take pictures until the schedule is over, `stop` is called or nothing can be done."""
        self._start_s = self._due_s = time.monotonic()
        error: V380Error | None = None
        try:
            self._take_all()
        except V380Error as failure:
            error = failure
        if not self._count:
            error = error or self._absence
        return SnapshotReport(device=self.device, count=self._count, error=error, via=self._via)

    def fail(self, error: V380Error) -> SnapshotReport:
        """What there is when `run` itself was ended by an error."""
        return SnapshotReport(device=self.device, count=self._count, error=error)

    def _take_all(self) -> None:
        back_off = BackOff()
        while not self._is_over():
            self._pause(self._due_s - time.monotonic())
            if self._is_over():
                return
            count = self._count
            try:
                self._take_from_one_link()
            except V380Error as error:
                if self._is_stopping() and not isinstance(error, OURS):
                    return
                if not self._is_forgiven(error):
                    raise
                if self._count > count:
                    back_off.reset()
                pause_s = back_off.next_pause_s(error)
                self._lose(error, pause_s)
                self._pause(pause_s)

    def _lose(self, error: V380Error, pause_s: float) -> None:
        if self._absence is None:
            self._absent_since_s = time.monotonic()
        self._absence = error
        if self._count or self._wait:  # else nothing is lost yet
            self._teller.tell_lost(self.device, error, pause_s)

    def _note_return(self, absence: V380Error) -> None:
        self._absence = None
        if self._count or self._wait:
            absent_s = time.monotonic() - self._absent_since_s
            self._teller.tell_back(self.device, absence.message, absent_s)

    def _take_from_one_link(self) -> None:
        """Open a link and take what is due, as long as it is worth keeping."""
        self._access.forget_ticket()
        with self._access.open_live(quality=self._quality, audio=False, prompt=True) as stream:
            self._is_linked, self._via = True, stream.via
            for codec, data in self._read_keyframes(stream):
                now_s = time.monotonic()
                if now_s >= self._due_s:
                    self._try(codec, data, now_s)
                if self._is_over() or self._due_s - now_s > LINK_KEPT_S:
                    return

    def _is_forgiven(self, error: V380Error) -> bool:
        """Before the first picture one open link may break; afterwards anything may come."""
        has_worked = bool(self._count) or (self._wait and self._is_linked)
        if may_mend(error, has_worked=has_worked, waits=self._wait):
            return True
        is_link_error = isinstance(error, NOT_YET) and not isinstance(error, NetworkTimeout)
        is_break = self._is_linked and is_link_error
        is_first, self._had_break = not self._had_break, True
        return is_break and is_first

    def _try(self, codec: Codec, data: bytes, now_s: float) -> None:
        taken_at = dt.datetime.now().astimezone()
        waited_s = now_s - self._due_s
        try:
            self._take(
                Keyframe(
                    codec=codec, data=data, taken_at=taken_at, waited_s=waited_s, via=self._via
                )
            )
        except MediaError as error:
            log.info("%s: %s", self.device.label, error.message)
            self._broken += 1
            if self._broken < MAX_BROKEN:
                return
            self._broken = 0
            if self._count:  # it could be before
                raise RemoteProtocolError(error.message) from error
            raise
        if self._absence:
            self._note_return(self._absence)
        self._count += 1
        self._broken = 0
        every_s = self._schedule.every_s
        ticks = math.floor((now_s - self._start_s) / every_s) + 1  # those missed are left out
        self._due_s = self._start_s + ticks * every_s

    def _read_keyframes(self, stream: LiveLink) -> Iterator[tuple[Codec, bytes]]:
        """Yield keyframes; raises NetworkTimeout when there is none for too long."""
        gate = KeyframeGate()
        self._expect_keyframe()
        for media in stream.read_media(deadline_s=self._next_check_s):
            if media.kind != "video":
                continue
            unit = classify_access_unit(media.payload, CODEC_HINTS.get(media.frame_type))
            gated = gate.admit(unit) if unit else None
            if unit and gated and gated.is_keyframe:
                self._expect_keyframe()
                yield unit.codec, gated.data
        if not self._is_over():
            raise NetworkTimeout(f"the camera sent no keyframe for {KEYFRAME_TIMEOUT_S:g} s")

    def _expect_keyframe(self) -> None:
        self._keyframe_due_s = time.monotonic() + KEYFRAME_TIMEOUT_S

    def _next_check_s(self) -> float:
        """When to look up from reading, at the latest."""
        return min(self._keyframe_due_s, self._end_s)

    @property
    def _end_s(self) -> float:
        schedule = self._schedule
        is_waited_for = self._wait and not self._count
        longest_s = schedule.every_s * schedule.count if is_waited_for else NEVER_S
        return self._start_s + min(schedule.duration_s, longest_s)

    def _is_over(self) -> bool:
        is_last = self._count >= self._schedule.count or self._due_s == NEVER_S
        return is_last or self._is_stopping() or time.monotonic() >= self._end_s

    def _pause(self, pause_s: float) -> None:
        self._access.interrupt.wait(min(pause_s, self._end_s - time.monotonic()))
