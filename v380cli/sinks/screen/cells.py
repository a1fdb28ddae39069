"""Pictures as text: two pixels in each cell of a terminal, or one grey character."""

from collections.abc import Iterable, Iterator
from typing import ClassVar, NamedTuple, Protocol

import av
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Cells = NDArray[np.int16]  # rows x columns x numbers of one cell

UPPER_HALF = "\N{UPPER HALF BLOCK}"
RESET = "\x1b[0m"
GREY_RAMP = " .:-=+*#%@"


class Run(NamedTuple):
    """Cells of one row."""

    row: int
    columns: slice


class CellCoding(Protocol):
    """How a cell shows its pixels."""

    PIXEL_FORMAT: ClassVar[str]  # FFmpeg's name
    PIXELS_A_CELL: ClassVar[int]  # one above the other
    PIXEL_ASPECT: ClassVar[float]  # width by height, of cells that are twice as high as wide
    # A difference of one number that nobody sees: noise of the camera is not sent over the wire.
    TOLERANCE: ClassVar[int]

    def arrange(self, pixels: Pixels) -> Cells:
        """The numbers of each cell."""
        ...

    def encode(self, cells: list[list[int]]) -> Iterator[str]:
        """The text of each of these cells, which may build on the text before it."""
        ...


class HalfBlocks:
    """24-bit colours: the upper pixel is the colour of half a block, the lower one lies behind."""

    PIXEL_FORMAT: ClassVar[str] = "rgb24"
    PIXELS_A_CELL: ClassVar[int] = 2
    PIXEL_ASPECT: ClassVar[float] = 1.0
    TOLERANCE: ClassVar[int] = 10

    def arrange(self, pixels: Pixels) -> Cells:
        """Red, green and blue above, then below."""
        return np.concatenate((pixels[0::2], pixels[1::2]), axis=2).astype(np.int16)

    def encode(self, cells: list[list[int]]) -> Iterator[str]:
        """A colour is only told where it changes; a cell of one colour is a space."""
        front = back = None
        for cell in cells:
            upper, lower = tuple(cell[:3]), tuple(cell[3:])
            codes = ""
            if upper not in (lower, front):
                codes = f"38;2;{upper[0]};{upper[1]};{upper[2]}"
                front = upper
            if lower != back:
                codes += f"{codes and ';'}48;2;{lower[0]};{lower[1]};{lower[2]}"
                back = lower
            character = " " if upper == lower else UPPER_HALF
            yield f"\x1b[{codes}m{character}" if codes else character


class GreyCharacters:
    """For terminals without colours: the brighter, the more ink."""

    PIXEL_FORMAT: ClassVar[str] = "gray8"
    PIXELS_A_CELL: ClassVar[int] = 1
    PIXEL_ASPECT: ClassVar[float] = 0.5
    TOLERANCE: ClassVar[int] = 16

    def arrange(self, pixels: Pixels) -> Cells:
        """One number: how bright it is."""
        return pixels[:, :, np.newaxis].astype(np.int16)

    def encode(self, cells: list[list[int]]) -> Iterator[str]:
        """A character each."""
        for (level,) in cells:
            yield GREY_RAMP[level * len(GREY_RAMP) >> 8]


class Canvas:
    """Remembers what a terminal shows, and tells only what changes.

    Rows and columns are counted from 0; the picture begins at `top`, `left`.
    """

    def __init__(self, coding: CellCoding) -> None:
        self._coding = coding
        self._drawn: Cells | None = None

    def forget(self) -> None:
        """Nothing is there any more."""
        self._drawn = None

    def draw(
        self,
        pixels: Pixels,
        *,
        top: int = 0,
        left: int = 0,
        covered: int = 0,
        spared: Iterable[Run] = (),
    ) -> str:
        """The text that shows `pixels`, but for the first `covered` rows and what is `spared`."""
        cells = self._coding.arrange(pixels)
        if self._drawn is None or self._drawn.shape != cells.shape:
            self._drawn = np.full_like(cells, -1 - self._coding.TOLERANCE)
        changed = np.abs(cells - self._drawn).max(axis=2) > self._coding.TOLERANCE
        changed[:covered] = False
        for row, columns in spared:
            changed[row, columns] = False
            self._drawn[row, columns] = -1 - self._coding.TOLERANCE  # something else is there
        self._drawn[changed] = cells[changed]
        texts = self._coding.encode(cells[changed].tolist())
        return "".join(self._place(np.argwhere(changed).tolist(), texts, top, left))

    def _place(
        self, places: list[list[int]], texts: Iterator[str], top: int, left: int
    ) -> Iterator[str]:
        """Put the cursor before each run of neighbours."""
        last = (-1, -1)
        for (row, column), text in zip(places, texts, strict=True):
            if (row, column - 1) != last:
                yield f"\x1b[{top + row + 1};{left + column + 1}H"
            yield text
            last = (row, column)
        yield RESET


def scale_picture(
    picture: av.VideoFrame, columns: int, rows: int, coding: CellCoding, *, is_dark: bool = False
) -> Pixels:
    """The pixels for so many cells, each the mean of what it stands for; half as bright if dark."""
    pixels = np.asarray(
        picture.reformat(
            columns,
            rows * coding.PIXELS_A_CELL,
            coding.PIXEL_FORMAT,
            interpolation=Interpolation.AREA,
        ).to_ndarray(),
        np.uint8,
    )
    return pixels // np.uint8(2) if is_dark else pixels


def fit_picture(
    width: int, height: int, columns: int, rows: int, coding: CellCoding
) -> tuple[int, int]:
    """Columns and rows of cells for a picture of this size, its shape kept."""
    shape = width / height * coding.PIXELS_A_CELL / coding.PIXEL_ASPECT  # columns by rows
    if columns > rows * shape:
        return max(1, round(rows * shape)), rows
    return columns, max(1, min(rows, round(columns / shape)))
