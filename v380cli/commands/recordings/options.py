"""Options that several `v380 recordings` commands share."""

from enum import StrEnum
from typing import Annotated

import typer


class KindName(StrEnum):
    """The kinds of recordings, as one can ask for them."""

    NORMAL = "normal"
    MOTION = "motion"
    ALARM = "alarm"


DateOption = Annotated[
    str, typer.Option(metavar="DAY", help="today, yesterday or 2026-11-20, on the camera's clock.")
]
SinceOption = Annotated[
    str, typer.Option(metavar="TIME", help="From then on: 2h, 7d, 2026-11-20 or 2026-11-20T08:00.")
]
UntilOption = Annotated[str, typer.Option(metavar="TIME", help="Up to then, written like --since.")]
KindOption = Annotated[
    list[KindName] | None, typer.Option("--type", help="Only of this kind; repeatable.")
]

MinFreeOption = Annotated[
    str, typer.Option(metavar="SIZE", help="Stop before the disk has less than this left.")
]
