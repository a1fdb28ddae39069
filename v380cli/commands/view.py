"""`v380 view`: a camera's live picture, in a window or in the terminal."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from v380cli.commands import _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.commands._screen_options import FpsOption, TerminalOption
from v380cli.commands._signals import stop_on_signals
from v380cli.models import Quality
from v380cli.sinks.screen.scene import MAX_FPS


@camera_command(via=True, json=False)
def view(
    call: CameraCall,
    terminal: TerminalOption = False,
    quality: _options.QualityOption = None,
    fps: FpsOption = MAX_FPS,
    no_audio: Annotated[
        bool, typer.Option("--no-audio", help="Be silent in a window, until the key for sound.")
    ] = False,
) -> Result:
    """Look at a camera: in a window, or in the terminal, over ssh too.

    Keys turn it, switch its light, save a picture and record; ? shows them, q quits. Saved files
    go into the current folder. A window has sound, if the extra `microphone` is installed.

    $ v380 view porch
    $ v380 view porch --terminal
    """
    from v380cli.commands._view_screen import choose_screen, hold_back_talk
    from v380cli.sinks.screen.terminal import TerminalScreen
    from v380cli.work.sharing import offer_controls
    from v380cli.work.viewing.viewer import Viewer

    chosen = call.resolve_one("view shows one camera; `v380 wall` shows several")
    screen, greeting = choose_screen(chosen.label, wants_terminal=terminal)
    viewer = Viewer(
        chosen,
        screen,
        quality=quality or chosen.quality or Quality.HD,
        fps=fps,
        greeting=greeting,
    )
    if not (no_audio or isinstance(screen, TerminalScreen)):
        viewer.sound.start()
    with (
        hold_back_talk(screen),
        stop_on_signals(viewer.stop) as caught,
        offer_controls(viewer.recorder),
    ):
        recording = viewer.run()
    return Result(
        show=partial(_print_paths, list(viewer.files.list_paths())),
        error=recording.error,
        exit_code=caught.exit_code,
    )


def _print_paths(paths: Sequence[Path]) -> None:
    for path in paths:
        typer.echo(path)
