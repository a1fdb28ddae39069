"""The motion that a camera tells by ONVIF, where it offers events."""

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor

from v380cli.camera.onvif import OnvifClient
from v380cli.camera.onvif_events import read_events
from v380cli.camera.recorder import Recorder
from v380cli.camera.retry import BackOff, may_mend
from v380cli.errors import V380Error
from v380cli.models import Device, Quality
from v380cli.sinks.segmented import FileListener
from v380cli.wire.onvif_events import OnvifEvent
from v380cli.work.targets import reach
from v380cli.work.watch.episodes import Episodes, Tell
from v380cli.work.watch.events import Event, EventName
from v380cli.work.watch.link_news import LinkNews
from v380cli.work.watch.picture import make_clip_sink, make_recorder
from v380cli.work.watch.plan import WatchPlan
from v380cli.work.watch.source import Source
from v380cli.work.watch.watcher import Watched


class OnvifWatch:
    """Pulls one camera's events; where there are clips its stream is open meanwhile."""

    def __init__(
        self, device: Device, plan: WatchPlan, tell: Tell, listener: FileListener | None
    ) -> None:
        clips = make_clip_sink(device, plan, listener) if plan.record else None
        self._episodes, self._news = Episodes(tell, clips, plan.post_s), LinkNews(tell)
        self.main: Recorder | None = None
        if clips:
            self.main = make_recorder(device, clips, Quality.HD, plan)
        self._access = reach(device)
        self._interrupt = self._access.interrupt
        self._end_s = time.monotonic() + plan.duration_s
        self._seen_s = 0.0  # when the camera last told something, on the monotonic clock

    @property
    def device(self) -> Device:
        """The camera where it was seen last."""
        return self._access.device

    def stop(self) -> None:
        """End soon."""
        self._interrupt.request()
        if self.main:
            self.main.stop()

    def fail(self, error: V380Error) -> Watched:
        return Watched(self.device, error)

    def tick(self) -> None:
        """End the event whose time has come."""
        self._episodes.tick()

    def run(self) -> Watched:
        """Listen until it is stopped, its time is over, or the camera offers no events."""
        with ThreadPoolExecutor(1, "clips") as pool:
            running = pool.submit(self.main.run) if self.main else None
            try:
                error = self._listen()
            finally:
                self.stop()
                self._episodes.end()
        return Watched(self.device, error or (running.result().error if running else None))

    def _listen(self) -> V380Error | None:
        """What kept the camera away all the time, or ended it; None where it was heard."""
        back_off, kept_away = BackOff(), None
        while time.monotonic() < self._deadline_s():
            try:
                self._read(back_off)
                return None
            except V380Error as error:
                if self._interrupt():
                    return None
                if not may_mend(error, has_worked=self._seen_s > 0, waits=True):
                    return error
                self._note_loss(error)
                kept_away = error
                pause_s = back_off.next_pause_s(error)
                self._interrupt.wait(min(pause_s, self._end_s - time.monotonic()))
        return None if self._seen_s else kept_away

    def _deadline_s(self) -> float:
        return 0.0 if self._interrupt() else self._end_s

    def _read(self, back_off: BackOff) -> None:
        """Hand on what one subscription brings."""
        client = OnvifClient.open(self._access)
        for event in read_events(client, deadline_s=self._deadline_s):
            now = dt.datetime.now().astimezone()
            self._news.note_return(self.device, time.monotonic() - self._seen_s, now)
            self._seen_s = time.monotonic()
            back_off.reset()
            if event.is_motion:
                self._take(event, now)

    def _take(self, event: OnvifEvent, now: dt.datetime) -> None:
        """The beginning or the end of motion; what is neither is both."""
        if event.is_on is not False:
            self._episodes.begin(
                Event(
                    name=EventName.MOTION_START,
                    device=self.device,
                    time=now,  # the camera's clock may be anything
                    start=now,
                    source=Source.ONVIF,
                )
            )
        if event.is_on is not True:
            self._episodes.expect_end()

    def _note_loss(self, error: V380Error) -> None:
        self._episodes.expect_end()
        self._news.note_loss(self.device, error.message, dt.datetime.now().astimezone())
