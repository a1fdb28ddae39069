"""Rows laid out for a terminal: words stay whole, and what is wanted least gives way."""

import datetime as dt
import textwrap
from collections.abc import Callable, Iterable, Sequence

# Columns that are left out where the terminal is too narrow for all: those that are empty, then
# these in their order.
DISPENSABLE = (
    "answered",
    "codec",
    "sound",
    "fw",
    "on",
    "video",
    "pictures",
    "reconnects",
    "dropped",
    "frames",
    "area",
    "score",
    "seconds",
    "last seen",
)
# Columns whose cells may be broken between words, as the last column's may.
PROSE = ("state", "what", "value", "before")
GAP = "  "

Measure = Callable[[str], int]  # how many cells of a terminal a text takes


def lay_out(
    columns: Sequence[str], rows: Iterable[Sequence[object]], width: int, measure: Measure = len
) -> list[str]:
    """Lines, the header first; where whole words do not fit, lines are longer than `width`."""
    table = [list(columns), *([str(cell) for cell in row] for row in rows)]
    table = _drop_columns(table, width, measure)
    widths = _share(table, width, measure)
    return [line for row in table for line in _draw_row(row, widths, measure)]


def _drop_columns(table: list[list[str]], width: int, measure: Measure) -> list[list[str]]:
    empty = [name for name, *cells in zip(*table, strict=True) if not any(cells)]
    for name in (*empty, *DISPENSABLE):
        if _sum(_list_natural(table, measure)) <= width:
            break
        if name in table[0]:
            place = table[0].index(name)
            table = [row[:place] + row[place + 1 :] for row in table]
    return table


def _share(table: list[list[str]], width: int, measure: Measure) -> list[int]:
    """The width of each column: prose is narrowed, to its longest word at the most."""
    widths, least = _list_natural(table, measure), _list_least(table, measure)
    while _sum(widths) > width and widths != least:
        spare = [wide - low for wide, low in zip(widths, least, strict=True)]
        widths[spare.index(max(spare))] -= 1
    return widths


def _list_natural(table: list[list[str]], measure: Measure) -> list[int]:
    return [max(map(measure, column)) for column in zip(*table, strict=True)]


def _list_least(table: list[list[str]], measure: Measure) -> list[int]:
    columns = list(zip(*table, strict=True))
    is_prose = [name in PROSE for name in table[0]]
    is_prose[-1] = True
    return [
        max((measure(word) for cell in column for word in cell.split()), default=0)
        if wraps
        else max(map(measure, column))
        for column, wraps in zip(columns, is_prose, strict=True)
    ]


def _sum(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _draw_row(row: Sequence[str], widths: Sequence[int], measure: Measure) -> list[str]:
    cells = [_wrap(cell, width, measure) for cell, width in zip(row, widths, strict=True)]
    height = max(map(len, cells))
    padded = [cell + [""] * (height - len(cell)) for cell in cells]
    return [
        GAP.join(
            f"{part}{' ' * (width - measure(part))}"
            for part, width in zip(parts, widths, strict=True)
        ).rstrip()
        for parts in zip(*padded, strict=True)
    ]


def _wrap(cell: str, width: int, measure: Measure) -> list[str]:
    if measure(cell) <= width:
        return [cell]
    return textwrap.wrap(cell, width, break_long_words=False, break_on_hyphens=False) or [""]


def format_local(time: dt.datetime | None) -> str:
    """A time as the person's clock shows it, empty for None."""
    return f"{time.astimezone():%Y-%m-%d %H:%M}" if time else ""
