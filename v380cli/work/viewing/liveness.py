"""Whether a picture shows what is, or what was."""

from v380cli.camera.recorder import Recorder
from v380cli.camera.recorder_state import RecorderState

STALE_S = 2.0  # a picture older than this shows what was, not what is
LIVE = "live"


class Liveness:
    """Looks at a running recorder now and then."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._frames, self._frame_s = 0, 0.0  # what has come, and when the last of it

    def describe(self, now_s: float, *, has_picture: bool) -> str:
        """LIVE, or what is wrong and since when."""
        if self._recorder.video_frames != self._frames:
            self._frames, self._frame_s = self._recorder.video_frames, now_s
        state, age_s = self._recorder.state, now_s - self._frame_s
        if not has_picture:
            return state
        if state is RecorderState.RECORDING:
            return LIVE if age_s < STALE_S else f"no picture for {age_s:.0f} s"
        return f"{state}, for {age_s:.0f} s"
