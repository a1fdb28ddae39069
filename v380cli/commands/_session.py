"""Cameras that are asked or told something in turn, until it is done or interrupted."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from v380cli.commands._ending import Result
from v380cli.commands._signals import Caught, stop_on_signals
from v380cli.errors import V380Error, describe_error
from v380cli.models import Device
from v380cli.work.outcome import join_errors

if TYPE_CHECKING:
    from v380cli.camera.settings.client import SettingsClient

Found = TypeVar("Found")


@contextmanager
def open_session(device: Device, *, is_change: bool = False) -> "Iterator[SettingsClient]":
    """A client that Ctrl-C and TERM end; what that means for a change is said."""
    from v380cli.camera.interrupt import Interrupt
    from v380cli.camera.settings.client import SettingsClient
    from v380cli.work.targets import reach

    interrupt = Interrupt()
    with interruptible(interrupt.request, is_change=is_change):
        yield SettingsClient.log_in(reach(device, interrupt))


@contextmanager
def interruptible(stop: Callable[[], None], *, is_change: bool) -> Iterator[Caught]:
    """Turn what fails because of a signal into the exit code of that signal."""
    with stop_on_signals(stop) as caught:
        try:
            yield caught
        except V380Error:
            note = ": what was under way may be done or not" if is_change else ""
            caught.leave(f"interrupted{note}")
            raise


def ask_each(
    devices: Sequence[Device],
    ask: "Callable[[SettingsClient], Found]",
    describe: Callable[[Device, Found], dict[str, Any]],
    show: Callable[[list[tuple[Device, Found]]], None],
    *,
    is_change: bool = False,
) -> Result:
    """Ask one camera after the other; one that fails does not hold up those that follow."""
    from v380cli.work.settings.documents import describe_device

    found: list[tuple[Device, Found]] = []
    failed: list[tuple[Device, V380Error]] = []
    for device in devices:
        try:
            with open_session(device, is_change=is_change) as client:
                found.append((device, ask(client)))
        except V380Error as error:
            failed.append((device, error))
    outcomes = [(device.label, None) for device, _ in found]
    return Result(
        document=[describe(*each) for each in found]
        + [describe_device(device) | {"error": describe_error(error)} for device, error in failed],
        show=partial(show, found),
        error=join_errors([*outcomes, *((device.label, error) for device, error in failed)]),
        is_empty=not found,
    )
