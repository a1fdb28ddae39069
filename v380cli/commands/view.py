"""`v380 view`: a camera's live picture, in a window or in the terminal."""

from typing import Annotated

import typer

from v380cli.commands import _options
from v380cli.commands._screen_loop import MAX_FPS
from v380cli.commands._signals import stop_on_signals
from v380cli.commands._target import LoginOptions, resolve_targets
from v380cli.models import Quality


def view(
    camera: _options.CamerasArgument = None,
    device: _options.DeviceOption = None,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="Show it here, even where a window could open.")
    ] = False,
    quality: Annotated[
        Quality | None, typer.Option(help="Which stream; else the device list's, or hd.")
    ] = None,
    fps: Annotated[
        float,
        typer.Option(
            min=0.1, max=MAX_FPS, metavar="N", help="Show so many pictures a second at most."
        ),
    ] = MAX_FPS,
    via: _options.ViaOption = None,
    id_: _options.DeviceIdOption = 0,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
) -> None:
    """Look at a camera: in a window, or in the terminal, over ssh too.

    Keys turn it, switch its light, save a picture and record; ? shows them, q quits. Saved files
    go into the current folder. There is no sound.
    """
    from v380cli.commands._view import Viewer
    from v380cli.commands._view_screen import choose_screen, hold_back_talk
    from v380cli.work.sharing import offer_controls

    login = LoginOptions(username=username, password_stdin=password_stdin, device_id=id_, via=via)
    devices = resolve_targets([*(camera or []), *(device or [])], login=login)
    if len(devices) > 1:
        raise typer.BadParameter("view shows one camera; `v380 snapshot --grid` shows several")
    (chosen,) = devices
    screen, greeting = choose_screen(chosen, wants_terminal=terminal)
    viewer = Viewer(
        chosen,
        screen,
        quality=quality or chosen.quality or Quality.HD,
        fps=fps,
        greeting=greeting,
    )
    with (
        hold_back_talk(screen),
        stop_on_signals(viewer.stop) as caught,
        offer_controls(viewer.recorder),
    ):
        recording = viewer.run()
    for path in viewer.files.list_paths():
        typer.echo(path)
    if caught.exit_code:
        raise typer.Exit(caught.exit_code)
    if recording.error:
        raise recording.error
