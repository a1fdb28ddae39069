"""`v380 zoom`: nearer and farther."""

from typing import Annotated

import typer

from v380cli.commands import _control
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.wire.control import MAX_STEP, MIN_STEP, ZoomDirection

DIRECTIONS = {"in": ZoomDirection.IN, "out": ZoomDirection.OUT}


@camera_command(_control.name_words("[CAMERA]... in|out", DIRECTIONS), all_devices=True, via=True)
def zoom(
    call: CameraCall,
    steps: Annotated[
        int, typer.Option(min=MIN_STEP, max=MAX_STEP, metavar="N", help="How far.")
    ] = MIN_STEP,
    force: _control.ForceOption = False,
) -> Result:
    """Zoom in or out, where the lens can.

    Which of the protocol's two numbers is in, no source says: if the lens goes the other way, say
    the other word, and tell us. A camera does not confirm it: "sent" is all that is known.

    $ v380 zoom porch in --steps 2
    """
    from v380cli.wire.control import ZoomControl

    word = _control.take_word(call, list(DIRECTIONS))
    control = ZoomControl(direction=DIRECTIONS[word], step=steps)
    plan = _control.ControlPlan(words=f"zoom {word} {steps}", make=lambda _device: [control])
    return _control.run_plan(call, plan, force=force)
