"""Events on their way to somebody who may be slow or away: nobody else waits for that."""

import logging
import threading
import time
from collections import deque
from dataclasses import replace
from typing import Protocol

from v380cli.camera.retry import BackOff
from v380cli.errors import Bug, V380Error
from v380cli.work.watch.events import Event

# A webhook that is down for a night, of cameras that see something every minute; and as many
# pictures of 30 kB as have a place in memory.
MAX_EVENTS, MAX_PICTURES = 10_000, 500
MAX_AGE_S = 12 * 3600.0

log = logging.getLogger(__name__)


class Unwanted(V380Error):
    """The other side will not have an event, now or later."""

    code = "event_unwanted"


class Teller(Protocol):
    """Tells events to somebody: a file, a program, a server."""

    name: str  # in the log
    retries: bool  # whether what could not be told is tried again
    wants_pictures: bool

    def tell(self, event: Event) -> None:
        """Tell one event; raises V380Error, Unwanted where a new attempt is no use."""

    def close(self) -> None:
        """Leave; ends a `tell` that is under way in another thread."""


class Outbox:
    """Tells events in order, in a thread of its own; `post` never waits.

    What is too old or too much is dropped, the oldest first, counted and told.
    """

    def __init__(
        self, teller: Teller, *, max_events: int | None = None, max_age_s: float = MAX_AGE_S
    ) -> None:
        self.dropped = 0
        self._teller = teller
        self._max_events = max_events or (MAX_PICTURES if teller.wants_pictures else MAX_EVENTS)
        self._max_age_s = max_age_s
        self._waiting: deque[tuple[float, Event]] = deque()
        self._changed = threading.Condition()
        self._is_closing = self._is_telling = self._is_down = False
        self._back_off = BackOff()
        self._thread = threading.Thread(target=self._run, name=f"tell-{teller.name}", daemon=True)
        self._thread.start()

    def post(self, event: Event) -> None:
        """Have an event told as soon as may be."""
        event = event if self._teller.wants_pictures else replace(event, picture=b"")
        with self._changed:
            if len(self._waiting) >= self._max_events:
                self._waiting.popleft()
                self._drop("too many wait")
            self._waiting.append((time.monotonic(), event))
            self._changed.notify_all()

    def close(self, grace_s: float) -> None:
        """Take nothing more; what cannot be told within this time is dropped."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._waiting or self._is_telling), grace_s)
            self._is_closing = True
            self._changed.notify_all()
        self._teller.close()
        self._thread.join()
        if self._waiting:
            self.dropped += len(self._waiting)
            log.warning("%s: %d events were never told", self._teller.name, len(self._waiting))

    def _run(self) -> None:
        while entry := self._take():
            pause_s = self._tell(*entry)
            with self._changed:
                self._is_telling = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._is_closing, pause_s)

    def _take(self) -> tuple[float, Event] | None:
        """Wait for the next; None when nothing is told any more."""
        with self._changed:
            while not self._is_closing:
                while self._waiting and time.monotonic() - self._waiting[0][0] > self._max_age_s:
                    self._waiting.popleft()
                    self._drop("it waited too long")
                if self._waiting:
                    self._is_telling = True
                    return self._waiting.popleft()
                self._changed.wait()
        return None

    def _tell(self, posted_s: float, event: Event) -> float:
        """Tell one; how long to wait before the next."""
        try:
            self._teller.tell(event)
        except Unwanted as error:
            self._drop(error.message)
        except V380Error as error:
            return self._note_failure(posted_s, event, error)
        except Exception as crash:  # ours: the others are told all the same
            log.error("%s: %s", self._teller.name, type(crash).__name__, exc_info=crash)
            self._drop(Bug(crash).message)
        if self._is_down:
            log.warning("%s: works again", self._teller.name)
            self._is_down = False
            self._back_off.reset()
        return 0.0

    def _note_failure(self, posted_s: float, event: Event, error: V380Error) -> float:
        if not self._teller.retries:
            self._drop(error.message)
            return 0.0
        if not self._is_down:
            log.warning("%s: %s; its events wait", self._teller.name, error.message)
            self._is_down = True
        with self._changed:
            self._waiting.appendleft((posted_s, event))
        return self._back_off.next_pause_s(error)

    def _drop(self, reason: str) -> None:
        self.dropped += 1
        log.warning("%s: an event was not told: %s", self._teller.name, reason)
