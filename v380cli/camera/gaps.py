"""What is missing of a recording: from when to when, and why."""

import datetime as dt
import time

from v380cli.models import Gap, Newest

# What a camera leaves out when its Wi-Fi is slow is up to a keyframe interval; less is counted in
# frames. It is not a gap where pictures come seldom anyway.
HOLE_S = 2.0
UNUSUAL_TIMES = 4
CAUGHT_UP_S = 1.0

NEVER_S = float("inf")


class CaptureClock:
    """When media were captured, on our monotonic clock.

    That is when they arrive. But media that have waited in a buffer, because the disk or this
    program stood still, arrive in a burst: of those the camera's stamps say how far apart they are.
    """

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """A new link begins: nothing has waited, and the stamps may be others."""
        self._arrival_s = self._captured_s = NEVER_S
        self._stamp_ms = 0
        self._stamps_ms: dict[str, int] = {}  # the last one of each kind
        # What was captured and stamped last before media that have waited: those that come now.
        self.backlog: tuple[float, int] | None = None

    def place(self, kind: str, stamp_ms: int, arrival_s: float) -> float:
        """When this was captured, which comes next."""
        if self.backlog is None and arrival_s - self._arrival_s > HOLE_S:
            self.backlog = self._captured_s, self._stamp_ms
        if self.backlog is None:
            self._captured_s = arrival_s
        else:
            self._captured_s = self._find_moment(self.backlog, kind, stamp_ms, arrival_s)
        self._arrival_s, self._stamp_ms = arrival_s, stamp_ms
        self._stamps_ms[kind] = stamp_ms
        return self._captured_s

    def _find_moment(
        self, backlog: tuple[float, int], kind: str, stamp_ms: int, arrival_s: float
    ) -> float:
        before_s, before_ms = backlog
        captured_s = min(before_s + (stamp_ms - before_ms) / 1000, arrival_s)
        is_stamped = stamp_ms > self._stamps_ms.get(kind, before_ms)
        if is_stamped and captured_s < arrival_s - CAUGHT_UP_S:
            return captured_s
        self.backlog = None
        return captured_s if is_stamped else arrival_s


class PictureTimes:
    """When the pictures of a recording were captured; `last_s` is that of the last one."""

    def __init__(self) -> None:
        self.last_s = NEVER_S
        self._steps_s = (0.0, 0.0)  # the last distances of pictures; the shorter one is usual

    def note(self, captured_s: float) -> float:
        """Note a picture; returns how much is missing before it, 0 if nothing is."""
        distance_s = captured_s - self.last_s
        if distance_s < 0:
            distance_s = 0.0
        self.last_s = captured_s
        hole_s = distance_s if distance_s > HOLE_S and self._is_unusual(distance_s) else 0.0
        self._steps_s = self._steps_s[1], distance_s
        return hole_s

    def measure_hole(self, until_s: float) -> float:
        """How much is missing from the last picture to that moment, 0 if nothing is."""
        distance_s = until_s - self.last_s
        return distance_s if distance_s > HOLE_S and self._is_unusual(distance_s) else 0.0

    def _is_unusual(self, distance_s: float) -> bool:
        return distance_s > UNUSUAL_TIMES * min(self._steps_s)


class GapList:
    """The gaps of a recording, and the one that is not over yet; moments are monotonic."""

    def __init__(self) -> None:
        self.gaps: Newest[Gap] = Newest()
        self.longest: Gap | None = None
        self.total_s = 0.0
        self._since_s = NEVER_S
        self._reason = ""

    @property
    def is_open(self) -> bool:
        return self._since_s != NEVER_S

    def begin(self, since_s: float, reason: str) -> None:
        """Nothing was written since then; the reason of a gap is the first that is told."""
        if not self.is_open:
            self._since_s, self._reason = since_s, reason

    def end(self, until_s: float) -> Gap:
        """The open gap is over."""
        gap = self.add(self._since_s, until_s, self._reason)
        self._since_s = NEVER_S
        return gap

    def add(self, since_s: float, until_s: float, reason: str) -> Gap:
        """Note one that is over already."""
        ago = dt.timedelta(seconds=time.monotonic() - since_s)
        start = dt.datetime.now().astimezone() - ago
        gap = Gap(start=start, duration_s=round(max(0.0, until_s - since_s), 3), reason=reason)
        self.gaps.note(gap)
        self.total_s += gap.duration_s
        if self.longest is None or gap.duration_s > self.longest.duration_s:
            self.longest = gap
        return gap
