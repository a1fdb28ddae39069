"""Watch cameras: what moves becomes an event, with a clip that begins before it."""

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from v380cli.camera.fleet import Fleet
from v380cli.camera.incidents import Incident, IncidentKind
from v380cli.camera.recorder import Recorder, Recording, RecordOptions
from v380cli.disk import write_whole
from v380cli.errors import V380Error
from v380cli.media.sink import Sink
from v380cli.models import Device, Quality
from v380cli.sinks.clip import ClipSink
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.motion import MotionOptions
from v380cli.sinks.motion_sink import MotionSink, Sighting
from v380cli.sinks.naming import plan_path
from v380cli.sinks.tee import TeeSink
from v380cli.work.sharing import offer_controls
from v380cli.work.targets import reach
from v380cli.work.watch.events import Event, EventName

SOURCE = "picture"
SNAPSHOT_QUALITY = 85

Tell = Callable[[Event], None]

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class WatchPlan:
    """What the options of `watch` ask for; durations in seconds.

    With a `record` folder there are clips, and a picture beside each.
    """

    motion: MotionOptions = field(default_factory=MotionOptions)
    economy: bool = False
    record: str | None = None
    container: ContainerFormat = ContainerFormat.MP4
    pre_s: float = 0.0
    post_s: float = 0.0
    duration_s: float = float("inf")


class WatchJob:
    """Watches some devices; each event goes to `tell`, from any thread."""

    def __init__(self, devices: Sequence[Device], plan: WatchPlan, tell: Tell) -> None:
        self._watches = [CameraWatch(device, plan, tell) for device in devices]
        self._fleet = Fleet(self._watches)

    def stop(self) -> None:
        """Ask for the end; safe in a signal handler."""
        self._fleet.stop()

    def run(self) -> list[Recording]:
        """Watch to the end; how it went with each camera."""
        with offer_controls(*(watch.eye for watch in self._watches)):
            return self._fleet.run(self._tick)

    def _tick(self) -> None:
        for watch in self._watches:
            watch.tick()


