"""The keys of `v380 view` that move and switch the camera."""

import time
from collections.abc import Callable
from itertools import cycle

from v380cli.camera.control import check_able
from v380cli.camera.recorder import Recorder
from v380cli.errors import V380Error
from v380cli.wire.control import (
    HELD_INTERVAL_S,
    PTZ_STOP,
    ColorControl,
    ColorSwitch,
    Control,
    LightControl,
    LightSwitch,
    PtzDirection,
    ZoomControl,
    ZoomDirection,
    make_ptz,
)

HELP = {
    "arrows, h j k l": "turn",
    "space": "stop turning",
    "+ -": "zoom",
    "i": "light: on, off, automatic",
    "c": "picture: black and white, colour, automatic",
}
TURNS = {
    **dict.fromkeys(("left", "h"), PtzDirection.LEFT),
    **dict.fromkeys(("down", "j"), PtzDirection.DOWN),
    **dict.fromkeys(("up", "k"), PtzDirection.UP),
    **dict.fromkeys(("right", "l"), PtzDirection.RIGHT),
}
ZOOMS = {
    **dict.fromkeys(("+", "="), ZoomDirection.IN),  # + without Shift
    "-": ZoomDirection.OUT,
}


class ControlKeys:
    """Sends what a key means over the running stream; the camera confirms nothing."""

    def __init__(
        self,
        recorder: Recorder,
        *,
        ptz_swapped: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recorder = recorder
        self._ptz_swapped = ptz_swapped
        self._clock = clock
        self._last_move: Control | None = None
        self._next_move_s = 0.0
        self._lights = cycle((LightSwitch.ON, LightSwitch.OFF, LightSwitch.AUTO))
        self._colors = cycle((ColorSwitch.BLACK_AND_WHITE, ColorSwitch.COLOR, ColorSwitch.AUTO))

    def press(self, key: str) -> str:
        """Send the control of a key; what to tell the person, empty if there is nothing to tell."""
        if turn := TURNS.get(key):
            control = make_ptz(turn, swapped=self._ptz_swapped)
            return self._move(f"turn {turn}", control)
        if zoom := ZOOMS.get(key):
            return self._move(f"zoom {zoom.name.lower()}", ZoomControl(direction=zoom))
        if key == "space":
            return self._send("stop", PTZ_STOP)
        if key == "i":
            light = next(self._lights)
            return self._send(f"light {_name(light)}", LightControl(switch=light))
        if key == "c":
            color = next(self._colors)
            return self._send(f"picture {_name(color)}", ColorControl(switch=color))
        return ""

    def _move(self, words: str, control: Control) -> str:
        """A key that is held repeats faster than a camera moves: the same again is left out."""
        now_s = self._clock()
        if control == self._last_move and now_s < self._next_move_s:
            return ""
        self._last_move, self._next_move_s = control, now_s + HELD_INTERVAL_S
        return self._send(words, control)

    def _send(self, words: str, control: Control) -> str:
        ticket = self._recorder.ticket
        try:
            check_able(ticket.abilities if ticket else None, [control])
            self._recorder.send_control(control.encode())
        except V380Error as error:
            return f"{words}: {error.message}"
        return f"sent: {words}"


def _name(value: LightSwitch | ColorSwitch) -> str:
    return value.name.lower().replace("_", " ")
