"""`v380 ptz`: turn the camera."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from v380cli.commands import _console, _control, _options, _target
from v380cli.errors import InvalidInput
from v380cli.models import Device
from v380cli.store.database import open_device_list
from v380cli.wire.control import (
    HELD_STEP,
    MAX_STEP,
    MIN_STEP,
    PTZ_STOP,
    Control,
    PtzDirection,
    make_ptz,
)
from v380cli.work.targets import find_named

STOP = "stop"
WORDS = [*PtzDirection, STOP]
ANSWERS = {"normal": False, "swapped": True}


def ptz(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CAMERA]... [left|right|up|down|up-left|...|stop]",
            help="The camera (name, device id, MAC, address, @group), and where to turn.",
            autocompletion=_options.complete_camera,
        ),
    ] = None,
    device: _options.DeviceOption = None,
    steps: Annotated[
        int | None,
        typer.Option(min=MIN_STEP, max=MAX_STEP, metavar="N", help="How far, 1 to 5; else 1."),
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
    via: _options.ViaOption = None,
    id_: _options.DeviceIdOption = 0,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Turn the camera: left, right, up, down, up-left, up-right, down-left, down-right, stop.

    A step is a turn that ends by itself; how far is the camera's own. Where left turns right,
    --calibrate puts that into the device list, once. A camera does not confirm controls: "sent" is
    all that is known.
    """
    if calibrate and (steps or hold):
        raise typer.BadParameter("--calibrate takes one step of its own")
    cameras, word = _control.take_word(words or [], list(ANSWERS) if calibrate else WORDS)
    targets = [*cameras, *(device or [])]
    login = _target.LoginOptions(
        username=username, password_stdin=password_stdin, device_id=id_, via=via
    )
    if calibrate:
        _calibrate(targets, login, word, force=force, json_=json_)
        return
    plan = _make_plan(word, steps, hold)
    _control.run_plan(targets, login, plan, force=force, json_=json_)


def _make_plan(word: str, steps: int | None, hold_s: float | None) -> _control.ControlPlan:
    _control.check_word(word, WORDS)
    if steps and hold_s:
        raise typer.BadParameter("say --steps or --for, not both")
    if word == STOP:
        if steps or hold_s:
            raise typer.BadParameter("stop takes neither --steps nor --for")
        return _control.ControlPlan(words="ptz stop", make=lambda _device: [PTZ_STOP])
    direction = PtzDirection(word)
    step = HELD_STEP if hold_s else steps or MIN_STEP

    def make(device: Device) -> Sequence[Control]:
        return [make_ptz(direction, step, swapped=device.ptz_swapped)]

    if hold_s:
        said = f"ptz {word} for {hold_s:g} s"
        return _control.ControlPlan(words=said, make=make, hold_s=hold_s, release=PTZ_STOP)
    return _control.ControlPlan(words=f"ptz {word} {step}", make=make)


def _calibrate(
    targets: Sequence[str], login: _target.LoginOptions, word: str, *, force: bool, json_: bool
) -> None:
    """Learn whether left is right: from `word`, else from the person who watches it turn."""
    if len(targets) != 1:
        raise typer.BadParameter("name one camera to calibrate")
    if not word and not sys.stdin.isatty():
        raise typer.BadParameter(
            "nobody is here to say which way it turns; add normal or swapped at the end"
        )
    with open_device_list(create=False) as devices:
        listed = find_named(devices, targets)
    if len(listed) != 1:
        raise typer.BadParameter("name one camera to calibrate, not a group")
    name = listed[0].device.name
    swapped = ANSWERS[word] if word else _watch_it_turn(targets, login, force=force)
    with open_device_list(create=False) as devices:
        devices.learn_swap(name, swapped)
    if json_:
        _console.print_json({"device": name, "ptz_swapped": swapped})
    else:
        typer.echo(f"{name}: left and right are {'swapped' if swapped else 'as they should be'}")


def _watch_it_turn(targets: Sequence[str], login: _target.LoginOptions, *, force: bool) -> bool:
    """Turn left as the protocol has it, and ask; whether it turned right."""
    plan = _control.ControlPlan(
        words="ptz left 1", make=lambda _device: [make_ptz(PtzDirection.LEFT)]
    )
    _console.talk("Watch the camera, or its picture: it is told to turn left now.")
    results, exit_code = _control.send_plan(
        _target.resolve_targets(targets, login=login), plan, force=force
    )
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
