"""Controls of one camera: sent over a live stream that is opened for them (PROTOCOL.md, 5a)."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from v380cli.camera.access import Access
from v380cli.camera.transport import LiveLink
from v380cli.errors import Refused
from v380cli.models import Quality
from v380cli.wire.abilities import Abilities
from v380cli.wire.control import HELD_INTERVAL_S, Control, PresetControl, find_lacking

# A camera takes controls while it sends media, so the first frame is waited for; one that sends
# none so soon is told all the same.
WARM_UP_S = 0.7
# To close a socket with unread media on it resets it, and what the camera has not read is lost.
DRAIN_S = 0.3
DRAIN_FRAMES = 2

FORCE_HINT = "if you know better, --force sends it all the same"


class NotAble(Refused):
    """The camera says that it lacks what a control needs."""

    code = "not_able"


class Controls(Protocol):
    """Something that takes controls to a camera; every method raises NetworkError or a Refused."""

    def send(self, control: Control) -> None:
        """Send it now."""

    def wait(self, seconds: float) -> None:
        """Let this time pass, or a little more, with the link kept alive."""


def check_able(abilities: Abilities | None, controls: Sequence[Control]) -> None:
    """Raise NotAble for the first control whose ability the camera says that it lacks."""
    for control in controls:
        if lacking := find_lacking(abilities, control):
            raise NotAble(f"the camera says that it has no {lacking.words}", hint=FORCE_HINT)
        if isinstance(control, PresetControl) and abilities:
            _check_preset(abilities, control)


def _check_preset(abilities: Abilities, control: PresetControl) -> None:
    if abilities.preset_count and control.preset_id >= abilities.preset_count:
        raise NotAble(
            f"the camera says that it has {abilities.preset_count} presets only", hint=FORCE_HINT
        )


class StreamControls:
    """Controls over a live stream of our own, whose media are read and thrown away."""

    def __init__(self, stream: LiveLink) -> None:
        self._stream = stream

    def send(self, control: Control) -> None:
        self._stream.send_control(control.encode())

    def wait(self, seconds: float) -> None:
        self.read(seconds)

    def read(self, seconds: float, frames: int | None = None) -> None:
        """Read media until the time is over or so many frames have come."""
        deadline_s = time.monotonic() + seconds
        for count, _ in enumerate(self._stream.read_media(deadline_s=lambda: deadline_s), start=1):
            if count == frames or time.monotonic() >= deadline_s:
                return


@contextlib.contextmanager
def open_controls(
    access: Access, controls: Sequence[Control], *, force: bool
) -> Iterator[StreamControls]:
    """Log in and open a stream for `controls`: warmed up now, and drained at the end.

    What the camera says that it cannot do is refused after the log-in, unless by `force`. Raises
    NetworkError, a Refused, or RemoteProtocolError.
    """
    ticket = access.log_in()
    if not force:
        check_able(ticket.abilities, controls)
    with access.open_live(quality=Quality.SD, audio=False, prompt=True) as stream:
        link = StreamControls(stream)
        link.read(WARM_UP_S, frames=1)
        yield link
        link.read(DRAIN_S, frames=DRAIN_FRAMES)


def send_all(link: Controls, controls: Sequence[Control]) -> None:
    """Send some controls, with the pause between them that a finger makes."""
    for number, control in enumerate(controls):
        if number:
            link.wait(HELD_INTERVAL_S)
        link.send(control)


def hold(
    link: Controls,
    control: Control,
    release: Control,
    seconds: float,
    is_stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Send a control as the app does while a button is held, then the one that ends it."""
    due_s = time.monotonic()
    end_s = due_s + seconds
    while time.monotonic() < end_s and not is_stopping():
        link.send(control)
        due_s = min(due_s + HELD_INTERVAL_S, end_s)
        link.wait(max(0.0, due_s - time.monotonic()))
    link.send(release)
