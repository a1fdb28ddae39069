"""How many whole frames were lost: those seen to break off, and those that frame ids betray.

Nothing protects an id on its way, so a gap is believed when the next id bears it out.
"""

from collections import Counter, deque
from enum import Enum, auto
from typing import Final, Literal

from v380cli.wire.commands import LIVE_VIDEO_TYPES

# So many ids that are one more than the one before, and none in between that is less, make a
# numbering that gaps can be read from: those that follow, and those before. When nothing follows
# any more, fewer must do.
DENSE_AFTER = 8
LIKELY_AFTER = 3
REMEMBERED_IDS = 64
# A larger step is a restart of the numbering and not a loss: 10,000 frames are five minutes.
MAX_CREDIBLE_GAP = 10_000


class InDoubt(Enum):
    """The type of `IN_DOUBT`."""

    IN_DOUBT = auto()


IN_DOUBT: Final = InDoubt.IN_DOUBT


class IdSequence:
    """Frame ids of one numbering; whether a camera numbers all frames or each kind is unknown."""

    def __init__(self) -> None:
        self._last_id: int | None = None  # of those that are believed
        self._run = 0
        self._doubted_id: int | None = None  # of the frame after that
        self._unproven_ids: deque[int] = deque(maxlen=REMEMBERED_IDS)

    @classmethod
    def proven(cls, last_id: int) -> "IdSequence":
        """A numbering that gaps can be read from after `last_id`."""
        sequence = cls()
        sequence._last_id, sequence._run = last_id, DENSE_AFTER
        return sequence

    @property
    def is_proven(self) -> bool:
        """Whether gaps can be read from the ids."""
        return self._run >= DENSE_AFTER

    @property
    def is_likely(self) -> bool:
        """Whether it would be read if nothing followed."""
        return self._run >= LIKELY_AFTER

    def follow(self, frame_id: int) -> bool:
        """Take the id that is due, of a proven numbering without doubts; no for everything else."""
        if self._last_id != frame_id - 1 or self._doubted_id is not None or not self.is_proven:
            return False
        self._last_id = frame_id
        return True

    def advance(self, frame_id: int) -> int | Literal[InDoubt.IN_DOUBT] | None:
        """Take the next id; return how many are missing since the last number returned.

        None while ids cannot tell, IN_DOUBT when the next id will.
        """
        last, doubted = self._last_id, self._doubted_id
        if last is None or not self.is_proven:
            return self._learn(frame_id)
        step = frame_id - last
        if doubted is None:
            return self._believe(frame_id, 0) if step == 1 else self._doubt(frame_id)
        if last < doubted < frame_id and step <= MAX_CREDIBLE_GAP:
            return self._believe(frame_id, step - 2)
        if step in (1, 2):  # the doubted id was wrong, and took a number of its own or none
            return self._believe(frame_id, 0)
        if frame_id == doubted + 1 or not 0 < step <= MAX_CREDIBLE_GAP:
            self._last_id, self._doubted_id, self._run = None, None, 0
            self._learn(doubted)
            return self._learn(frame_id)
        self._last_id = last + 1  # the doubted id was wrong, and this one is no better yet
        return self._doubt(frame_id)

    def settle(self) -> int:
        """How many are missing before a last id that nothing will bear out any more."""
        if not self.is_proven:
            return self._look_back() if self.is_likely else 0
        if self._last_id is None or self._doubted_id is None:
            return 0
        step = self._doubted_id - self._last_id
        return self._believe(self._doubted_id, step - 1 if 0 < step <= MAX_CREDIBLE_GAP else 0)

    def _learn(self, frame_id: int) -> int | None:
        step = frame_id - self._last_id if self._last_id is not None else 0
        if not 0 < step <= MAX_CREDIBLE_GAP:
            self._run = 0
        self._run += step == 1
        self._last_id = frame_id
        self._unproven_ids.append(frame_id)
        return self._look_back() if self.is_proven else None

    def _look_back(self) -> int:
        """How many are missing among the ids so far: backwards they count down."""
        if not self._unproven_ids:
            return 0
        last, *before = reversed(self._unproven_ids)
        self._unproven_ids.clear()
        backwards = self.proven(-last)
        missing = 0
        for frame_id in before:
            step = backwards.advance(-frame_id)
            if step is None:
                break
            missing += 0 if step is IN_DOUBT else step
        return missing + backwards.settle()

    def _believe(self, frame_id: int, missing: int) -> int:
        self._last_id, self._doubted_id = frame_id, None
        return missing

    def _doubt(self, frame_id: int) -> Literal[InDoubt.IN_DOUBT]:
        self._doubted_id = frame_id
        return IN_DOUBT


class FrameLedger:
    """Counts lost frames without counting one twice.

    Of the numbering of all frames and that of each kind, the one that is proven first is read
    until it is proven no more.
    """

    def __init__(self) -> None:
        self._settled = 0
        # By "is video": since the last frame that came whole, and whose id told something.
        self._broken = Counter[bool]()
        self._shared = IdSequence()
        self._own = _make_numberings()

    @property
    def dropped_frames(self) -> int:
        return self._settled + sum(self._broken.values())

    def note_broken(self, frame_type: int) -> None:
        """A frame was seen and could not be completed."""
        self._broken[frame_type in LIVE_VIDEO_TYPES] += 1

    def note_whole(self, frame_id: int, frame_type: int) -> None:
        """A frame came whole: settle what was lost before it."""
        is_video = frame_type in LIVE_VIDEO_TYPES
        own = self._own[is_video]
        # What seemed to break is not missing from a numbering that goes on.
        if self._shared.follow(frame_id):
            self._broken.clear()
        elif own.follow(frame_id):
            self._broken.pop(is_video, 0)
        else:
            self._settle_before(frame_id, is_video)

    def _settle_before(self, frame_id: int, is_video: bool) -> None:
        """The same for an id that is not the one due."""
        own = self._own[is_video]
        if any(numbering.is_proven for numbering in self._own.values()):
            self._advance(own, frame_id, (is_video,))
            return
        self._advance(self._shared, frame_id, (True, False))
        if self._shared.is_proven:
            self._own = _make_numberings()
            return
        self._advance(own, frame_id, (is_video,))
        if own.is_proven:
            self._shared = IdSequence()

    def settle(self) -> None:
        """No frame comes any more."""
        numberings = [self._shared] if self._shared.is_likely else self._own.values()
        missing = sum(numbering.settle() for numbering in numberings)
        self._settled += max(0, missing - sum(self._broken.values()))

    def _advance(self, numbering: IdSequence, frame_id: int, kinds: tuple[bool, ...]) -> None:
        was_proven = numbering.is_proven
        missing = numbering.advance(frame_id)
        if missing is None or missing is IN_DOUBT:
            return
        seen = sum(self._broken.pop(kind, 0) for kind in kinds)
        # The proof tells nothing of what broke before the first id.
        self._settled += missing if was_proven else max(missing, seen)


def _make_numberings() -> dict[bool, IdSequence]:
    return {True: IdSequence(), False: IdSequence()}
