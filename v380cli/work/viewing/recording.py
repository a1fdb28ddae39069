"""One recording on a screen: the picture, where it is, and keys to go elsewhere in it."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

from v380cli.camera.player import PlayState, RecordingPlayer
from v380cli.camera.recordings import CardReader, CardRecording
from v380cli.sinks.screen.scene import Scene, Screen
from v380cli.text import format_clock
from v380cli.work.viewing.loop import ScreenLoop
from v380cli.work.viewing.saved_pictures import SavedPictures

STEP_S, STRIDE_S = 10.0, 60.0
SKIPS = {
    **dict.fromkeys(("left", "h"), -STEP_S),
    **dict.fromkeys(("right", "l"), STEP_S),
    **dict.fromkeys(("down", "j"), -STRIDE_S),
    **dict.fromkeys(("up", "k"), STRIDE_S),
}


class RecordingView(ScreenLoop):
    """Shows one recording to its end; no sound."""

    KEYS: ClassVar = (
        {
            "space": "pause, and go on",
            "left, right": "10 s back, on",
            "down, up": "a minute back, on",
            "s": "save this picture",
        },
    )

    def __init__(
        self,
        screen: Screen,
        reader: CardReader,
        recording: CardRecording,
        *,
        start_s: float = 0.0,
        greeting: str = "",
    ) -> None:
        super().__init__(screen, greeting=greeting)
        self.saved = SavedPictures(reader.device)
        self._device, self._recording = reader.device, recording
        self._player = RecordingPlayer(reader, recording, self.pictures, start_s)

    def run(self) -> None:
        """Play until the end, `stop`, a key or a closed window. Raises as `RecordingPlayer.run`."""
        with ThreadPoolExecutor(1, "card") as pool:
            playing = pool.submit(self._player.run)
            try:
                self.show_while(lambda: not playing.done())
            finally:
                self._player.stop()
        playing.result()

    def press(self, key: str) -> str:
        if step_s := SKIPS.get(key):
            self._player.skip(step_s)
        elif key == "space":
            self._player.toggle_pause()
        elif key == "s" and self.picture:
            return self.saved.save(self.picture, self._find_moment())
        return ""

    def compose(self, now_s: float) -> Scene:
        state, position_s = self._player.state, self._player.position_s
        duration_s = self._recording.duration_s
        words = (
            self._device.label,
            f"{self._find_moment():%Y-%m-%d %H:%M:%S}",
            f"{format_clock(position_s)}/{format_clock(duration_s)}",
            state,
        )
        return Scene(is_live=state is not PlayState.LOADING, status="  ".join(words))

    def _find_moment(self) -> dt.datetime:
        """When what is shown was recorded."""
        position_s = min(self._player.position_s, self._recording.duration_s)
        return self._recording.start + dt.timedelta(seconds=position_s)
