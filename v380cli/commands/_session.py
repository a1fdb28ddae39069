"""One camera that is asked or told something in turn, until it is done or interrupted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from v380cli.commands._signals import stop_on_signals
from v380cli.errors import V380Error
from v380cli.models import Device

if TYPE_CHECKING:
    from v380cli.camera.settings.client import SettingsClient


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
def interruptible(stop: Callable[[], None], *, is_change: bool) -> Iterator[None]:
    """Turn what fails because of a signal into the exit code of that signal."""
    with stop_on_signals(stop) as caught:
        try:
            yield
        except V380Error:
            note = ": what was under way may be done or not" if is_change else ""
            caught.leave(f"interrupted{note}")
            raise
