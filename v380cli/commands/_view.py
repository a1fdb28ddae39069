"""The viewer: a recorder that runs beside, a screen, and what the keys do."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING

from v380cli.camera.recorder import Recorder, Recording, RecordOptions
from v380cli.commands import _target, _view_controls, _view_files
from v380cli.commands._view_controls import ControlKeys
from v380cli.commands._view_files import ViewFiles
from v380cli.models import Device, Quality
from v380cli.sinks.picture_sink import PictureSink
from v380cli.sinks.screen import Scene, Screen
from v380cli.sinks.tee import TeeSink
from v380cli.text import clean_text

if TYPE_CHECKING:
    from v380cli.sinks.screen import Picture

LOOK_S = 0.01  # how long a picture waits for us at most
NOTE_S = 3.0  # how long what was told stays on the screen
STALE_S = 2.0  # a picture older than this shows what was, not what is

LIVE = "live"
QUIT_KEYS = ("q", "esc")
HELP = {"?": "this help", "q, Esc": "quit"}


class Viewer:
    """Shows one camera until its person has seen enough; `stop` is safe in a signal handler.

    The recorder runs in a thread of its own, the screen in the one that calls `run`: desktops
    want it so. At most `fps` pictures a second are shown. `greeting` is told first.
    """

    def __init__(
        self, device: Device, screen: Screen, *, quality: Quality, fps: float, greeting: str = ""
    ) -> None:
        self._device = device
        self._screen = screen
        self._pictures = PictureSink()
        tee = TeeSink(self._pictures)
        options = RecordOptions(quality=quality, prompt=True)
        search = _target.choose_search(device)
        self.recorder = Recorder(device, tee, options, find_again=search)
        self.files = ViewFiles(device, tee)
        self._controls = ControlKeys(self.recorder, ptz_swapped=device.ptz_swapped)
        self._pace = Pace(fps)
        self._picture: Picture | None = None
        self._frames, self._frame_s = 0, 0.0  # what has come, and when the last of it
        self._scene: Scene | None = None
        self._help: tuple[tuple[str, str], ...] = ()
        self._is_over = False
        self._note, self._note_until_s = "", 0.0
        self._tell(greeting)

    def stop(self) -> None:
        """Ask for the end."""
        self._is_over = True

    def run(self) -> Recording:
        """View until `stop`, a key or a closed window, or until nothing can come any more."""
        with ThreadPoolExecutor(1, "camera") as pool:
            running = pool.submit(self.recorder.run)
            try:
                self._await_link(running)
                if not (self._is_over or running.done()):
                    with self._screen:
                        self._view(running)
            finally:
                self.recorder.stop()
        return running.result()

    def _await_link(self, running: Future[Recording]) -> None:
        """A log-in that fails needs no screen."""
        while self.recorder.ticket is None and not (self._is_over or running.done()):
            time.sleep(LOOK_S)

    def _view(self, running: Future[Recording]) -> None:
        _target.remember_variant(self._device, self.recorder.device.login_variant)
        while not (self._is_over or self._screen.is_closed or running.done()):
            for key in self._screen.read_keys(LOOK_S):
                self._press(key)
            if self._screen.is_ready:
                self._look(time.monotonic())

    def _press(self, key: str) -> None:
        if key in QUIT_KEYS:
            self.stop()
        elif key == "?":
            self._toggle_help()
        elif key == "s":
            self._tell(self.files.save_picture(self._picture) if self._picture else "")
        elif key == "r":
            self._tell(self.files.toggle_recording())
        else:
            self._tell(self._controls.press(key))

    def _toggle_help(self) -> None:
        tables = (_view_controls.HELP, _view_files.HELP, self._screen.KEYS, HELP)
        keys = chain.from_iterable(table.items() for table in tables)
        self._help = () if self._help else tuple(keys)

    def _tell(self, note: str) -> None:
        if note:
            self._note, self._note_until_s = clean_text(note), time.monotonic() + NOTE_S

    def _look(self, now_s: float) -> None:
        """Show what has changed since the last look."""
        if self._pace.is_due(now_s) and (newest := self._pictures.take_newest()):
            self._picture = newest
            self._pace.count(now_s)
        if self.recorder.video_frames != self._frames:
            self._frames, self._frame_s = self.recorder.video_frames, now_s
        self._tell(self.files.find_failure())
        scene = self._compose(now_s)
        if scene != self._scene:
            self._screen.show(scene)
            self._scene = scene

    def _compose(self, now_s: float) -> Scene:
        state = self._describe_state(now_s)
        alarm = "" if state == LIVE else state
        words = [
            self._device.label,
            state,
            f"{self._picture.width}x{self._picture.height}" if self._picture else "",
            f"{self._pace.rate} fps",
            "? help",
        ]
        return Scene(
            picture=self._picture,
            is_live=state == LIVE,
            status=clean_text("  ".join(filter(None, words))),
            badge=self.files.state,
            note=self._note if now_s < self._note_until_s else alarm,
            help=self._help,
        )

    def _describe_state(self, now_s: float) -> str:
        """LIVE, or what is wrong and since when."""
        state, age_s = self.recorder.state, now_s - self._frame_s
        if self._picture is None:
            return state
        if state == "recording":
            return LIVE if age_s < STALE_S else f"no picture for {age_s:.0f} s"
        return f"{state}, for {age_s:.0f} s"


class Pace:
    """Holds pictures to so many a second; `rate` is how many there were in the last one."""

    def __init__(self, fps: float) -> None:
        self.rate = 0
        self._interval_s = 1 / fps
        self._due_s = 0.0
        self._second = 0
        self._shown = 0

    def is_due(self, now_s: float) -> bool:
        """Whether another one may be shown."""
        if int(now_s) != self._second:
            self.rate, self._shown, self._second = self._shown, 0, int(now_s)
        return now_s >= self._due_s

    def count(self, now_s: float) -> None:
        """Note that one is shown; one that came late does not put off the next."""
        self._due_s = max(self._due_s, now_s - self._interval_s) + self._interval_s
        self._shown += 1
