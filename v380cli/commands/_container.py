"""`--format`: the container of the files that a command makes."""

from typing import Annotated

import typer

from v380cli.sinks.formats import ContainerFormat

FormatOption = Annotated[
    ContainerFormat | None,
    typer.Option("--format", help="Container of the files; else the output's ending, or mp4."),
]
