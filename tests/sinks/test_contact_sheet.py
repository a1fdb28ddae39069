"""A contact sheet shows every camera, also the one that has no picture."""

from dataclasses import replace

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from v380cli.sinks import contact_sheet
from v380cli.sinks.contact_sheet import GAP, SHEET_WIDTH, ContactSheet, Tile, make_contact_sheet

COLOURS = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0), (0, 200, 200)]


def paint(colour: tuple[int, int, int], width: int = 320, height: int = 180) -> av.VideoFrame:
    pixels = np.full((height, width, 3), colour, np.uint8)
    return av.VideoFrame.from_ndarray(pixels, format="rgb24")


def make_tiles(count: int) -> list[Tile]:
    return [
        Tile(title=f"camera {index}", note="2026-11-20 08:00:00", picture=paint(colour))
        for index, colour in enumerate(COLOURS[:count])
    ]


def draw(*tiles: Tile) -> NDArray[np.uint8]:
    return make_contact_sheet(tiles).to_ndarray(format="rgb24").astype(np.uint8)


def find_centre(sheet: NDArray[np.uint8], colour: tuple[int, int, int]) -> tuple[float, float]:
    """Where this colour is on the sheet, in shares of its height and width."""
    rows, columns = np.nonzero((np.abs(sheet.astype(int) - colour) < 8).all(axis=-1))
    assert len(rows)
    return float(rows.mean() / len(sheet)), float(columns.mean() / len(sheet[0]))


@pytest.mark.parametrize(("count", "rows", "columns"), [(1, 1, 1), (2, 1, 2), (3, 2, 2), (5, 2, 3)])
def test_as_many_rows_as_columns_in_the_order_given(count: int, rows: int, columns: int) -> None:
    sheet = draw(*make_tiles(count))
    assert sheet.shape[1] <= SHEET_WIDTH + (columns + 1) * GAP
    for index, colour in enumerate(COLOURS[:count]):
        row, column = find_centre(sheet, colour)
        assert (int(row * rows), int(column * columns)) == divmod(index, columns)


def test_a_picture_is_shown_whole_and_undistorted() -> None:
    tall = Tile(title="tall", note="now", picture=paint((200, 0, 0), 90, 180))
    rows, columns = np.nonzero((np.abs(draw(tall).astype(int) - (200, 0, 0)) < 8).all(axis=-1))
    assert np.ptp(rows) / np.ptp(columns) == pytest.approx(2, rel=0.02)


def test_name_time_and_reason_are_written() -> None:
    named = Tile(title="porch", note="2026-11-20", picture=paint((200, 0, 0)))
    unnamed = Tile(title="", note="2026-11-20", picture=paint((200, 0, 0)))
    undated = Tile(title="porch", note="", picture=paint((200, 0, 0)))
    dark = Tile(title="porch", note="the camera hung up")
    darker = Tile(title="porch", note="no answer")
    sheets = [draw(tile).tobytes() for tile in (named, unnamed, undated, dark, darker)]
    assert len(set(sheets)) == len(sheets)


@pytest.mark.parametrize("has_dejavu", [True, False])
@pytest.mark.parametrize("title", ["Küche", "Дача", "カメラ", "📷" * 40, "\x1b[31m\n\0", "w" * 500])
def test_any_name_can_be_written(
    title: str, has_dejavu: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_dejavu:
        monkeypatch.setattr(contact_sheet, "FONT_FILE", "no such font.ttf")
    plain = draw(
        Tile(title="x", note=title), Tile(title=title, note="now", picture=paint((9, 9, 9)))
    )
    assert plain.shape == draw(*make_tiles(2)).shape


def test_a_tile_is_painted_anew_and_an_old_picture_is_darker() -> None:
    sheet = ContactSheet(2)
    tile = make_tiles(1)[0]
    sheet.paint(0, tile)
    place = sheet.locate_caption(1)
    bright = sheet.draw().to_ndarray(format="rgb24")
    sheet.paint(0, replace(tile, is_live=False))
    dark = sheet.draw().to_ndarray(format="rgb24")
    middle = bright.shape[0] // 2, bright.shape[1] // 4
    assert bright[middle].tolist() == pytest.approx(COLOURS[0], abs=8)
    assert dark[middle].tolist() == pytest.approx([level // 2 for level in COLOURS[0]], abs=8)
    assert place.x > 0.5
    assert 0.9 < place.y < 1
    assert place.width == pytest.approx(0.5, abs=0.02)
