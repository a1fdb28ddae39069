"""`v380 track`: turn after what moves."""

from typing import Annotated

import typer

from v380cli.commands import _control, _options, _target
from v380cli.wire.control import Control, TrackingAction, TrackingControl, make_tracking

ACTIONS: dict[str, Control] = {
    "on": make_tracking(on=True),
    "off": make_tracking(on=False),
    "home": TrackingControl(action=TrackingAction.SET_HOME),
}


def track(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CAMERA]... on|off|home",
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
    """Let the camera turn after what moves, or not.

    home makes the position that it has now the one to come back to. A camera does not confirm it:
    "sent" is all that is known.
    """
    cameras, word = _control.take_word(words or [], list(ACTIONS))
    _control.check_word(word, list(ACTIONS))
    plan = _control.ControlPlan(words=f"track {word}", make=lambda _device: [ACTIONS[word]])
    login = _target.LoginOptions(username=username, password_stdin=password_stdin, device_id=id_)
    _control.run_plan([*cameras, *(device or [])], login, plan, force=force, json_=json_)
