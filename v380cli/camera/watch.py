"""Whether a link brings pictures that can be recorded, and what keeps them away."""

from v380cli.camera.gaps import HOLE_S, NEVER_S
from v380cli.errors import NetworkTimeout, V380Error

# Media without a keyframe is no use; the longest interval that cameras offer is 10 s.
KEYFRAME_TIMEOUT_S = 20.0


class PictureWatch:
    """Watches one link after the other; moments are those of the monotonic clock.

    Silence is judged by pictures, not by media: sound may go on without them. The time that we
    take for writing is none of the camera's.
    """

    def __init__(self, silence_s: float) -> None:
        self._silence_s = silence_s
        self.awaits_keyframe = False  # whether there is a link that has brought no picture yet
        self._keyframe_due_s = NEVER_S
        self._picture_due_s = NEVER_S  # of a link that has brought one
        self._media_s = NEVER_S  # when media last came, of use or not
        # The longest write, and when it was over, since it was last caught up with.
        self._longest_write_s = self._written_s = 0.0
        self._unusable_frames = 0

    @property
    def due_s(self) -> float:
        """When to `check`."""
        return min(self._keyframe_due_s, self._picture_due_s)

    def open_link(self, now_s: float) -> None:
        """Expect a keyframe."""
        self.awaits_keyframe = True
        self._keyframe_due_s = now_s + KEYFRAME_TIMEOUT_S

    def close_link(self) -> None:
        """Expect nothing."""
        self.awaits_keyframe = False
        self._keyframe_due_s = self._picture_due_s = NEVER_S
        self._longest_write_s = 0.0

    def note_media(self, taken_s: float, written_s: float) -> None:
        """Media were taken, of use or not, and dealt with."""
        self._media_s = written_s
        if written_s - taken_s > self._longest_write_s:
            self._longest_write_s, self._written_s = written_s - taken_s, written_s

    def note_picture(
        self, now_s: float, captured_s: float, *, unusable_frames: int, has_backlog: bool
    ) -> None:
        """A picture was recorded, after so many frames in all that could not be."""
        self.awaits_keyframe = False
        self._keyframe_due_s = NEVER_S
        self._picture_due_s = now_s + self._silence_s
        self._unusable_frames = unusable_frames
        if captured_s > self._written_s and not has_backlog:
            self._longest_write_s = 0.0

    def check(self, now_s: float) -> None:
        """Raise NetworkTimeout when the link has not brought what was due."""
        if now_s >= self._keyframe_due_s:
            raise NetworkTimeout(f"the camera sent no keyframe for {KEYFRAME_TIMEOUT_S:g} s")
        if now_s >= self._picture_due_s:
            is_silent = now_s - self._media_s > self._silence_s / 2
            missing = "media" if is_silent else "usable picture"
            raise NetworkTimeout(f"no {missing} for {self._silence_s:g} s")

    def explain_hole(self, unusable_frames: int) -> str:
        """Why pictures were missing, over a link that held."""
        if self._longest_write_s > HOLE_S:
            return self._stall
        if unusable_frames > self._unusable_frames:
            return "the pictures could not be used"
        return "the camera sent no picture"

    def explain_loss(self, error: V380Error) -> V380Error:
        """Why a link was lost; a camera that nobody listened to for so long may have had enough."""
        if self._longest_write_s <= self._silence_s:
            return error
        return type(error)(f"{self._stall}, then: {error.message}", hint=error.hint)

    @property
    def _stall(self) -> str:
        return f"writing stood still for {self._longest_write_s:.1f} s"
