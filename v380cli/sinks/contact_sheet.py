"""One picture of many: a tile for each camera, with its name and a note below. Imports PIL."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from v380cli.text import clean_text

SHEET_WIDTH = 1920
TILE_MAX_WIDTH = 1280  # on a sheet of one or two cameras
TILE_SHAPE = 9 / 16  # what most cameras send; other pictures get bars
GAP = 8
FONT_FILE = "DejaVuSans.ttf"  # has more letters than what PIL brings, but is not everywhere
MIN_FONT_PIXELS = 11
PAPER, TILE, INK, FAINT = (18, 20, 24), (38, 41, 48), (235, 235, 230), (160, 164, 172)
REASON_LINES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A camera on the sheet; `note` says of when its picture is, or why there is none.

    A picture that `is_live` no more is darker.
    """

    title: str
    note: str
    picture: av.VideoFrame | None = None
    is_live: bool = True


class Place(NamedTuple):
    """Where a caption begins, and how wide it is; shares of the sheet's width and height."""

    x: float
    y: float
    width: float


class ContactSheet:
    """At least one tile in rows, in their order, about as many rows as columns.

    Beside gaps it is `width` wide, or less where tiles would be too large.
    """

    def __init__(self, count: int, width: int = SHEET_WIDTH) -> None:
        self._columns = math.ceil(math.sqrt(count))
        rows = math.ceil(count / self._columns)
        self._painter = _TilePainter(min(TILE_MAX_WIDTH, width // self._columns))
        self._step_x = self._painter.width + GAP
        self._step_y = self._painter.height + self._painter.caption_height + GAP
        size = self._columns * self._step_x + GAP, rows * self._step_y + GAP
        self._sheet = Image.new("RGB", size, PAPER)

    def paint(self, index: int, tile: Tile) -> None:
        """Put a tile in its place."""
        self._sheet.paste(self._painter.paint(tile), self._locate(index))

    def locate_caption(self, index: int) -> Place:
        """Where the words below a tile are, seen from the middle of their height."""
        left, top = self._locate(index)
        middle = top + self._painter.height + self._painter.caption_height / 2
        width, height = self._sheet.size
        return Place(left / width, middle / height, self._painter.width / width)

    def draw(self) -> av.VideoFrame:
        """The sheet as it is now."""
        return av.VideoFrame.from_ndarray(np.asarray(self._sheet), format="rgb24")

    def _locate(self, index: int) -> tuple[int, int]:
        row, column = divmod(index, self._columns)
        return GAP + column * self._step_x, GAP + row * self._step_y


def make_contact_sheet(tiles: Sequence[Tile]) -> av.VideoFrame:
    """A sheet of at least one tile."""
    sheet = ContactSheet(len(tiles))
    for index, tile in enumerate(tiles):
        sheet.paint(index, tile)
    return sheet.draw()


class _TilePainter:
    """Paints tiles of one size; `height` is that of the picture alone."""

    def __init__(self, width: int) -> None:
        self.width, self.height = width, round(width * TILE_SHAPE)
        self._font = _load_font(max(MIN_FONT_PIXELS, width // 32))
        self.caption_height = round(self._font.size * 1.8)
        self._margin = round(self._font.size * 0.6)

    def paint(self, tile: Tile) -> Image.Image:
        image = Image.new("RGB", (self.width, self.height + self.caption_height), TILE)
        draw = ImageDraw.Draw(image)
        if tile.picture is None:
            self._write_reason(draw, tile.note)
        else:
            picture = self._fit(tile.picture)
            picture = picture if tile.is_live else picture.point(lambda level: level // 2)
            left, top = (self.width - picture.width) // 2, (self.height - picture.height) // 2
            image.paste(picture, (left, top))
        self._write_caption(draw, clean_text(tile.title), tile.note if tile.picture else "")
        return image

    def _fit(self, picture: av.VideoFrame) -> Image.Image:
        """The whole picture, as large as it can be."""
        scale = min(self.width / picture.width, self.height / picture.height)
        scaled = picture.reformat(
            width=max(1, round(picture.width * scale)),
            height=max(1, round(picture.height * scale)),
            format="rgb24",
            interpolation="AREA" if scale < 1 else "BICUBIC",
        )
        return Image.fromarray(scaled.to_ndarray())

    def _write_caption(self, draw: ImageDraw.ImageDraw, title: str, note: str) -> None:
        middle = self.height + self.caption_height // 2
        right = self.width - self._margin
        draw.text((right, middle), note, font=self._font, fill=FAINT, anchor="rm")
        room = right - self._margin - self._font.getlength(note + "  ")
        draw.text(
            (self._margin, middle),
            self._shorten(title, room),
            font=self._font,
            fill=INK,
            anchor="lm",
        )

    def _write_reason(self, draw: ImageDraw.ImageDraw, reason: str) -> None:
        letters = int((self.width - 2 * self._margin) / self._font.getlength("n"))
        lines = textwrap.wrap(
            f"no picture: {clean_text(reason)}", letters, max_lines=REASON_LINES, placeholder=" …"
        )
        centre = (self.width // 2, self.height // 2)
        draw.multiline_text(
            centre, "\n".join(lines), font=self._font, fill=FAINT, anchor="mm", align="center"
        )

    def _shorten(self, text: str, room: float) -> str:
        if self._font.getlength(text) <= room:
            return text
        while text and self._font.getlength(text + "…") > room:
            text = text[:-1]
        return text + "…"


def _load_font(pixels: int) -> ImageFont.FreeTypeFont:
    """A font of this size; what it has no letter for is drawn as a box."""
    try:
        return ImageFont.truetype(FONT_FILE, pixels)
    except OSError:
        font = ImageFont.load_default(pixels)
        assert isinstance(font, ImageFont.FreeTypeFont)  # a size given, it is one
        return font
