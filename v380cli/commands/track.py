"""`v380 track`: turn after what moves."""

from typing import TYPE_CHECKING

from v380cli.commands import _control
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.wire.control import TrackingAction, TrackingControl, make_tracking

if TYPE_CHECKING:
    from v380cli.wire.control import Control

ACTIONS: "dict[str, Control]" = {
    "on": make_tracking(on=True),
    "off": make_tracking(on=False),
    "home": TrackingControl(action=TrackingAction.SET_HOME),
}


@camera_command(_control.name_words("[CAMERA]... on|off|home", ACTIONS), all_devices=True)
def track(
    call: CameraCall,
    force: _control.ForceOption = False,
) -> Result:
    """Let the camera turn after what moves, or not.

    home makes the position that it has now the one to come back to. A camera does not confirm it:
    "sent" is all that is known.

    $ v380 track porch on
    """
    word = _control.take_word(call, list(ACTIONS))
    plan = _control.ControlPlan(words=f"track {word}", make=lambda _device: [ACTIONS[word]])
    return _control.run_plan(call, plan, force=force)
