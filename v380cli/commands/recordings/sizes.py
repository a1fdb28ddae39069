"""Sizes on the command line, in decimal units as disks are sold."""

import re
from typing import Annotated

import typer

UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([kmgt]?)b?", re.IGNORECASE)

MinFreeOption = Annotated[
    str, typer.Option(metavar="SIZE", help="Stop before the disk has less than this left.")
]


def parse_size(text: str) -> int:
    """`500M`, `1.5G` or a number of bytes; raises typer.BadParameter."""
    match = SIZE.fullmatch(text.strip())
    if not match:
        raise typer.BadParameter(f"{text!r} is no size; write 500M or 1.5G")
    return round(float(match[1]) * UNITS[match[2].lower()])
