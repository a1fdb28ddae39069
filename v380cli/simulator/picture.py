"""The test picture: colour bars, a clock, the device id and enough motion for a real bit rate.

Drawn with numpy and an own font, so that it needs no libGL as OpenCV's drawing does. Import it
only where a picture is drawn: numpy is slow to load.
"""

import datetime as dt
import math

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # height x width x RGB

FONT = {  # 5 x 7 dots, a row per string position of five bits
    "0": "01110 10001 10011 10101 11001 10001 01110",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00010 00100 01000 11111",
    "3": "11111 00010 00100 00010 00001 10001 01110",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "00110 01000 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 01000 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 00010 01100",
    ":": "00000 00100 00100 00000 00100 00100 00000",
    ".": "00000 00000 00000 00000 00000 01100 01100",
    "-": "00000 00000 00000 01110 00000 00000 00000",
}
BARS = ((1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1))
BAR_LEVEL = 191  # 75 %
INK, PLATE = (245, 245, 235), (14, 18, 26)
PLATE_MARGIN = 2  # dots
BALL, BALL_RIM, BALL_SHINE = (255, 176, 32), (60, 30, 0), (255, 236, 190)
TEXTURE_SEED = 380


class TestCard:
    """Draws the frames of one loop; the motion is periodic in `loop_s`, so the loop has no seam."""

    __test__ = False  # not a test class, whatever pytest makes of the name

    def __init__(
        self, *, width: int, height: int, loop_s: float, device_id: int, clock: dt.time
    ) -> None:
        self._width, self._height, self._loop_s = width, height, loop_s
        self._clock = dt.datetime.combine(dt.date(2000, 1, 1), clock)
        self._texture_top = height * 2 // 3
        self._texture = _draw_texture(height - self._texture_top, width)
        self._still = _draw_still(width, height)
        draw_plate(self._still, str(device_id), height // 120, height * 5 // 9)

    def draw(self, time_s: float) -> Picture:
        """The picture at `time_s` since the loop began."""
        picture = self._still.copy()
        turn = time_s / self._loop_s
        picture[self._texture_top :] = np.roll(self._texture, round(turn * self._width), axis=1)
        self._draw_ball(picture, turn)
        clock = self._format_clock(time_s)
        draw_plate(picture, clock, self._height // 60, self._height // 3)
        return picture

    def _format_clock(self, time_s: float) -> str:
        moment = self._clock + dt.timedelta(seconds=time_s)
        return f"{moment:%H:%M:%S}.{moment.microsecond // 100_000}"

    def _draw_ball(self, picture: Picture, turn: float) -> None:
        radius = self._height // 9
        x = self._width / 2 + (self._width / 2 - radius * 1.3) * math.sin(math.tau * 2 * turn)
        y = self._height * 5 / 6 + self._height / 24 * math.sin(math.tau * 5 * turn)
        left, right = max(0, int(x) - radius), int(x) + radius
        top, bottom = max(0, int(y) - radius), min(self._height, int(y) + radius)
        area = picture[top:bottom, left:right]
        rows, columns = np.ogrid[top : top + area.shape[0], left : left + area.shape[1]]
        _draw_disc(area, columns - x, rows - y, radius, BALL_RIM)
        _draw_disc(area, columns - x, rows - y, radius * 0.9, BALL)
        shift = radius / 3
        _draw_disc(area, columns - x + shift, rows - y + shift, radius / 6, BALL_SHINE)


def _draw_disc(
    area: Picture,
    columns: NDArray[np.float64],
    rows: NDArray[np.float64],
    radius: float,
    color: tuple[int, int, int],
) -> None:
    """Fill a disc; `columns` and `rows` are those of `area`, counted from its centre."""
    is_inside = columns**2 + rows**2 < radius**2
    np.copyto(area, np.array(color, np.uint8), where=is_inside[..., np.newaxis])


def _draw_still(width: int, height: int) -> Picture:
    """Colour bars above, a grey ramp below them."""
    picture = np.zeros((height, width, 3), np.uint8)
    columns = np.arange(width)
    picture[:] = np.array(BARS, np.uint8)[columns * len(BARS) // width] * np.uint8(BAR_LEVEL)
    ramp = (columns * 256 // width).astype(np.uint8)
    picture[height * 11 // 18 :] = ramp[:, np.newaxis]
    return picture


def _draw_texture(height: int, width: int) -> Picture:
    """Blue-grey waves with grain, the same from left to right edge so that they can roll."""
    rows, columns = np.ogrid[:height, :width]
    wave = np.sin(columns * (math.tau * 8 / width) + np.sin(rows * (math.tau / height)) * 2)
    grain = np.random.default_rng(TEXTURE_SEED).integers(-14, 15, (height, width))
    grey = np.clip(96 + 40 * wave + grain, 0, 255)
    return np.stack([grey * 0.55, grey * 0.8, grey], axis=-1).astype(np.uint8)


def draw_plate(picture: Picture, text: str, dot: int, middle: int, left: int | None = None) -> None:
    """Write `text` on a dark plate at height `middle`, its dots `dot` pixels wide if that fits.

    Without a `left` edge it is in the middle of the picture's width.
    """
    dots = _set_text(text)
    dot = max(1, min(dot, picture.shape[1] // (dots.shape[1] + 2 * PLATE_MARGIN)))
    plate = np.array([PLATE, INK], np.uint8)[np.pad(dots, PLATE_MARGIN).astype(np.intp)]
    plate = plate.repeat(dot, axis=0).repeat(dot, axis=1)
    height, width, _ = plate.shape
    top = middle - height // 2
    left = (picture.shape[1] - width) // 2 if left is None else left
    picture[top : top + height, left : left + width] = plate


def _set_text(text: str) -> NDArray[np.bool_]:
    """The dots of a line of text: 7 rows, 6 columns a character less the last gap."""
    glyphs = [[[dot == "1" for dot in row + "0"] for row in FONT[c].split()] for c in text]
    return np.hstack([np.array(glyph, bool) for glyph in glyphs])[:, :-1]
