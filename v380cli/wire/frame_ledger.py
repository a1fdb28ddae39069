"""How many whole frames were lost: those seen to break off, and those that frame ids betray."""

from v380cli.wire.commands import VIDEO_TYPES

# So many ids in a row, each one more than the last, make a numbering that gaps can be read from.
DENSE_AFTER = 8
# A larger step is a restart of the numbering and not a loss: 10,000 frames are five minutes.
MAX_CREDIBLE_GAP = 10_000


class IdSequence:
    """Frame ids of one numbering; whether a camera numbers all frames or each kind is unknown."""

    def __init__(self) -> None:
        self._last_id: int | None = None
        self._run = 0

    def advance(self, frame_id: int) -> int | None:
        """Take the next id; return how many are missing before it, None while ids cannot tell."""
        step = frame_id - self._last_id if self._last_id is not None else 0
        self._last_id = frame_id
        is_dense = self._run >= DENSE_AFTER and 0 < step <= MAX_CREDIBLE_GAP
        if step == 1:
            self._run += 1
        elif not is_dense:
            self._run = 0
        return step - 1 if is_dense else None


class FrameLedger:
    """Counts lost frames without counting one twice."""

    def __init__(self) -> None:
        self._settled = 0
        self._broken = {True: 0, False: 0}  # by "is video", since the last frame that came whole
        self._shared = IdSequence()
        self._own = {True: IdSequence(), False: IdSequence()}

    @property
    def dropped_frames(self) -> int:
        return self._settled + sum(self._broken.values())

    def note_broken(self, frame_type: int) -> None:
        """A frame was seen and could not be completed."""
        self._broken[frame_type in VIDEO_TYPES] += 1

    def note_whole(self, frame_id: int, frame_type: int) -> None:
        """A frame came whole: settle what was lost before it."""
        is_video = frame_type in VIDEO_TYPES
        missing_of_all = self._shared.advance(frame_id)
        missing_of_kind = self._own[is_video].advance(frame_id)
        if missing_of_all is not None:
            self._settled += missing_of_all
            self._broken = {True: 0, False: 0}
            return
        self._settled += self._broken[is_video] if missing_of_kind is None else missing_of_kind
        self._broken[is_video] = 0
