"""What the camera itself took for motion or an alarm: its card is looked at again and again."""

import datetime as dt
import logging
import time
from dataclasses import dataclass, replace
from pathlib import Path

from v380cli.camera.recordings import CardReader, CardRecording, list_recordings
from v380cli.camera.retry import may_mend
from v380cli.camera.wall_clock import CameraZone
from v380cli.errors import MediaError, V380Error
from v380cli.models import Device, RecordedFile
from v380cli.sinks.segmented import FileListener
from v380cli.wire.card.words import RecordingKind
from v380cli.work.card.fetching import FetchJob, FetchPlan
from v380cli.work.card.selection import Selection
from v380cli.work.targets import reach
from v380cli.work.watch.episodes import Tell, write_beside
from v380cli.work.watch.events import ENDS, Event, EventName
from v380cli.work.watch.link_news import LinkNews
from v380cli.work.watch.pictures import encode
from v380cli.work.watch.plan import WatchPlan
from v380cli.work.watch.source import Source
from v380cli.work.watch.watcher import Watched

POLL_S = 20.0
NAMES = {
    RecordingKind.MOTION: EventName.MOTION_START,
    RecordingKind.ALARM: EventName.ALARM,
}
CLOCK_ERROR = dt.timedelta(hours=1)  # around midnight two days are asked for
TEMPLATE = "{name}-{start}-{type}"

Key = tuple[int, dt.datetime]  # the kind, and the start on the camera's clock

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """A recording that was told: its event, and how it was listed last."""

    event: Event
    recording: CardRecording


class CardWatch:
    """Tells each motion and alarm that is new on the card, and its end with the clip.

    What is listed with the same end twice has ended. A clip is fetched then.
    """

    def __init__(
        self, device: Device, plan: WatchPlan, tell: Tell, listener: FileListener | None
    ) -> None:
        self._plan, self._tell, self._listener = plan, tell, listener
        access = reach(device)
        self._interrupt, self._reader = access.interrupt, CardReader(access)
        self._news = LinkNews(tell)
        self._known: set[Key] | None = None  # None before the first look
        self._open: dict[Key, Entry] = {}
        self._fetching: FetchJob | None = None
        self._kept_away: V380Error | None = None  # by what, as long as nothing else was seen
        self._seen_s = 0.0  # when the card was last seen, on the monotonic clock

    @property
    def device(self) -> Device:
        """The camera where it was seen last."""
        return self._reader.device

    @property
    def main(self) -> None:
        """There is no link to share."""

    def stop(self) -> None:
        """End soon."""
        self._interrupt.request()
        if fetching := self._fetching:
            fetching.stop()

    def fail(self, error: V380Error) -> Watched:
        return Watched(self.device, error)

    def tick(self) -> None:
        """Nothing: the looks have their own times."""

    def run(self) -> Watched:
        """Look until it is stopped, its time is over, or the camera says that it has no card."""
        end_s = time.monotonic() + self._plan.duration_s
        try:
            while not self._interrupt() and time.monotonic() < end_s:
                self._look()
                self._interrupt.wait(min(POLL_S, end_s - time.monotonic()))
        except V380Error as error:
            return Watched(self.device, error)
        return Watched(self.device, self._kept_away)

    def _look(self) -> None:
        now = dt.datetime.now().astimezone()
        try:
            found = self._list(self._plan.zone)
        except V380Error as error:
            if self._interrupt():
                return
            if not may_mend(error, has_worked=self._known is not None, waits=True):
                raise
            self._news.note_loss(self.device, error.message, now)
            self._kept_away = error if self._known is None else None
            return
        self._kept_away = None
        self._news.note_return(self.device, time.monotonic() - self._seen_s, now)
        self._seen_s = time.monotonic()
        keys = {_identify(recording) for recording in found}
        if self._known is None:
            self._known = keys
        for recording in found:
            self._note(recording)
        for gone in self._open.keys() - keys:
            self._end(self._open.pop(gone))
        self._known = keys

    def _list(self, zone: CameraZone) -> list[CardRecording]:
        now = zone.read_now()
        days = sorted({(now - CLOCK_ERROR).date(), (now + CLOCK_ERROR).date()})
        return list_recordings(self._reader, days, zone, tuple(NAMES))

    def _note(self, recording: CardRecording) -> None:
        """Begin the event of a recording, or end that of one that has not grown."""
        key = _identify(recording)
        if entry := self._open.get(key):
            self._open[key] = replace(entry, recording=recording)
            if entry.recording.end == recording.end:
                del self._open[key]
                self._end(entry)
        elif self._known is not None and key not in self._known:
            event = Event(
                name=NAMES[RecordingKind(recording.entry.kind)],
                device=self.device,
                time=recording.start,
                start=recording.start,
                source=Source.CARD,
            )
            self._open[key] = Entry(event, recording)
            self._tell(event)

    def _end(self, entry: Entry) -> None:
        event, recording = entry.event, entry.recording
        clip = self._fetch(recording) if self._plan.record else None
        picture = _take_picture(clip) if clip else b""
        self._tell(
            replace(
                event,
                name=ENDS[event.name],
                time=recording.end,
                duration_s=recording.duration_s,
                clip=clip,
                snapshot=write_beside(clip, picture),
                picture=picture,
            )
        )

    def _fetch(self, recording: CardRecording) -> Path | None:
        """The recording as a file; what keeps it away is in the log."""
        wall = recording.entry
        wanted = Selection(
            zone=self._plan.zone, since=wall.start, until=wall.end, ids=(recording.id,)
        )
        fetching = self._fetching = FetchJob(self.device, wanted, _plan_fetch(self._plan))
        if self._interrupt():
            return None
        report = fetching.run()
        self._fetching = None
        errors = [report.error, *(outcome.error for outcome in report.outcomes)]
        for error in filter(None, errors):
            log.warning("%s: no clip of it: %s", self.device.label, error.message)
        files = [file for outcome in report.outcomes for file in outcome.files]
        for file in files:
            self._hand_on(file)
        return files[0].path if files else None

    def _hand_on(self, file: RecordedFile) -> None:
        if self._listener:
            self._listener.begin(file.path, file.start)
            self._listener.finish(file.path, file)


def _identify(recording: CardRecording) -> Key:
    return recording.entry.kind, recording.entry.start


def _plan_fetch(plan: WatchPlan) -> FetchPlan:
    folder = Path(plan.record or ".").absolute()
    return FetchPlan(
        output=f"{folder}/{TEMPLATE}.{plan.container}",
        folder=folder,
        container=plan.container,
    )


def _take_picture(clip: Path) -> bytes:
    from v380cli.sinks.pictures import read_first_picture

    try:
        return encode(read_first_picture(clip))
    except MediaError as error:
        log.warning("%s", error.message)
        return b""
