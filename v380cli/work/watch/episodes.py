"""What goes on before one camera: one event at a time, with the clip and the picture of it."""

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from v380cli.disk import write_whole
from v380cli.sinks.clip import ClipSink
from v380cli.work.watch.events import ENDS, Event

PICTURE_SUFFIX = ".jpg"

Tell = Callable[[Event], None]

log = logging.getLogger(__name__)


class Episodes:
    """Begins and ends events, which go to `tell`; any thread may do it.

    With `clips` each has one, which begins late where the stream comes up late. What begins less
    than `post_s` after the former is the same event; that is told again where it brings the first
    picture of it.
    """

    def __init__(self, tell: Tell, clips: ClipSink | None, post_s: float) -> None:
        self._tell, self._clips, self._post_s = tell, clips, post_s
        self._lock = threading.RLock()  # of what follows
        self._event: Event | None = None  # that goes on
        self._began_s = 0.0  # since when, on the monotonic clock
        self._end_s = float("inf")  # when it is over
        self._awaits_stream = False  # for the clip of it

    def begin(self, event: Event) -> None:
        """Begin it, or let what goes on last longer."""
        with self._lock:
            self._end_s = float("inf")
            if self._event is not None:
                self._add_picture(self._event, event.picture)
                return
            self._began_s = time.monotonic()
            clip = self._begin_clip(self._clips) if self._clips else None
            self._tell_picture(replace(event, clip=clip))

    def _begin_clip(self, clips: ClipSink) -> Path | None:
        was_ready = clips.is_ready
        clip = clips.begin()
        self._awaits_stream = clip is None and not was_ready
        return clip

    def _add_picture(self, event: Event, picture: bytes) -> None:
        if picture and not event.picture:
            self._tell_picture(replace(event, picture=picture))

    def _tell_picture(self, event: Event) -> None:
        snapshot = write_beside(event.clip, event.picture)
        self._event = replace(event, snapshot=snapshot)
        self._tell(self._event)

    def expect_end(self, **known: Any) -> None:
        """It is quiet; the event ends with its clip. `known` is what else its end tells."""
        with self._lock:
            if self._event is None:
                return
            duration_s = time.monotonic() - self._began_s
            self._event = replace(self._event, duration_s=duration_s, **known)
            self._end_s = time.monotonic() + self._post_s
        self.tick()

    def tick(self) -> None:
        """End the event whose time has come; to be called often."""
        with self._lock:
            self._begin_late_clip()
            if time.monotonic() >= self._end_s:
                self.end()

    def _begin_late_clip(self) -> None:
        if self._awaits_stream and self._event and self._clips and self._clips.is_ready:
            clip = self._begin_clip(self._clips)
            snapshot = write_beside(clip, self._event.picture)
            self._event = replace(self._event, clip=clip, snapshot=snapshot)

    def end(self) -> None:
        """End the event that there is."""
        with self._lock:
            event, self._event, self._end_s = self._event, None, float("inf")
            if event is None:
                return
            clip = self._clips.finish() if self._clips else None
            duration_s = event.duration_s
        self._tell(
            replace(
                event,
                name=ENDS[event.name],
                time=dt.datetime.now().astimezone(),
                clip=clip or event.clip,
                duration_s=time.monotonic() - self._began_s if duration_s is None else duration_s,
                picture=b"",
            )
        )


def write_beside(clip: Path | None, picture: bytes) -> Path | None:
    """The picture under the clip's name, where there are both."""
    if clip is None or not picture:
        return None
    path = clip.with_suffix(PICTURE_SUFFIX)
    try:
        write_whole(path, picture)
    except OSError as error:
        log.warning("cannot write %s: %s", path, error.strerror)
        return None
    return path
