"""`v380 wall`: the live pictures of several cameras side by side."""

from contextlib import ExitStack
from typing import Annotated

import typer

from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.commands._screen_options import FpsOption, TerminalOption
from v380cli.commands._signals import stop_on_signals
from v380cli.models import Quality

DEFAULT_FPS = 15.0


@camera_command(all_devices=True, via=True, json=False)
def wall(
    call: CameraCall,
    terminal: TerminalOption = False,
    quality: Annotated[
        Quality, typer.Option(help="Which stream; the small one is enough for a tile.")
    ] = Quality.SD,
    fps: FpsOption = DEFAULT_FPS,
) -> Result:
    """Look at several cameras at once: in a window, or in the terminal, over ssh too.

    Without a name they are those of the device list. Keys make one of them large; ? shows them, q
    quits. A camera that is off is waited for. There is no sound.

    $ v380 wall
    $ v380 wall @outside --terminal
    """
    from v380cli.commands._view_screen import choose_screen, hold_back_talk
    from v380cli.work.outcome import join_errors
    from v380cli.work.sharing import offer_controls
    from v380cli.work.viewing.wall import Wall

    call.all_devices |= not call.targets
    call.wait = True
    devices = call.resolve()
    screen, greeting = choose_screen("cameras", wants_terminal=terminal)
    shown = Wall(devices, screen, quality=quality, fps=fps, greeting=greeting)
    with (
        hold_back_talk(screen),
        stop_on_signals(shown.stop) as caught,
        ExitStack() as shared,
    ):
        for recorder in shown.recorders:
            shared.enter_context(offer_controls(recorder))
        recordings = shown.run()
    return Result(
        error=join_errors([(each.device.label, each.error) for each in recordings]),
        exit_code=caught.exit_code,
    )
