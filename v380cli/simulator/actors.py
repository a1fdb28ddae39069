"""What moves before a simulated camera: drawn with numpy, in fractions of the picture.

Import it only where a picture is drawn: numpy is slow to load.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # height x width x RGB
Color = tuple[int, int, int]

SKIN: Color = (196, 156, 128)
STRIDE_S = 1.0


class Clothes(NamedTuple):
    """The colours of a person."""

    coat: Color
    trousers: Color


def draw_person(
    picture: Picture, x: float, feet: float, height: float, time_s: float, clothes: Clothes
) -> None:
    """Somebody in mid-stride; `x`, `feet` and `height` in fractions of the picture."""
    rows, columns = picture.shape[:2]
    size, middle, ground = height * rows, x * columns, feet * rows
    swing = math.sin(math.tau * time_s / STRIDE_S) * size * 0.16
    for side in (swing, -swing):
        hip, foot = (middle, ground - size * 0.45), (middle + side, ground)
        fill_limb(picture, hip, foot, size * 0.055, clothes.trousers)
    fill_ellipse(picture, middle, ground - size * 0.62, size * 0.14, size * 0.24, clothes.coat)
    shoulder = (middle, ground - size * 0.78)
    hand = (middle - swing * 0.8, ground - size * 0.45)
    fill_limb(picture, shoulder, hand, size * 0.035, clothes.coat)
    fill_ellipse(picture, middle, ground - size * 0.92, size * 0.075, size * 0.09, SKIN)


def draw_cat(picture: Picture, x: float, feet: float, height: float, time_s: float) -> None:
    """A cat that walks to the right."""
    rows, columns = picture.shape[:2]
    size, middle, ground = height * rows, x * columns, feet * rows
    fur: Color = (58, 50, 46)
    swing = math.sin(math.tau * 2 * time_s / STRIDE_S) * size * 0.3
    for at, side in ((-0.6, swing), (-0.6, -swing), (0.6, -swing), (0.6, swing)):
        hip = (middle + at * size, ground - size * 0.5)
        fill_limb(picture, hip, (hip[0] + side, ground), size * 0.1, fur)
    fill_ellipse(picture, middle, ground - size * 0.62, size * 0.95, size * 0.3, fur)
    fill_ellipse(picture, middle + size, ground - size * 0.85, size * 0.28, size * 0.25, fur)
    tail = (middle - size * 1.5, ground - size * 1.1)
    fill_limb(picture, tail, (middle - size * 0.8, ground - size * 0.6), size * 0.07, fur)


def fill_ellipse(
    picture: Picture, x: float, y: float, radius_x: float, radius_y: float, color: Color
) -> None:
    """Fill an ellipse; all in pixels, what is outside the picture is left out."""
    rows, columns = picture.shape[:2]
    left, right = _clip(x - radius_x, columns), _clip(x + radius_x + 1, columns)
    top, bottom = _clip(y - radius_y, rows), _clip(y + radius_y + 1, rows)
    if left >= right or top >= bottom:
        return
    down, across = np.arange(top, bottom)[:, np.newaxis], np.arange(left, right)
    is_inside = ((across - x) / radius_x) ** 2 + ((down - y) / radius_y) ** 2 < 1
    picture[top:bottom, left:right][is_inside] = color


def fill_limb(
    picture: Picture,
    upper: tuple[float, float],
    lower: tuple[float, float],
    half_width: float,
    color: Color,
) -> None:
    """Fill a thick line from (x, y) down to (x, y), in pixels."""
    rows, columns = picture.shape[:2]
    length = max(1.0, lower[1] - upper[1])
    half = max(0.5, half_width)
    for row in range(_clip(upper[1], rows), _clip(lower[1] + 1, rows)):
        x = upper[0] + (lower[0] - upper[0]) * (row - upper[1]) / length
        picture[row, _clip(x - half, columns) : _clip(x + half + 1, columns)] = color


def _clip(value: float, end: int) -> int:
    return min(max(0, int(value)), end)
