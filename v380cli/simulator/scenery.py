"""Draws a scene: a yard with its clock and noise, and what happens in it.

The same `seed` is the same yard, light and gait, at any size. Import it only where a picture is
drawn: numpy is slow to load.
"""

import datetime as dt
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from v380cli.simulator.actors import Clothes, Picture, draw_cat, draw_person, fill_ellipse
from v380cli.simulator.picture import draw_plate
from v380cli.simulator.scenes import ACTION_S, SceneName

Noise = NDArray[np.int8]
Draw = Callable[[Picture, float], None]

DARKEST, BRIGHTEST = 40, 215  # of what is drawn: noise must not wrap around
NOISE_MARGIN = 64  # pixels that a field of noise can be shifted by
QUIET_NOISE, STRONG_NOISE = 1.5, 7.0  # standard deviations, in levels
INFRARED_GREY = (0.2, 0.5, 0.3)
CLOTHES = (
    Clothes((170, 60, 52), (52, 56, 84)),
    Clothes((56, 70, 120), (70, 66, 60)),
    Clothes((206, 200, 188), (60, 60, 66)),
    Clothes((48, 52, 50), (110, 96, 80)),
)


class Scenery:
    """Draws the frames of one loop of a scene; its end joins its beginning."""

    def __init__(
        self, scene: SceneName, *, width: int, height: int, seed: int, clock: dt.time
    ) -> None:
        self._clock = dt.datetime.combine(dt.date(2000, 1, 1), clock)
        self._rng = np.random.default_rng([seed, list(SceneName).index(scene)])
        self._yard = _draw_yard(width, height, self._rng)
        self._is_night = scene is SceneName.NIGHT
        if self._is_night:
            self._yard = _darken(self._yard)
        self._draw_action = self._choose_action(scene)
        self._noises = {
            level: _make_noise(self._rng, width, height, level)
            for level in (QUIET_NOISE, STRONG_NOISE)
        }
        self._scene = scene

    def draw(self, time_s: float) -> Picture:
        """The picture at `time_s` since the loop began."""
        picture = self._yard.copy()
        self._draw_action(picture, time_s)
        self._add_noise(picture, self._choose_noise(time_s))
        moment = self._clock + dt.timedelta(seconds=time_s)
        dot = max(1, picture.shape[0] // 240)
        draw_plate(picture, f"{moment:%H:%M:%S}", dot, middle=dot * 8, left=dot * 8)
        return picture

    def _choose_action(self, scene: SceneName) -> Draw:
        actions: dict[SceneName, Callable[[], Draw]] = {
            SceneName.PERSON: lambda: self._walk(height=0.36, crossing_s=6.0, feet=0.86),
            SceneName.FAR: lambda: self._walk(height=0.15, crossing_s=26.0, feet=0.56, shown_s=9.0),
            SceneName.NEAR: lambda: self._walk(height=0.75, crossing_s=3.0, feet=1.02),
            SceneName.QUICK: lambda: self._walk(height=0.4, crossing_s=1.0, feet=0.9, late_s=0.4),
            SceneName.NIGHT: lambda: self._walk(height=0.4, crossing_s=6.0, feet=0.88),
            SceneName.CAT: self._prowl,
            SceneName.RAIN: lambda: self._rain,
            SceneName.CLOUD: lambda: _pass_cloud,
            SceneName.INFRARED: lambda: _switch_infrared,
            SceneName.TREE: self._plant_tree,
            SceneName.NOISE: lambda: lambda _picture, _time_s: None,
            SceneName.EXPOSURE: lambda: _jump_exposure,
        }
        return actions[scene]()

    # -- what moves --------------------------------------------------------------------------

    def _walk(
        self,
        *,
        height: float,
        crossing_s: float,
        feet: float,
        shown_s: float = math.inf,
        late_s: float = 0.0,
    ) -> Draw:
        """Somebody crosses, or is there for `shown_s` only; each seed a bit otherwise."""
        height *= self._rng.uniform(0.9, 1.15)
        speed = 1.2 / crossing_s * self._rng.uniform(0.9, 1.1)
        is_leftward = bool(self._rng.integers(2))
        clothes = CLOTHES[self._rng.integers(len(CLOTHES))]
        if self._is_night:
            clothes = Clothes((66, 66, 70), (48, 48, 52))
        begin = 0.25 if math.isfinite(shown_s) else -0.1

        def draw(picture: Picture, time_s: float) -> None:
            walked_s = time_s - ACTION_S - late_s
            x = begin + speed * walked_s
            if 0 <= walked_s < shown_s and x < 1.1:
                draw_person(picture, 1 - x if is_leftward else x, feet, height, time_s, clothes)

        return draw

    def _prowl(self) -> Draw:
        speed = 0.2 * self._rng.uniform(0.8, 1.2)
        height = 0.12 * self._rng.uniform(0.9, 1.1)

        def draw(picture: Picture, time_s: float) -> None:
            x = speed * (time_s - ACTION_S) - 0.1
            if time_s >= ACTION_S and x < 1.2:
                draw_cat(picture, x, 0.9, height, time_s)

        return draw

    # -- what only seems to ------------------------------------------------------------------

    def _rain(self, picture: Picture, time_s: float) -> None:
        if time_s < ACTION_S / 2:
            return
        rows, columns = picture.shape[:2]
        length, width = rows // 22, max(1, columns // 640)
        for x, y, light in self._rng.random((90, 3)):
            left, top = int(x * columns), int(y * rows) - length
            streak = picture[max(0, top) : top + length, left : left + width]
            streak += ((BRIGHTEST - streak) * (0.15 + 0.35 * light)).astype(np.uint8)

    def _plant_tree(self) -> Draw:
        leaves = [
            (0.78 + x * 0.11, 0.3 + y * 0.16, 0.012 + size * 0.02, int(shade * 28))
            for x, y, size, shade in self._rng.uniform(-1, 1, (170, 4))
        ]

        def draw(picture: Picture, time_s: float) -> None:
            rows, columns = picture.shape[:2]
            for x, y, size, shade in leaves:
                wind = math.sin(math.tau * time_s / 3 + x * 9) + 0.5 * math.sin(math.tau * time_s)
                bent = x + 0.004 * wind * (1 - y)
                radius = abs(size) * rows
                color = (62 + shade, 92 + shade, 56 + shade)
                fill_ellipse(picture, bent * columns, y * rows, radius, radius, color)

        return draw

    # -- the sensor --------------------------------------------------------------------------

    def _choose_noise(self, time_s: float) -> float:
        is_strained = self._scene is SceneName.NOISE and ACTION_S <= time_s < ACTION_S + 7
        return STRONG_NOISE if self._is_night or is_strained else QUIET_NOISE

    def _add_noise(self, picture: Picture, level: float) -> None:
        rows, columns = picture.shape[:2]
        top, left = self._rng.integers(NOISE_MARGIN, size=2)
        noise = self._noises[level][top : top + rows, left : left + columns]
        # Unsigned numbers that wrap around add signed ones; nothing drawn is near the ends.
        picture += noise.view(np.uint8)[..., np.newaxis]


def _draw_yard(width: int, height: int, rng: np.random.Generator) -> Picture:
    """Sky, a wall with windows, and ground with some texture."""
    down, across = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    tones = rng.uniform(0.85, 1.1, 3)
    sky = 190 - 60 * down
    wall = 128 * tones[0] + 14 * np.sin(across * math.tau * 3 + rng.uniform(0, 6))
    waves = np.sin(across * 61 + np.sin(down * 47) * 3) * np.sin(down * 83 + across * 11)
    ground = 104 * tones[1] + 26 * (down - 0.5) + 9 * waves
    grey = np.where(down < 0.22, sky, np.where(down < 0.52, wall, ground))
    for left in rng.uniform(0.05, 0.9, 4):
        is_window = (abs(across - left) < 0.035) & (abs(down - 0.36) < 0.07)
        grey[is_window] = 70 * tones[2]
    tint = np.array([1.0, 0.99, 0.94])
    yard: Picture = np.clip(grey[..., np.newaxis] * tint, DARKEST, BRIGHTEST).astype(np.uint8)
    return yard


def _darken(picture: Picture) -> Picture:
    """As infra-red lamps show a yard: grey, dark, brighter in the middle."""
    rows, columns = picture.shape[:2]
    down, across = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    light = 0.62 - 0.22 * (down**2 + across**2)
    grey = np.clip(picture.mean(axis=2) * light, DARKEST, BRIGHTEST)
    return np.repeat(grey[..., np.newaxis], 3, axis=2).astype(np.uint8)


def _make_noise(rng: np.random.Generator, width: int, height: int, level: float) -> Noise:
    shape = (height + NOISE_MARGIN, width + NOISE_MARGIN)
    noise = rng.normal(0, level, shape).clip(-DARKEST, DARKEST)
    return noise.astype(np.int8)


def _pass_cloud(picture: Picture, time_s: float) -> None:
    """A third of the light goes within four seconds, a bit more on one side, and comes back."""
    depth = min(max(0.0, (time_s - ACTION_S) / 4), max(0.0, (ACTION_S + 12 - time_s) / 4), 1.0)
    if depth > 0:
        side = np.linspace(0.9, 1.1, picture.shape[1])
        _scale(picture, 1 - 0.35 * depth * side)


def _jump_exposure(picture: Picture, time_s: float) -> None:
    """A quarter darker from one frame to the next, and slowly back."""
    depth = max(0.0, (ACTION_S + 6 - time_s) / 6) if time_s >= ACTION_S else 0.0
    if depth > 0:
        _scale(picture, np.full(picture.shape[1], 1 - 0.25 * depth))


def _scale(picture: Picture, light: NDArray[np.float64]) -> None:
    """Multiply each column by its light, 0 to 1."""
    factors = (light * 256).astype(np.uint16)[np.newaxis, :, np.newaxis]
    np.copyto(picture, np.maximum((picture * factors) >> 8, DARKEST).astype(np.uint8))


def _switch_infrared(picture: Picture, time_s: float) -> None:
    """Grey, with leaves and cloth in other tones; too bright for a moment at each switch."""
    since_s = [time_s - at_s for at_s in (ACTION_S, ACTION_S + 8)]
    if 0 <= since_s[0] < 8:
        grey = picture @ np.array(INFRARED_GREY) * 0.7
        picture[:] = np.clip(255 - grey, DARKEST, BRIGHTEST).astype(np.uint8)[..., np.newaxis]
    flash = max((1 - s / 0.6 for s in since_s if 0 <= s < 0.6), default=0.0)
    if flash:
        picture += ((BRIGHTEST - picture) * flash).astype(np.uint8)
