"""`v380 image`: colour, and which way the picture stands."""

from typing import Annotated

import typer

from v380cli.commands import _control, _options, _target
from v380cli.wire.control import (
    ColorControl,
    ColorSwitch,
    Control,
    Orientation,
    OrientationControl,
)

MODES: dict[str, Control] = {
    "color": ColorControl(switch=ColorSwitch.COLOR),
    "bw": ColorControl(switch=ColorSwitch.BLACK_AND_WHITE),
    "auto": ColorControl(switch=ColorSwitch.AUTO),
    "flip": OrientationControl(orientation=Orientation.REVERSE),
    "up": OrientationControl(orientation=Orientation.UP),
    "down": OrientationControl(orientation=Orientation.DOWN),
    "left": OrientationControl(orientation=Orientation.LEFT),
    "right": OrientationControl(orientation=Orientation.RIGHT),
}


def image(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar=f"[CAMERA]... {'|'.join(MODES)}",
            help="The camera (name, device id, MAC, address, @group), and what to do.",
            autocompletion=_options.complete_camera,
        ),
    ] = None,
    device: _options.DeviceOption = None,
    force: _control.ForceOption = False,
    id_: _options.DeviceIdOption = 0,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Show the picture in colour or in black and white, or turn it over.

    color, bw and auto (bw by night) are about colour. flip turns the picture over, and over again;
    up, down, left and right say which way it stands. A camera does not confirm it: "sent" is all
    that is known.
    """
    cameras, word = _control.take_word(words or [], list(MODES))
    _control.check_word(word, list(MODES))
    plan = _control.ControlPlan(words=f"image {word}", make=lambda _device: [MODES[word]])
    login = _target.LoginOptions(username=username, password_stdin=password_stdin, device_id=id_)
    _control.run_plan([*cameras, *(device or [])], login, plan, force=force, json_=json_)
