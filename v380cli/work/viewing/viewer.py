"""The live viewer: a recorder that runs beside, and what the keys do."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ClassVar

from v380cli.camera.recorder import Recorder, RecordOptions
from v380cli.camera.recording import Recording
from v380cli.models import Device, Quality
from v380cli.sinks.screen.scene import Scene, Screen
from v380cli.sinks.tee import TeeSink
from v380cli.work.targets import reach
from v380cli.work.viewing import controls, files, sound
from v380cli.work.viewing.controls import ControlKeys
from v380cli.work.viewing.files import ViewFiles
from v380cli.work.viewing.liveness import LIVE, Liveness
from v380cli.work.viewing.loop import LOOK_S, ScreenLoop
from v380cli.work.viewing.sound import ViewSound


class Viewer(ScreenLoop):
    """Shows one camera. The recorder runs in a thread of its own, the screen in that of `run`."""

    KEYS: ClassVar = (controls.HELP, sound.HELP, files.HELP)

    def __init__(
        self, device: Device, screen: Screen, *, quality: Quality, fps: float, greeting: str = ""
    ) -> None:
        super().__init__(screen, fps=fps, greeting=greeting)
        tee = TeeSink(self.pictures)
        options = RecordOptions(quality=quality, prompt=True)
        self.recorder = Recorder(reach(device), tee, options)
        self.files = ViewFiles(device, tee)
        self.sound = ViewSound(tee)
        self._controls = ControlKeys(self.recorder, ptz_swapped=device.ptz_swapped)
        self._liveness = Liveness(self.recorder)

    def run(self) -> Recording:
        """View until `stop`, a key or a closed window, or until nothing can come any more."""
        with ThreadPoolExecutor(1, "camera") as pool:
            running = pool.submit(self.recorder.run)
            try:
                self._await_link(running)
                if not (self.is_over or running.done()):
                    self.show_while(lambda: not running.done())
            finally:
                self.recorder.stop()
        return running.result()

    def press(self, key: str) -> str:
        if key == "s":
            return self.files.save_picture(self.picture) if self.picture else ""
        if key == sound.KEY:
            return self.sound.toggle()
        if key == "r":
            return self.files.toggle_recording()
        return self._controls.press(key)

    def compose(self, now_s: float) -> Scene:
        self.tell(self.files.find_failure() or self.sound.find_failure())
        state = self._liveness.describe(now_s, has_picture=self.picture is not None)
        return Scene(
            is_live=state == LIVE,
            status=f"{self.recorder.device.label}  {state}",
            badge=self.files.state,
            note="" if state == LIVE else state,
        )

    def _await_link(self, running: Future[Recording]) -> None:
        """A camera that does not let us in needs no screen."""
        while not self.recorder.has_linked and not (self.is_over or running.done()):
            time.sleep(LOOK_S)
