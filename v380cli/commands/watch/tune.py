"""`v380 watch --tune`: the picture with what is seen in it, and keys that set how much counts."""

import datetime as dt
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import typer

from v380cli.camera.recorder import Recorder, RecordOptions
from v380cli.commands._command import CameraCall
from v380cli.commands._ending import Result
from v380cli.commands._signals import stop_on_signals
from v380cli.commands._view_screen import choose_screen, hold_back_talk
from v380cli.models import Device, Quality
from v380cli.sinks.motion import SENSITIVITIES, MotionOptions
from v380cli.sinks.motion_picture import Vision, draw_vision, read_vision
from v380cli.sinks.motion_sink import MotionSink, Sighting
from v380cli.sinks.screen.scene import Scene, Screen
from v380cli.work.targets import reach
from v380cli.work.viewing.loop import ScreenLoop
from v380cli.work.viewing.saved_pictures import SavedPictures
from v380cli.work.watch.watcher import Watched

if TYPE_CHECKING:
    from v380cli.sinks.screen.scene import Picture

AREA_STEP = 1.25
SMALLEST_AREA = 1e-5  # less than a pixel of what is looked at
KEYS = {
    "+, -": "smaller and fainter things count, or do not",
    ">, <": "only larger things count, or smaller ones, too",
    "s": "save this picture",
}


class TuneView(ScreenLoop):
    """Looks at one camera as `watch` does, and shows what it sees; `options` is what was chosen."""

    KEYS: ClassVar = (KEYS,)

    def __init__(
        self, device: Device, screen: Screen, options: MotionOptions, *, economy: bool
    ) -> None:
        super().__init__(screen)
        self.options = options
        self.saved = SavedPictures(device)
        self._sink = MotionSink(
            options,
            on_start=lambda _: self._note_event(True),
            on_end=lambda _: self._note_event(False),
            on_look=self._see,
            keyframes_only=economy,
        )
        quality = Quality.HD if economy else Quality.SD
        self.recorder = Recorder(
            reach(device), self._sink, RecordOptions(quality=quality, audio=False)
        )
        self._is_event = False
        self._newest: Vision | None = None  # that is not shown yet
        self._vision: Vision | None = None

    def run(self) -> Watched:
        """Show it until a key, a closed window or a signal, or until nothing can come any more."""
        with ThreadPoolExecutor(1, "camera") as pool:
            running = pool.submit(self.recorder.run)
            try:
                self.show_while(lambda: not running.done())
            finally:
                self.recorder.stop()
        return Watched(self.recorder.device, running.result().error)

    def take_newest(self) -> "Picture | None":
        vision, self._newest = self._newest, None
        if vision is None:
            return None
        self._vision = vision
        return draw_vision(vision)

    def press(self, key: str) -> str:
        match key:
            case "+" | "=":
                return self._set_sensitivity(self.options.sensitivity + 1)
            case "-":
                return self._set_sensitivity(self.options.sensitivity - 1)
            case ">" | ".":
                return self._set_area(self.options.least_area * AREA_STEP)
            case "<" | ",":
                return self._set_area(self.options.least_area / AREA_STEP)
            case "s" if self.picture:
                return self.saved.save(self.picture, dt.datetime.now().astimezone())
        return ""

    def compose(self, now_s: float) -> Scene:
        look = self._vision.sighting.look if self._vision else None
        status = [self.recorder.device.label, format_options(self.options)]
        if look and look.boxes:
            status.append(f"moves: {look.area:.2%}, score {look.score:.2f}")
        note = "" if self.picture else self.recorder.state
        badge = "MOTION" if self._is_event else ""
        return Scene(status="  ".join(status), badge=badge, note=note)

    def _set_sensitivity(self, sensitivity: int) -> str:
        if sensitivity not in SENSITIVITIES:
            return ""
        return self._set(replace(self.options, sensitivity=sensitivity))

    def _set_area(self, area: float) -> str:
        area = max(area, SMALLEST_AREA)
        digits = 2 - math.floor(math.log10(area))
        return self._set(replace(self.options, min_area=min(1.0, round(area, digits))))

    def _set(self, options: MotionOptions) -> str:
        self.options = self._sink.detector.options = options
        return format_options(options)

    def _see(self, sighting: Sighting) -> None:
        self._newest = read_vision(sighting, self._sink.detector)

    def _note_event(self, is_event: bool) -> None:
        self._is_event = is_event


def run_tune(
    call: CameraCall, options: MotionOptions, *, economy: bool, wants_terminal: bool
) -> Result:
    """Show one camera; its result are the options that were chosen, and the saved pictures."""
    device = call.resolve_one("--tune shows one camera")
    screen, greeting = choose_screen(device.label, wants_terminal=wants_terminal)
    view = TuneView(device, screen, options, economy=economy)
    view.tell(greeting)
    with hold_back_talk(screen), stop_on_signals(view.stop) as caught:
        watched = view.run()
    return Result(
        show=partial(_print_outcome, view), error=watched.error, exit_code=caught.exit_code
    )


def _print_outcome(view: TuneView) -> None:
    for path in view.saved.paths:
        typer.echo(path)
    typer.echo(format_options(view.options))


def format_options(options: MotionOptions) -> str:
    """The words of a command line that say so."""
    area = "" if options.min_area is None else f" --min-area {options.min_area:g}"
    return f"--sensitivity {options.sensitivity}{area}"
