"""Our own eyes on one camera: what moves in its picture, and clips of that."""

import datetime as dt
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from v380cli.camera.incidents import Incident, IncidentKind
from v380cli.camera.recorder import Recorder, RecordOptions
from v380cli.errors import CameraBusy, V380Error
from v380cli.media.sink import Sink
from v380cli.models import Device, Quality
from v380cli.sinks.clip import ClipSink
from v380cli.sinks.motion_sink import MotionSink, Sighting
from v380cli.sinks.naming import plan_path
from v380cli.sinks.segmented import FileListener
from v380cli.sinks.tee import TeeSink
from v380cli.work.targets import reach
from v380cli.work.watch.episodes import Episodes, Tell
from v380cli.work.watch.events import Event, EventName
from v380cli.work.watch.link_news import LinkNews
from v380cli.work.watch.pictures import encode
from v380cli.work.watch.plan import WatchPlan
from v380cli.work.watch.source import Source
from v380cli.work.watch.watcher import Watched

PERSON = "person"

log = logging.getLogger(__name__)


class PictureWatch:
    """One camera: an eye on its small stream, and clips of its large one.

    In economy there is one link, of the large stream, and the eye has its keyframes. So it is with
    a camera that does not serve two at a time: that turns out when it refuses one of them.
    """

    def __init__(
        self, device: Device, plan: WatchPlan, tell: Tell, listener: FileListener | None
    ) -> None:
        self._plan = plan
        self._clips = make_clip_sink(device, plan, listener) if plan.record else None
        post_s = plan.post_s if plan.record else 0.0
        self._episodes, self._news = Episodes(tell, self._clips, post_s), LinkNews(tell)
        is_large = bool(plan.record) or plan.economy
        self._motion = self._make_motion(keyframes_only=is_large)
        self.sink = TeeSink(self._motion)  # what the main link feeds
        if self._clips:
            self.sink.attach(self._clips)
        quality = Quality.HD if is_large else Quality.SD
        self.main = make_recorder(device, self.sink, quality, plan)
        self.main.listen_to(self._hear_main)
        self._eye: Recorder | None = None
        if plan.record and not plan.economy:
            self._motion.is_awake = False
            self._motion_of_eye = self._make_motion(keyframes_only=False)
            self._eye = make_recorder(device, self._motion_of_eye, Quality.SD, plan)
            self._eye.listen_to(self._hear_eye)

    def _make_motion(self, *, keyframes_only: bool) -> MotionSink:
        return MotionSink(
            self._plan.motion,
            on_start=self._begin,
            on_end=self._expect_end,
            judge=self._plan.judge,
            keyframes_only=keyframes_only,
        )

    @property
    def device(self) -> Device:
        """The camera where it was seen last."""
        return self.main.device

    def stop(self) -> None:
        """End soon."""
        self.main.stop()
        if self._eye:
            self._eye.stop()

    def run(self) -> Watched:
        """Watch until it is stopped, its time is over, or nothing more can be done."""
        try:
            return self._run_links()
        finally:
            self._episodes.end()

    def _run_links(self) -> Watched:
        with ThreadPoolExecutor(1, "eye") as pool:
            running = pool.submit(self._run_eye) if self._eye else None
            try:
                recording = self.main.run()
            finally:
                self.stop()
        error = running.result() if running else None
        return Watched(recording.device, recording.error or error)

    def fail(self, error: V380Error) -> Watched:
        return Watched(self.device, error)

    def tick(self) -> None:
        """End the event whose time has come; to be called often."""
        self._episodes.tick()

    def _run_eye(self) -> V380Error | None:
        """What ended it before its time; without an eye clips are no use."""
        assert self._eye
        error = self._eye.run().error
        if self._motion.is_awake:
            return None
        if error:
            self.main.stop()
        return error

    # -- what happens ------------------------------------------------------------------------

    def _begin(self, sighting: Sighting) -> None:
        now = dt.datetime.now().astimezone()
        look = sighting.look
        self._episodes.begin(
            Event(
                name=EventName.MOTION_START,
                device=self.device,
                time=now,
                start=now,
                source=Source.PICTURE,
                score=look.score,
                area=look.area,
                boxes=look.boxes,
                reason=PERSON if self._plan.judge else "",
                picture=encode(sighting.picture),
            )
        )

    def _expect_end(self, best: Sighting) -> None:
        look = best.look
        self._episodes.expect_end(area=look.area, score=look.score, boxes=look.boxes)

    def _hear_eye(self, incident: Incident) -> None:
        if self._motion.is_awake:
            return
        if isinstance(incident.error, CameraBusy):
            self._use_one_link(incident)
        else:
            self._tell_of_link(incident, self._motion_of_eye)

    def _hear_main(self, incident: Incident) -> None:
        has_eye = self._eye is not None and not self._motion.is_awake
        is_economy = self._motion.is_awake and self._motion.keyframes_only
        if isinstance(incident.error, CameraBusy) and not is_economy:
            self._use_one_link(incident)
        elif not has_eye:
            self._tell_of_link(incident, self._motion)

    def _use_one_link(self, incident: Incident) -> None:
        log.warning(
            "%s: %s; one link is used, as with --economy", self.device.label, incident.reason
        )
        self._motion.is_awake = self._motion.keyframes_only = True
        self.main.options = replace(self.main.options, quality=Quality.HD)
        if self._eye:
            self._eye.stop()

    def _tell_of_link(self, incident: Incident, motion: MotionSink) -> None:
        """In the thread that feeds that one."""
        if incident.kind in (IncidentKind.LOST, IncidentKind.FAILED):
            motion.close()
        self._news.hear(incident)


def make_recorder(device: Device, sink: Sink, quality: Quality, plan: WatchPlan) -> Recorder:
    """A link to a camera that need not be there yet; sound goes with clips.

    Small streams are read as they come, so that what moves is told at once; others a bit at a time.
    """
    options = RecordOptions(
        quality=quality,
        audio=bool(plan.record) and quality is Quality.HD,
        duration_s=plan.duration_s,
        wait=True,
        prompt=quality is Quality.SD,
    )
    return Recorder(reach(device), sink, options)


def make_clip_sink(device: Device, plan: WatchPlan, listener: FileListener | None) -> ClipSink:
    """Clips of a camera in the folder of the plan."""

    def plan_next_path(start: dt.datetime) -> Path:
        folder, ending = f"{plan.record}/", plan.container
        return plan_path(folder, device.label, start, ending, device.device_id)

    return ClipSink(plan_next_path, plan.container, pre_s=plan.pre_s, listener=listener)
