"""From a camera's clock to presentation times that only grow.

A camera's timestamps are milliseconds of a clock that jumps when the camera sets it, starts again
at a reboot, wraps, and on some firmware stalls (PROTOCOL.md, section 11). Audio and video are
stamped by the same clock, so both must take every jump alike, although their packets cross it at
different moments.
"""

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from v380cli.media.pace import Pace
from v380cli.media.sink import Track

BACKWARD_TOLERANCE_MS = 500  # stamping jitter, and video frames queued behind audio
FORWARD_TOLERANCE_MS = 2000  # a burst of lost frames is a gap, not a jump of the clock
# A packet that lies further than this from where it belongs is not believed until as many stamps in
# a row agree: a header damaged on the way has put single packets hours off.
DOUBT_MS = 400
BELIEVED_STAMPS = 3
# A track follows the other over a jump within a few packets; older epochs are nobody's.
MAX_EPOCHS = 8


@dataclass(frozen=True, slots=True)
class _Epoch:
    """A stretch of the camera's clock without a jump: pts = timestamp - offset."""

    number: int
    offset_ms: int


class _Doubt(NamedTuple):
    """So many packets in a row, up to this one, have stamps that agree with each other alone."""

    timestamp_ms: int
    arrival_s: float
    stamps: int


@dataclass(slots=True)
class _TrackState:
    """Where a track stands; `sound_*` is its last packet whose timestamp had moved on.

    `mapped_ms` is the PTS that was returned, which differs where the camera's clock is paced.
    """

    epoch: _Epoch
    timestamp_ms: int
    pts_ms: int
    arrival_s: float
    position_ms: float
    sound_pts_ms: int
    sound_arrival_s: float
    mapped_ms: int = -1
    doubt: _Doubt | None = None


