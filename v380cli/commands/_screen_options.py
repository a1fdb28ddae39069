"""Options of commands that show pictures on a screen."""

from typing import Annotated

import typer

from v380cli.sinks.screen.scene import MAX_FPS

TerminalOption = Annotated[
    bool, typer.Option("--terminal", help="Show it here, even where a window could open.")
]
FpsOption = Annotated[
    float,
    typer.Option(min=0.1, max=MAX_FPS, metavar="N", help="Show so many pictures a second at most."),
]
