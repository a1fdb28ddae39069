"""`v380 light`: the camera's light."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from v380cli.commands import _control
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.models import Device
from v380cli.wire.control import LightSwitch

if TYPE_CHECKING:
    from v380cli.wire.control import Control

SWITCHES = {"on": LightSwitch.ON, "off": LightSwitch.OFF, "auto": LightSwitch.AUTO}


@camera_command(_control.name_words("[CAMERA]... [on|off|auto]", SWITCHES), all_devices=True)
def light(
    call: CameraCall,
    brightness: Annotated[
        int | None, typer.Option(min=1, max=255, metavar="N", help="The scale is the camera's own.")
    ] = None,
    sensitivity: Annotated[
        Literal["low", "normal", "high"] | None,
        typer.Option(help="How dark it has to be for the light to go on."),
    ] = None,
    force: _control.ForceOption = False,
) -> Result:
    """Switch the light: infrared or white, whatever the camera has.

    A camera does not confirm it: "sent" is all that is known.

    $ v380 light porch on
    $ v380 light @garden auto
    """
    from v380cli.wire.control import LightControl, LightSensitivity, LightSensitivityControl

    word = call.take_last(list(SWITCHES))
    if sensitivity is None or brightness is not None:
        _control.check_word(call, word, list(SWITCHES))
    controls: list[Control] = []
    if word:
        controls.append(LightControl(switch=SWITCHES[word], brightness=brightness or 0))
    if sensitivity:
        level = LightSensitivity[sensitivity.upper()]
        controls.append(LightSensitivityControl(sensitivity=level))

    def make(_device: Device) -> "Sequence[Control]":
        return controls

    said = [word, f"brightness {brightness}" if brightness else ""]
    said.append(f"sensitivity {sensitivity}" if sensitivity else "")
    plan = _control.ControlPlan(words=" ".join(["light", *filter(None, said)]), make=make)
    return _control.run_plan(call, plan, force=force)