class Timeline:
    """One time base for the tracks of a recording, in milliseconds since its first packet.

    A timestamp is believed as long as it moves like the wall clock or slower, give or take the
    tolerances above. A packet with another one is put behind the one before it; where the stamps
    stay like that they open an epoch: a new offset, so chosen that the packet follows the track's
    last one. The other track joins that epoch with its own first packets after the jump, so that
    audio and video stay exactly as far apart as the camera stamped them. A clock that runs at a
    false rate is held to the time of arrival.
    """

    def __init__(self) -> None:
        self._epochs: deque[_Epoch] = deque(maxlen=MAX_EPOCHS)
        self._tracks: dict[Track, _TrackState] = {}
        self._pace = Pace()

    def map(self, track: Track, timestamp_ms: int, arrival_s: float, nominal_ms: float) -> int:
        """Return the PTS of a packet; it grows strictly per track and is 0 for the first packet.

        `arrival_s` is the receiver's monotonic clock, `nominal_ms` the usual distance to the
        track's packet before this one. The second track starts wherever the clock puts it.
        """
        state = self._tracks.get(track)
        if state is None:
            state = self._tracks[track] = self._start_track(timestamp_ms, arrival_s, nominal_ms)
        else:
            if timestamp_ms == state.timestamp_ms:
                _advance_stalled(state, arrival_s, nominal_ms)
            else:
                self._advance(state, timestamp_ms, arrival_s, nominal_ms)
            state.arrival_s = arrival_s
        mapped_ms = round(self._pace.place(state.pts_ms, arrival_s))
        if mapped_ms <= state.mapped_ms:
            mapped_ms = state.mapped_ms + 1
        state.mapped_ms = mapped_ms
        return mapped_ms

    def _start_track(self, timestamp_ms: int, arrival_s: float, nominal_ms: float) -> _TrackState:
        if not self._tracks:
            return _place(self._open_epoch(timestamp_ms), timestamp_ms, 0, arrival_s)
        other = max(self._tracks.values(), key=lambda state: state.arrival_s)
        elapsed_ms = (arrival_s - other.arrival_s) * 1000
        # The tracks leave the camera through different queues: neither is late or early by right.
        low, high = other.pts_ms - FORWARD_TOLERANCE_MS, other.pts_ms + elapsed_ms
        for epoch in reversed(self._epochs):
            pts_ms = timestamp_ms - epoch.offset_ms
            if low <= pts_ms <= high + FORWARD_TOLERANCE_MS:
                return _place(epoch, timestamp_ms, max(pts_ms, 0), arrival_s)
        pts_ms = other.pts_ms + round(max(nominal_ms, elapsed_ms))
        state = _place(self._epochs[-1], timestamp_ms, pts_ms, arrival_s)
        state.doubt = _Doubt(timestamp_ms, arrival_s, 1)
        return state

    def _advance(
        self, state: _TrackState, timestamp_ms: int, arrival_s: float, nominal_ms: float
    ) -> None:
        elapsed_ms = (arrival_s - state.arrival_s) * 1000
        earliest = state.pts_ms + nominal_ms
        latest = state.pts_ms + max(nominal_ms, elapsed_ms)
        epoch: _Epoch | None = state.epoch
        is_near = earliest - DOUBT_MS <= timestamp_ms - state.epoch.offset_ms <= latest + DOUBT_MS
        if not is_near or epoch is not self._epochs[-1]:  # else there is no nearer one
            epoch, distance_ms = self._find_epoch(state, timestamp_ms, earliest, latest)
            is_doubtful = distance_ms > DOUBT_MS
            if is_doubtful and not _is_confirmed(state, timestamp_ms, arrival_s, nominal_ms):
                _advance_stalled(state, arrival_s, nominal_ms)
                return
            if epoch is None or is_doubtful:
                epoch = self._open_epoch(timestamp_ms - round(latest))
        state.doubt = None
        state.epoch = epoch
        state.timestamp_ms = timestamp_ms
        state.pts_ms = max(timestamp_ms - epoch.offset_ms, state.pts_ms + 1)
        state.position_ms = state.sound_pts_ms = state.pts_ms
        state.sound_arrival_s = arrival_s

    def _find_epoch(
        self, state: _TrackState, timestamp_ms: int, earliest: float, latest: float
    ) -> tuple[_Epoch | None, float]:
        """The track's epoch or a newer one, whichever puts the packet closest to where it belongs.

        And how far from there that is, in milliseconds.

        Closest, because a jump about as large as a tolerance is plausible to one track and not to
        the other; going by plausibility alone would keep them apart from then on.
        """
        newest_pts_ms = max(other.pts_ms for other in self._tracks.values())
        low = state.pts_ms - BACKWARD_TOLERANCE_MS
        # A hole in one track that the other has passed in the same epoch is not a jump.
        latest = max(latest, newest_pts_ms)
        high = latest + FORWARD_TOLERANCE_MS
        best: _Epoch | None = None
        best_distance = float("inf")
        for epoch in self._epochs:
            pts_ms = timestamp_ms - epoch.offset_ms
            if epoch.number < state.epoch.number or not low <= pts_ms <= high:
                continue
            distance = max(earliest - pts_ms, pts_ms - latest, 0)
            if distance < best_distance:
                best, best_distance = epoch, distance
        return best, best_distance

    def _open_epoch(self, offset_ms: int) -> _Epoch:
        number = self._epochs[-1].number + 1 if self._epochs else 0
        self._epochs.append(_Epoch(number, offset_ms))
        return self._epochs[-1]


def _place(epoch: _Epoch, timestamp_ms: int, pts_ms: int, arrival_s: float) -> _TrackState:
    return _TrackState(epoch, timestamp_ms, pts_ms, arrival_s, pts_ms, pts_ms, arrival_s)


def _is_confirmed(
    state: _TrackState, timestamp_ms: int, arrival_s: float, nominal_ms: float
) -> bool:
    """Whether enough stamps in a row say what this one says, which is noted."""
    stamps = 1
    if doubt := state.doubt:
        step_ms = timestamp_ms - doubt.timestamp_ms
        elapsed_ms = (arrival_s - doubt.arrival_s) * 1000
        agrees = -DOUBT_MS <= step_ms <= max(nominal_ms, elapsed_ms) + DOUBT_MS
        stamps = doubt.stamps + 1 if agrees else 1
    state.doubt = _Doubt(timestamp_ms, arrival_s, stamps)
    return stamps >= BELIEVED_STAMPS


def _advance_stalled(state: _TrackState, arrival_s: float, nominal_ms: float) -> None:
    """Count on without a clock: by the nominal distance, and not behind the wall clock.

    The fraction is kept, since rounding 66.67 ms to 66 costs half a minute in an hour.
    """
    wall_ms = state.sound_pts_ms + (arrival_s - state.sound_arrival_s) * 1000
    position_ms = state.position_ms + nominal_ms
    if wall_ms - position_ms > BACKWARD_TOLERANCE_MS:
        position_ms = wall_ms
    state.position_ms = position_ms
    state.pts_ms = max(round(position_ms), state.pts_ms + 1)
