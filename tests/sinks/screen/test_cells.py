"""Pictures as text, read back from the text."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.media_samples import make_video
from tests.virtual_terminal import VirtualTerminal
from v380cli.media.sink import Codec
from v380cli.sinks.pictures import PictureDecoder, decode_keyframe
from v380cli.sinks.screen.cells import (
    GREY_RAMP,
    RESET,
    Canvas,
    GreyCharacters,
    HalfBlocks,
    Pixels,
    Run,
    fit_picture,
    scale_picture,
)

COLUMNS, LINES = 80, 24


def decode_sample(codec: Codec = Codec.H264) -> list[Any]:
    video = make_video(codec)
    decoder = PictureDecoder(codec)
    return [picture for unit in video.units[:20] for picture in decoder.decode(unit.data)]


def scale(picture: Any, coding: Any = HalfBlocks) -> Pixels:
    columns, rows = fit_picture(picture.width, picture.height, COLUMNS, LINES, coding())
    return scale_picture(picture, columns, rows, coding())


def crop(terminal: VirtualTerminal, pixels: Pixels) -> NDArray[np.uint8]:
    return terminal.draw()[: pixels.shape[0], : pixels.shape[1]]


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
def test_what_the_terminal_shows_is_the_picture(codec: Codec) -> None:
    """Against the source, scaled another way: the mean of the pixels that each cell stands for."""
    video = make_video(codec)
    picture = decode_keyframe(codec, video.keyframe)
    pixels = scale(picture)
    terminal = VirtualTerminal(COLUMNS, LINES)
    terminal.feed(Canvas(HalfBlocks()).draw(pixels))
    shown = crop(terminal, pixels)
    assert (shown == pixels).all()
    source = picture.to_ndarray(format="rgb24").astype(float)
    height, width = source.shape[0] // shown.shape[0], source.shape[1] // shown.shape[1]
    blocks = source[: height * shown.shape[0], : width * shown.shape[1]]
    means = blocks.reshape(shown.shape[0], height, shown.shape[1], width, 3).mean(axis=(1, 3))
    assert np.abs(means - shown).mean() < 4


def test_a_moving_picture_stays_within_the_tolerance() -> None:
    canvas, terminal = Canvas(HalfBlocks()), VirtualTerminal(COLUMNS, LINES)
    for picture in decode_sample():
        pixels = scale(picture)
        terminal.feed(canvas.draw(pixels))
        difference = crop(terminal, pixels).astype(int) - pixels
        assert np.abs(difference).max() <= HalfBlocks.TOLERANCE
    assert terminal.unknown == set()


def test_only_what_changes_is_told() -> None:
    canvas = Canvas(HalfBlocks())
    pixels = scale(decode_sample()[0])
    whole = canvas.draw(pixels)
    assert len(canvas.draw(pixels)) < 10
    noisy = np.clip(pixels.astype(int) + HalfBlocks.TOLERANCE, 0, 255).astype(np.uint8)
    assert len(canvas.draw(noisy)) < 10
    changed = pixels.copy()
    changed[10, 20:22] = 255 - changed[10, 20:22]
    assert 20 < len(canvas.draw(changed)) < 120 < len(whole)


def test_one_cell_is_golden() -> None:
    """Red above, blue below; a cell of one colour is a space; a colour is told once."""
    pixels = np.array(
        [[[255, 0, 0]] * 2 + [[0, 0, 255]], [[0, 0, 255]] * 3],
        np.uint8,
    )
    text = Canvas(HalfBlocks()).draw(pixels, top=4, left=6)
    assert text == "\x1b[5;7H\x1b[38;2;255;0;0;48;2;0;0;255m▀▀ \x1b[0m"


def test_what_was_forgotten_is_drawn_again() -> None:
    canvas = Canvas(HalfBlocks())
    pixels = scale(decode_sample()[0])
    whole = canvas.draw(pixels)
    canvas.forget()
    assert canvas.draw(pixels) == whole
    assert canvas.draw(pixels[:, :-1]) != ""  # another size is another picture


def test_covered_rows_are_left_alone() -> None:
    pixels = scale(decode_sample()[0])
    terminal = VirtualTerminal(COLUMNS, LINES)
    terminal.feed("\x1b[1;1H\x1b[7mhelp\x1b[0m" + Canvas(HalfBlocks()).draw(pixels, covered=1))
    assert terminal.read_line(0).rstrip() == "help"
    assert (crop(terminal, pixels)[2:] == pixels[2:]).all()


def test_spared_cells_are_drawn_once_they_are_not_spared_any_more() -> None:
    canvas = Canvas(HalfBlocks())
    pixels = scale(decode_sample()[0])
    canvas.draw(pixels)
    word = Run(1, slice(2, 5))
    assert canvas.draw(pixels, spared=[word]) == RESET
    terminal = VirtualTerminal(COLUMNS, LINES)
    terminal.feed(canvas.draw(pixels))
    shown = crop(terminal, pixels)
    assert (shown[2:4, 2:5] == pixels[2:4, 2:5]).all()
    assert not shown[4:].any()


def test_without_colours_brightness_is_ink() -> None:
    ramp = np.linspace(0, 255, COLUMNS).astype(np.uint8)[np.newaxis]
    terminal = VirtualTerminal(COLUMNS, LINES)
    text = Canvas(GreyCharacters()).draw(ramp)
    terminal.feed(text)
    line = terminal.read_line(0)
    assert [GREY_RAMP.index(character) for character in line] == sorted(
        GREY_RAMP.index(character) for character in line
    )
    assert set(line) == set(GREY_RAMP)
    assert "38;" not in text
    assert "48;" not in text


def test_a_picture_that_is_old_is_half_as_bright() -> None:
    picture = decode_sample()[0]
    bright = scale_picture(picture, 40, 12, HalfBlocks())
    dark = scale_picture(picture, 40, 12, HalfBlocks(), is_dark=True)
    assert (dark == bright // 2).all()


@pytest.mark.parametrize(
    ("picture", "cells", "expected"),
    [
        ((1280, 720), (80, 23), (80, 22)),  # half blocks: 80 x 45 pixels
        ((1280, 720), (200, 49), (174, 49)),
        ((720, 1280), (80, 23), (26, 23)),
        ((2304, 1296), (1, 1), (1, 1)),
        ((4000, 16), (80, 23), (80, 1)),
    ],
)
def test_a_picture_keeps_its_shape(
    picture: tuple[int, int], cells: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert fit_picture(*picture, *cells, HalfBlocks()) == expected
    assert fit_picture(*picture, *cells, GreyCharacters()) == expected
