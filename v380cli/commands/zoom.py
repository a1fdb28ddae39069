"""`v380 zoom`: nearer and farther."""

from typing import Annotated

import typer

from v380cli.commands import _control, _options, _target
from v380cli.wire.control import MAX_STEP, MIN_STEP, ZoomControl, ZoomDirection

DIRECTIONS = {"in": ZoomDirection.IN, "out": ZoomDirection.OUT}


def zoom(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CAMERA]... in|out",
            help="The camera (name, device id, MAC, address, @group), and what to do.",
            autocompletion=_options.complete_camera,
        ),
    ] = None,
    device: _options.DeviceOption = None,
    steps: Annotated[
        int, typer.Option(min=MIN_STEP, max=MAX_STEP, metavar="N", help="How far, 1 to 5.")
    ] = MIN_STEP,
    force: _control.ForceOption = False,
    id_: _options.DeviceIdOption = 0,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Zoom in or out, where the lens can.

    Which of the protocol's two numbers is in, no source says: if the lens goes the other way, say
    the other word, and tell us. A camera does not confirm it: "sent" is all that is known.
    """
    cameras, word = _control.take_word(words or [], list(DIRECTIONS))
    _control.check_word(word, list(DIRECTIONS))
    control = ZoomControl(direction=DIRECTIONS[word], step=steps)
    plan = _control.ControlPlan(words=f"zoom {word} {steps}", make=lambda _device: [control])
    login = _target.LoginOptions(username=username, password_stdin=password_stdin, device_id=id_)
    _control.run_plan([*cameras, *(device or [])], login, plan, force=force, json_=json_)
