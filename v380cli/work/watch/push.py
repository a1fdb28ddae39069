"""The alarms that cameras post to their maker, taken at home (experimental).

The owner lets his router answer `alarmserverlist.av380.net` with this machine. A camera asks there
where alarms go, is told: here, and posts them. Nobody has tried this on a real camera here.
"""

import datetime as dt
import json
import logging
import re
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from v380cli.camera.interrupt import Interrupt
from v380cli.camera.recorder import Recorder
from v380cli.errors import RemoteProtocolError, StorageError, V380Error
from v380cli.models import Device, Quality
from v380cli.sinks.segmented import FileListener
from v380cli.store.alarm_samples import keep_sample
from v380cli.wire.alarm_post import (
    ALARM_PATH,
    LIST_PATHS,
    REFUSED,
    TAKEN,
    AlarmPost,
    describe_body,
    encode_answer,
    encode_server_list,
    parse_alarm,
)
from v380cli.work.watch.episodes import Episodes, Tell
from v380cli.work.watch.events import Event, EventName
from v380cli.work.watch.link_news import LinkNews
from v380cli.work.watch.picture import make_clip_sink, make_recorder
from v380cli.work.watch.plan import WatchPlan
from v380cli.work.watch.source import Source
from v380cli.work.watch.watcher import Watched

if TYPE_CHECKING:
    from v380cli.net.post_receiver import Post

REMEMBERED = 64  # alarms of a camera, which it may post again
# The headers that tell how a camera posts; the others may tell whose it is.
SHOWN_HEADERS = ("content-type", "content-length", "transfer-encoding", "user-agent", "expect")

API = "/api/"  # what cameras ask their maker for; newer ones may for more than is known
NUMBER = re.compile(r"[0-9]{3,}")  # in a path, that may be an id

log = logging.getLogger(__name__)


class PushWatch:
    """Waits for one camera's alarms; where there are clips its stream is open meanwhile."""

    def __init__(
        self, device: Device, plan: WatchPlan, tell: Tell, listener: FileListener | None
    ) -> None:
        self._device, self._plan = device, plan
        clips = make_clip_sink(device, plan, listener) if plan.record else None
        self._episodes, self._news = Episodes(tell, clips, plan.post_s), LinkNews(tell)
        self.main: Recorder | None = None
        if clips:
            self.main = make_recorder(device, clips, Quality.HD, plan)
            self.main.listen_to(self._news.hear)
        self._interrupt = self.main.access.interrupt if self.main else Interrupt()
        self._told: deque[tuple[int, int, bool]] = deque(maxlen=REMEMBERED)

    @property
    def device(self) -> Device:
        """The camera where it was seen last."""
        return self.main.device if self.main else self._device

    def stop(self) -> None:
        """End soon."""
        self._interrupt.request()

    def fail(self, error: V380Error) -> Watched:
        return Watched(self.device, error)

    def tick(self) -> None:
        """End the alarm whose time has come."""
        self._episodes.tick()

    def run(self) -> Watched:
        """Wait until it is stopped, or its time is over."""
        end_s = time.monotonic() + self._plan.duration_s
        try:
            error = self.main.run().error if self.main else None
            while not (error or self._interrupt()) and time.monotonic() < end_s:
                self._interrupt.wait(end_s - time.monotonic())
        finally:
            self._episodes.end()
        return Watched(self.device, error)

    def take(self, alarm: AlarmPost) -> None:
        """An alarm of this camera; one that it posts again is none."""
        key = alarm.number, alarm.time, bool(alarm.picture)
        if key in self._told:
            return
        self._told.append(key)
        now = dt.datetime.now().astimezone()  # the camera's clock may be anything
        self._episodes.begin(
            Event(
                name=EventName.ALARM,
                device=self.device,
                time=now,
                start=now,
                source=Source.PUSH,
                reason=alarm.kind_name,
                picture=alarm.picture,
            )
        )
        self._episodes.expect_end()


class AlarmDesk:
    """Answers what cameras post; for the thread of a `PostReceiver`."""

    def __init__(self, watches: Sequence[PushWatch]) -> None:
        self._watches = {watch.device.device_id: watch for watch in watches}
        self._strangers: set[int] = set()

    def answer(self, post: "Post") -> bytes:
        """The JSON that the camera is told; empty for a path that is not known."""
        if post.path.startswith(API):
            _keep(post)
        if post.path in LIST_PATHS:
            return encode_server_list(post.host, post.port)
        if post.path != ALARM_PATH:
            return b""
        try:
            alarm = parse_alarm(post.body)
        except RemoteProtocolError as error:
            log.warning("%s was posted, and is not heeded", error.message)
            return encode_answer(REFUSED)
        self._hand_on(alarm)
        return encode_answer(TAKEN)

    def _hand_on(self, alarm: AlarmPost) -> None:
        if watch := self._watches.get(alarm.device_id):
            watch.take(alarm)
        elif len(self._strangers) < REMEMBERED and alarm.device_id not in self._strangers:
            self._strangers.add(alarm.device_id)
            log.warning("alarms of camera %d, which is not watched", alarm.device_id)


def _keep(post: "Post") -> None:
    """Keep the first ones for a report, without what tells whose they are."""
    try:
        keep_sample(json.dumps(_describe(post)))
    except StorageError as error:
        log.info("%s", error.message)


def _describe(post: "Post") -> Mapping[str, object]:
    headers = {name: post.headers[name][:80] for name in SHOWN_HEADERS if name in post.headers}
    path = NUMBER.sub("N", post.path)[:80]
    return {"path": path, "headers": headers, "body": describe_body(post.body)}
