"""`v380 image`: colour, and which way the picture stands."""

from typing import TYPE_CHECKING

from v380cli.commands import _control
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.wire.control import ColorControl, ColorSwitch, Orientation, OrientationControl

if TYPE_CHECKING:
    from v380cli.wire.control import Control

MODES: "dict[str, Control]" = {
    "color": ColorControl(switch=ColorSwitch.COLOR),
    "bw": ColorControl(switch=ColorSwitch.BLACK_AND_WHITE),
    "auto": ColorControl(switch=ColorSwitch.AUTO),
    "flip": OrientationControl(orientation=Orientation.REVERSE),
    "up": OrientationControl(orientation=Orientation.UP),
    "down": OrientationControl(orientation=Orientation.DOWN),
    "left": OrientationControl(orientation=Orientation.LEFT),
    "right": OrientationControl(orientation=Orientation.RIGHT),
}


@camera_command(
    _control.name_words(f"[CAMERA]... {'|'.join(MODES)}", MODES), all_devices=True, via=True
)
def image(
    call: CameraCall,
    force: _control.ForceOption = False,
) -> Result:
    """Show the picture in colour or in black and white, or turn it over.

    color, bw and auto (bw by night) are about colour. flip turns the picture over, and over again;
    up, down, left and right say which way it stands. A camera does not confirm it: "sent" is all
    that is known.

    $ v380 image porch bw
    $ v380 image porch flip
    """
    word = _control.take_word(call, list(MODES))
    plan = _control.ControlPlan(words=f"image {word}", make=lambda _device: [MODES[word]])
    return _control.run_plan(call, plan, force=force)
