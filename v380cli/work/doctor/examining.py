"""All checks in their order: of this machine, and of one camera."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from v380cli.camera.interrupt import Interrupt
from v380cli.errors import CameraNotFound
from v380cli.models import Device
from v380cli.work.doctor import camera, machine
from v380cli.work.doctor.finding import Finding, State, run_checks
from v380cli.work.targets import reach


def examine_machine(folder: Path) -> Iterator[Finding]:
    """What recording into `folder` and finding cameras need of this machine."""
    yield from run_checks(machine.CHECKS, folder)


def examine_camera(device: Device, interrupt: Interrupt) -> Iterator[Finding]:
    """From the camera's address to its first picture, and who else may look at it."""
    interrupt.check()
    found = camera.Examination(reach(device, interrupt))
    yield from run_checks(camera.CHECKS, found, device.label)


def fail_to_find(targets: Sequence[str], error: CameraNotFound) -> Finding:
    """Cameras of which nothing can be examined."""
    return Finding(
        check="target",
        state=State.FAIL,
        message=error.message,
        hint=error.hint,
        device=", ".join(targets),
    )
