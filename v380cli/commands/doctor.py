"""`v380 doctor`: what stands in the way, and what to do."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.commands import _console, _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.commands._session import interruptible
from v380cli.errors import CameraNotFound, PartialFailure

if TYPE_CHECKING:
    from v380cli.camera.interrupt import Interrupt
    from v380cli.work.doctor.finding import Finding

COLUMNS = ("state", "camera", "check", "what", "what to do")


@camera_command(all_devices=True, via=True)
def doctor(
    call: CameraCall,
    output: Annotated[Path, _options.place_option("DIR", "Where recordings would go.")] = Path(),
) -> Result:
    """Say what stands in the way of this machine and of cameras, and what to do about it.

    Causes come first. Each line is ok, warn, fail or skip; the exit code is 10 if anything failed.

    $ v380 doctor
    $ v380 doctor porch
    """
    from v380cli.camera.interrupt import Interrupt
    from v380cli.work.doctor.finding import State, put_causes_first

    interrupt = Interrupt()
    with interruptible(interrupt.request, is_change=False) as caught:
        findings = put_causes_first(list(_examine(call, output, interrupt)))
    caught.leave("interrupted")
    failed = [finding for finding in findings if finding.state is State.FAIL]
    return Result(
        document=[finding.to_json() for finding in findings],
        show=partial(_print, findings),
        error=PartialFailure(f"{failed[0].check}: {failed[0].message}") if failed else None,
    )


def _examine(call: CameraCall, output: Path, interrupt: "Interrupt") -> "Iterator[Finding]":
    """The machine, then each camera."""
    from v380cli.work.doctor.examining import examine_camera, examine_machine, fail_to_find

    yield from examine_machine(output)
    if not call.targets and not call.all_devices:
        return
    try:
        call.wait = not call.login.device_id
        devices = call.resolve()
    except CameraNotFound as error:
        yield fail_to_find(call.targets, error)
        return
    for device in devices:
        yield from examine_camera(device, interrupt)


def _print(findings: "Sequence[Finding]") -> None:
    """A paragraph each for a person, what to do below it; for a pipe, a line each."""
    if not _console.is_terminal():
        _console.print_table(
            COLUMNS, [(f.state, f.device, f.check, f.message, f.hint) for f in findings]
        )
        return
    for finding in findings:
        place = " ".join(filter(None, [finding.device, finding.check]))
        typer.echo(_console.fit(f"{finding.state:<4}  {place}: {finding.message}"))
        if finding.hint:
            typer.echo(_console.fit(finding.hint, _console.HINT_INDENT))
