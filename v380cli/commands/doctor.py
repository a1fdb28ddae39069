"""`v380 doctor`: what stands in the way, and what to do."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.camera.interrupt import Interrupt
from v380cli.commands import _console, _options, _target
from v380cli.commands._ending import ResultPrinted
from v380cli.commands._session import interruptible
from v380cli.errors import CameraNotFound, PartialFailure
from v380cli.work.targets import reach

if TYPE_CHECKING:
    from v380cli.work.doctor.finding import Finding

COLUMNS = ("STATE", "CAMERA", "CHECK", "WHAT", "WHAT TO DO")


def doctor(
    cameras: _options.CamerasArgument = None,
    device: _options.DeviceOption = None,
    all_cameras: Annotated[
        bool, typer.Option("--all", help="Every camera of the device list.")
    ] = False,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where recordings would go.")
    ] = Path(),
    via: _options.ViaOption = None,
    id_: _options.DeviceIdOption = 0,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Say what stands in the way of this machine and of cameras, and what to do about it.

    Causes come first. Each line is ok, warn, fail or skip; the exit code is 10 if anything failed.
    """
    from v380cli.work.doctor.finding import State, put_causes_first

    login = _target.LoginOptions(
        username=username, password_stdin=password_stdin, device_id=id_, via=via
    )
    targets = [*(cameras or []), *(device or [])]
    interrupt = Interrupt()
    with interruptible(interrupt.request, is_change=False):
        findings = put_causes_first(
            list(_examine(targets, login, output, interrupt, all_cameras=all_cameras))
        )
    _print(findings, json_=json_)
    failed = [finding for finding in findings if finding.state is State.FAIL]
    if failed:
        raise ResultPrinted(PartialFailure(f"{failed[0].check}: {failed[0].message}"))


def _examine(
    targets: Sequence[str],
    login: _target.LoginOptions,
    output: Path,
    interrupt: Interrupt,
    *,
    all_cameras: bool,
) -> "Iterator[Finding]":
    """The machine, then each camera."""
    from v380cli.work.doctor import camera, machine
    from v380cli.work.doctor.finding import Finding, State, run_checks

    yield from run_checks(machine.CHECKS, output)
    if not targets and not all_cameras:
        return
    try:
        devices = _target.resolve_targets(
            targets, all_devices=all_cameras, login=login, wait=not login.device_id
        )
    except CameraNotFound as error:
        name = ", ".join(targets)
        yield Finding(
            check="target",
            state=State.FAIL,
            message=error.message,
            hint=error.hint,
            device=name,
        )
        return
    for device in devices:
        interrupt.check()
        found = camera.Examination(reach(device, interrupt))
        yield from run_checks(camera.CHECKS, found, device.label)


def _print(findings: "Sequence[Finding]", *, json_: bool) -> None:
    if json_:
        _console.print_json(
            [
                {
                    "check": finding.check,
                    "state": finding.state,
                    "message": finding.message,
                    "hint": finding.hint,
                    "device": finding.device or None,
                }
                for finding in findings
            ]
        )
        return
    _console.print_table(
        COLUMNS, [(f.state, f.device, f.check, f.message, f.hint) for f in findings]
    )
