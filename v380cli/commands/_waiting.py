"""Cameras that are not there yet, because the power has just come back or because they are off."""

import contextlib
from collections.abc import Iterator
from typing import Annotated

import typer

from v380cli.errors import CameraNotFound, NetworkError
from v380cli.work.targets import UnknownCamera

WaitOption = Annotated[
    bool,
    typer.Option(
        "--wait",
        help="Wait for a camera that is not there yet; for several that is so anyway.",
    ),
]


@contextlib.contextmanager
def suggest_wait() -> Iterator[None]:
    """Let the hint of what ends the block name --wait, where that would have helped."""
    try:
        yield
    except UnknownCamera:
        raise
    except (CameraNotFound, NetworkError) as error:
        error.hint = "; ".join(filter(None, [error.hint, "--wait waits until it is there"]))
        raise
