"""Holds a camera's clock to the time of arrival where the clock runs at a false rate.

A crystal is wrong by a second in hours, and a link is late by seconds, but never early: what came
with the least delay within some seconds tells the rate of the clock. It is left alone until it has
led astray by more than a link would; from then on time is stretched, smoothly, for both tracks
alike, so that they stay in step.
"""

import math
from typing import NamedTuple

WINDOW_S = 10.0
MIN_PACKETS = 20  # of a window that tells something
TOLERANCE_MS = 700
# An error is made up for within about this time, and never by more than half of the speed.
HORIZON_MS = 20_000
MAX_HASTE = 0.5
MIN_SPEED, MAX_SPEED = 0.1, 10.0


class _Moment(NamedTuple):
    """When a packet was stamped, and when it came."""

    position_ms: float
    arrival_ms: float

    @property
    def lead_ms(self) -> float:
        return self.position_ms - self.arrival_ms


class _Stretch(NamedTuple):
    """From `begin_ms` of the camera's time on: `pts = pts_ms + rate * (position - begin_ms)`."""

    begin_ms: float
    pts_ms: float
    rate: float

    def place(self, position_ms: float) -> float:
        return self.pts_ms + self.rate * (position_ms - self.begin_ms)


class Pace:
    """Maps positions by the camera's clock to positions by ours; the same until that is needed."""

    def __init__(self) -> None:
        self._present = self._before = _Stretch(0, 0, 1)
        self._is_steering = False
        self._start_ms: float | None = None  # by the clock of arrival
        self._lead_ms: float | None = None  # that the recording began with
        self._furthest_ms = 0.0
        self._window_end_ms = 0.0
        self._packets = 0
        self._best = _Moment(0, 0)  # of the present window, and of the one before
        self._best_lead_ms = -math.inf
        self._best_before: _Moment | None = None

    def place(self, position_ms: int, arrival_s: float) -> float:
        """Return the time of a packet that the camera's clock puts at this position."""
        arrival_ms = arrival_s * 1000
        if self._start_ms is None:
            self._start_ms = arrival_ms
            self._window_end_ms = arrival_ms + WINDOW_S * 1000
        lead_ms = position_ms - arrival_ms
        if lead_ms > self._best_lead_ms:
            self._best, self._best_lead_ms = _Moment(position_ms, arrival_ms), lead_ms
        self._furthest_ms = max(self._furthest_ms, position_ms)
        self._packets += 1
        if arrival_ms >= self._window_end_ms:
            self._end_window(arrival_ms)
        return self._place(position_ms) if self._is_steering else position_ms

    def _place(self, position_ms: float) -> float:
        is_present = position_ms >= self._present.begin_ms
        return (self._present if is_present else self._before).place(position_ms)

    def _end_window(self, now_ms: float) -> None:
        if self._packets >= MIN_PACKETS:
            self._judge(now_ms)
        self._packets, self._best_lead_ms = 0, -math.inf
        self._window_end_ms = now_ms + WINDOW_S * 1000

    def _judge(self, now_ms: float) -> None:
        """Look at a window that is over, beside the one before it."""
        best, before = self._best, self._best_before
        self._best_before = best
        if before is None or best.arrival_ms <= before.arrival_ms:
            return
        passed_ms = best.arrival_ms - before.arrival_ms
        speed = (best.position_ms - before.position_ms) / passed_ms
        speed = min(max(speed, MIN_SPEED), MAX_SPEED)
        if self._lead_ms is None:
            # What was sent at once in the beginning is a lead, what came since then is the rate.
            assert self._start_ms is not None
            self._lead_ms = before.lead_ms - (speed - 1) * (before.arrival_ms - self._start_ms)
        error_ms = self._place(best.position_ms) - best.arrival_ms - self._lead_ms
        error_ms += (speed * self._present.rate - 1) * (now_ms - best.arrival_ms)
        if self._is_steering or abs(error_ms) > TOLERANCE_MS:
            self._steer(speed, error_ms)

    def _steer(self, speed: float, error_ms: float) -> None:
        haste = min(max(-error_ms / HORIZON_MS, -MAX_HASTE), MAX_HASTE)
        begin_ms = self._furthest_ms
        self._before, self._present = (
            self._present,
            _Stretch(begin_ms, self._place(begin_ms), (1 + haste) / speed),
        )
        self._is_steering = True