class CameraWatch:
    """One camera: an eye on its small stream, and clips of its large one.

    In economy the eye has the keyframes of the large one, so that there is one link. What moves
    again before a clip has ended is the same event.
    """

    def __init__(self, device: Device, plan: WatchPlan, tell: Tell) -> None:
        self._plan, self._tell = plan, tell
        self._motion = MotionSink(
            plan.motion,
            on_start=self._begin,
            on_end=self._expect_end,
            keyframes_only=plan.economy,
        )
        self._clips = self._make_clips(device) if plan.record else None
        self.eye, self._camera = self._make_recorders(device)
        self.eye.listen_to(self._hear)
        self._lock = threading.RLock()  # of what follows
        self._event: Event | None = None  # that goes on
        self._moved_s = 0.0  # since when, on the monotonic clock
        self._end_s = float("inf")  # when it is over
        self._is_lost = False

    @property
    def device(self) -> Device:
        """The camera where it was seen last."""
        return self.eye.device

    def stop(self) -> None:
        """End soon."""
        self.eye.stop()
        if self._camera:
            self._camera.stop()

    def run(self) -> Recording:
        """Watch until it is stopped, its time is over, or nothing more can be done."""
        with ThreadPoolExecutor(1, "clips") as pool:
            running = pool.submit(self._camera.run) if self._camera else None
            try:
                recording = self.eye.run()
            finally:
                self._end(is_late=False)
                self.stop()
        clips = running.result() if running else recording
        return replace(recording, error=recording.error or clips.error)

    def fail(self, error: V380Error) -> Recording:
        """What there is when `run` itself was ended by an error."""
        return self.eye.fail(error)

    def tick(self) -> None:
        """End the event whose time has come; to be called often."""
        if time.monotonic() >= self._end_s:
            self._end(is_late=True)

    # -- how it is put together --------------------------------------------------------------

    def _make_recorders(self, device: Device) -> tuple[Recorder, Recorder | None]:
        if not self._plan.economy:
            camera = self._make_recorder(device, self._clips, Quality.HD) if self._clips else None
            return self._make_recorder(device, self._motion, Quality.SD), camera
        sink = TeeSink(self._motion)
        if self._clips:
            sink.attach(self._clips)
        return self._make_recorder(device, sink, Quality.HD), None

    def _make_recorder(self, device: Device, sink: Sink, quality: Quality) -> Recorder:
        options = RecordOptions(
            quality=quality,
            audio=self._clips is not None and quality is Quality.HD,
            duration_s=self._plan.duration_s,
            wait=True,
        )
        return Recorder(reach(device), sink, options)

    def _make_clips(self, device: Device) -> ClipSink:
        def plan_next_path(start: dt.datetime) -> Path:
            folder, ending = f"{self._plan.record}/", self._plan.container
            return plan_path(folder, device.label, start, ending, device.device_id)

        return ClipSink(plan_next_path, self._plan.container, pre_s=self._plan.pre_s)

    # -- what happens ------------------------------------------------------------------------

    def _begin(self, sighting: Sighting) -> None:
        with self._lock:
            self._end_s = float("inf")
            if self._event is not None:  # it moves again
                return
            self._moved_s = time.monotonic()
            now = dt.datetime.now().astimezone()
            clip = self._clips.begin() if self._clips else None
            picture = _encode(sighting)
            event = self._event = Event(
                name=EventName.MOTION_START,
                device=self.device,
                time=now,
                start=now,
                source=SOURCE,
                score=sighting.look.score,
                area=sighting.look.area,
                boxes=sighting.look.boxes,
                clip=clip,
                snapshot=_write_beside(clip, picture),
                picture=picture,
            )
        self._tell(event)

    def _expect_end(self, best: Sighting) -> None:
        """It is quiet; the event ends with its clip."""
        with self._lock:
            if self._event is None:
                return
            area, score = best.look.area, best.look.score
            self._event = replace(
                self._event,
                area=area,
                score=score,
                boxes=best.look.boxes,
                duration_s=time.monotonic() - self._moved_s,
            )
            if self._clips is None:
                self._end(is_late=False)
            else:
                self._end_s = time.monotonic() + self._plan.post_s

    def _end(self, *, is_late: bool) -> None:
        with self._lock:
            if self._event is None or (is_late and time.monotonic() < self._end_s):
                return
            event, self._event, self._end_s = self._event, None, float("inf")
            clip = self._clips.finish() if self._clips else None
        duration_s = event.duration_s
        self._tell(
            replace(
                event,
                name=EventName.MOTION_END,
                time=dt.datetime.now().astimezone(),
                clip=clip or event.clip,
                duration_s=time.monotonic() - self._moved_s if duration_s is None else duration_s,
                picture=b"",
            )
        )

    def _hear(self, incident: Incident) -> None:
        """Of the eye's link, in the thread that feeds it."""
        if incident.kind is IncidentKind.BACK:
            self._is_lost = False
            self._tell_link(EventName.CAMERA_BACK, incident)
        elif incident.kind is not IncidentKind.GAP and not self._is_lost:
            self._is_lost = True
            self._motion.close()
            self._tell_link(EventName.CAMERA_LOST, incident)

    def _tell_link(self, name: EventName, incident: Incident) -> None:
        duration_s = incident.duration_s if name is EventName.CAMERA_BACK else None
        self._tell(
            Event(
                name=name,
                device=self.device,
                time=incident.time,
                start=incident.time - dt.timedelta(seconds=duration_s or 0),
                source="link",
                duration_s=duration_s,
                reason=incident.reason,
            )
        )


def _encode(sighting: Sighting) -> bytes:
    from v380cli.sinks.pictures import PictureFormat, encode_picture

    try:
        return encode_picture(sighting.picture, PictureFormat.JPEG, SNAPSHOT_QUALITY)
    except V380Error as error:
        log.warning("there is no picture of it: %s", error.message)
        return b""


def _write_beside(clip: Path | None, picture: bytes) -> Path | None:
    """The picture under the clip's name, where there are both."""
    if clip is None or not picture:
        return None
    path = clip.with_suffix(".jpg")
    try:
        write_whole(path, picture)
    except OSError as error:
        log.warning("cannot write %s: %s", path, error.strerror)
        return None
    return path
