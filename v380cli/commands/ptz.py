"""`v380 ptz`: turn the camera."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.commands import _console, _control, _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.errors import InvalidInput
from v380cli.models import Device
from v380cli.wire.control import MAX_STEP, MIN_STEP, PtzDirection

if TYPE_CHECKING:
    from v380cli.wire.control import Control

STOP = "stop"
WORDS = [*PtzDirection, STOP]
ANSWERS = {"normal": False, "swapped": True}


@camera_command(
    _control.name_words(
        "[CAMERA]... [left|right|up|down|up-left|...|stop]", WORDS, "where to turn"
    ),
    all_devices=True,
    via=True,
)
def ptz(
    call: CameraCall,
    steps: Annotated[
        int | None,
        typer.Option(min=MIN_STEP, max=MAX_STEP, metavar="N", help="How far; else 1."),
    ] = None,
    hold: Annotated[
        float | None,
        typer.Option(
            "--for",
            parser=_options.parse_duration,
            metavar="TIME",
            help="Go on for 2s or the like, then stop; Ctrl-C stops, too.",
        ),
    ] = None,
    calibrate: Annotated[
        bool,
        typer.Option(
            "--calibrate",
            help="Find out whether left and right are swapped; or say it: normal, swapped.",
        ),
    ] = False,
    force: _control.ForceOption = False,
) -> Result:
    """Turn the camera: left, right, up, down, up-left, up-right, down-left, down-right, stop.

    A step is a turn that ends by itself; how far is the camera's own. Where left turns right,
    --calibrate puts that into the device list, once. A camera does not confirm controls: "sent" is
    all that is known.

    $ v380 ptz porch left --steps 3
    $ v380 ptz porch up --for 2s
    """
    if calibrate and (steps or hold):
        raise typer.BadParameter("--calibrate takes one step of its own")
    word = call.take_last(list(ANSWERS) if calibrate else WORDS)
    if calibrate:
        return _calibrate(call, word, force=force)
    return _control.run_plan(call, _make_plan(call, word, steps, hold), force=force)


def _make_plan(
    call: CameraCall, word: str, steps: int | None, hold_s: float | None
) -> _control.ControlPlan:
    from v380cli.wire.control import HELD_STEP, PTZ_STOP, make_ptz

    _control.check_word(call, word, WORDS)
    if steps and hold_s:
        raise typer.BadParameter("say --steps or --for, not both")
    if word == STOP:
        if steps or hold_s:
            raise typer.BadParameter("stop takes neither --steps nor --for")
        return _control.ControlPlan(words="ptz stop", make=lambda _device: [PTZ_STOP])
    direction = PtzDirection(word)
    step = HELD_STEP if hold_s else steps or MIN_STEP

    def make(device: Device) -> "Sequence[Control]":
        return [make_ptz(direction, step, swapped=device.ptz_swapped)]

    if hold_s:
        said = f"ptz {word} for {hold_s:g} s"
        return _control.ControlPlan(words=said, make=make, hold_s=hold_s, release=PTZ_STOP)
    return _control.ControlPlan(words=f"ptz {word} {step}", make=make)


def _calibrate(call: CameraCall, word: str, *, force: bool) -> Result:
    """Learn whether left is right: from `word`, else from the person who watches it turn."""
    from v380cli.store.database import open_device_list
    from v380cli.work.targets import find_named

    if len(call.targets) != 1:
        raise typer.BadParameter("name one camera to calibrate")
    if not word and not sys.stdin.isatty():
        raise typer.BadParameter(
            "nobody is here to say which way it turns; add normal or swapped at the end"
        )
    with open_device_list(create=False) as devices:
        listed = find_named(devices, call.targets)
    if len(listed) != 1:
        raise typer.BadParameter("name one camera to calibrate, not a group")
    name = listed[0].device.name
    swapped = ANSWERS[word] if word else _watch_it_turn(call, force=force)
    with open_device_list(create=False) as devices:
        devices.learn_swap(name, swapped)
    said = "swapped" if swapped else "as they should be"
    return Result(
        document=[{"device": name, "ptz_swapped": swapped}],
        show=lambda: typer.echo(f"{name}: left and right are {said}"),
    )


def _watch_it_turn(call: CameraCall, *, force: bool) -> bool:
    """Turn left as the protocol has it, and ask; whether it turned right."""
    from v380cli.wire.control import make_ptz

    plan = _control.ControlPlan(
        words="ptz left 1", make=lambda _device: [make_ptz(PtzDirection.LEFT)]
    )
    _console.say("Watch the camera, or its picture: it is told to turn left now.")
    results, exit_code = _control.send_plan(call.resolve(), plan, force=force)
    if exit_code:
        raise typer.Exit(exit_code)
    if error := results[0].error:
        raise error
    answer = typer.prompt(
        "Seen from behind it, where did it turn? [left/right/neither]", default="neither", err=True
    )
    match answer.strip().lower()[:1]:
        case "l":
            return False
        case "r":
            return True
    raise InvalidInput("nothing was learnt", hint="try again when it has room to turn to the left")
