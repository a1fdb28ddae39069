"""When each block of a sound is due: in real time, whatever the source does."""

from v380cli.media.ima import BLOCK_SAMPLES

BLOCK_S = BLOCK_SAMPLES / 8000
LATE_S = 0.02  # what a busy machine makes of a moment; more is counted
# What is behind by less is sent at once, so that a hiccup costs no time. Nobody knows how much
# sound a camera holds, so after a longer pause of the source the rest keeps its distance.
CATCH_UP_S = 1.0


class Pace:
    """A fixed origin and a step of one block: errors of single moments do not add up."""

    def __init__(self, origin_s: float) -> None:
        self.late_blocks = 0
        self._origin_s = origin_s
        self._step = 0

    @property
    def due_s(self) -> float:
        """When the next block is to leave."""
        return self._origin_s + self._step * BLOCK_S

    def leave(self, now_s: float) -> None:
        """The next block leaves now."""
        behind_s = now_s - self.due_s
        self.late_blocks += behind_s > LATE_S
        if behind_s > CATCH_UP_S:
            self._step += int(behind_s / BLOCK_S)
        self._step += 1
