"""What the commands that control a camera share: words, the way to the camera, the result."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from v380cli.commands import _console, _options
from v380cli.commands._command import CameraCall
from v380cli.commands._ending import Result
from v380cli.commands._signals import stop_on_signals
from v380cli.errors import V380Error, describe_error
from v380cli.models import Device
from v380cli.models import Via as Road
from v380cli.text import advise_word, join_words
from v380cli.work.outcome import join_errors

if TYPE_CHECKING:
    from v380cli.camera.control import Controls
    from v380cli.wire.control import Control

log = logging.getLogger(__name__)


def name_words(metavar: str, words: Iterable[str], rest: str = "what to do") -> Any:
    """The argument that names cameras and, at its end, what to do: one of these words."""
    return Annotated[
        list[str] | None,
        typer.Argument(
            metavar=_options.Words(metavar, words),
            help=f"The camera (name, device id, MAC, address, @group), and {rest}.",
            autocompletion=_options.complete_target,
        ),
    ]


ForceOption = Annotated[
    bool, typer.Option("--force", help="Send it although the camera does not list the ability.")
]


class Via(StrEnum):
    """The way that controls took."""

    OWN = "own connection"
    RECORDER = "recorder"
    ONVIF = "onvif"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPlan:
    """What to send to a camera; `words` say it, as `ptz left 3`.

    With a `release` the first control is repeated for `hold_s` seconds.
    """

    words: str
    make: "Callable[[Device], Sequence[Control]]"
    hold_s: float = 0.0
    release: "Control | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How it went with one camera; `via` is None when nothing was sent."""

    device: Device
    words: str
    via: Via | None
    error: V380Error | None = None

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "device": self.device.label,
            "control": self.words,
            "sent": self.error is None,
            "via": self.via,
        }
        return document | ({"error": describe_error(self.error)} if self.error else {})


class Stopper:
    """Ctrl-C: it ends a wait for the camera at once, and what is being sent in good order."""

    def __init__(self) -> None:
        from v380cli.camera.interrupt import Interrupt

        self.is_linked = False
        self.interrupt = Interrupt()
        self._is_requested = False

    def __call__(self) -> bool:
        return self._is_requested

    def request(self) -> None:
        """Ask for the end; takes no lock, so a signal handler may call it."""
        self._is_requested = True
        if not self.is_linked:
            self.interrupt.request()


def take_word(call: CameraCall, choices: Sequence[str]) -> str:
    """The last word, which says what to do; typer.BadParameter where there is none."""
    word = call.take_last(choices)
    check_word(call, word, choices)
    return word


def check_word(call: CameraCall, word: str, choices: Sequence[str]) -> None:
    """Raise typer.BadParameter where nothing says what to do."""
    if not word:
        advice = next(filter(None, (advise_word(each, choices) for each in call.words)), "")
        said = f"say {join_words(choices)} after the camera"
        raise typer.BadParameter("; ".join(filter(None, [said, advice])))


def run_plan(
    call: CameraCall,
    plan: ControlPlan,
    *,
    force: bool,
    devices: Sequence[Device] | None = None,
) -> Result:
    """Send it to each camera in turn, those of the call or these; how that went."""
    results, exit_code = send_plan(devices or call.resolve(), plan, force=force)
    is_released = plan.release and not results[-1].error
    return Result(
        document=[result.to_json() for result in results],
        show=partial(_print_results, results),
        error=_find_error(results),
        is_empty=all(result.error for result in results),
        exit_code=exit_code,
        note="interrupted: the camera was told to stop" if is_released else "",
    )


def send_plan(
    devices: Sequence[Device], plan: ControlPlan, *, force: bool
) -> tuple[list[Sent], int]:
    """Send it to each camera in turn, until a signal, whose exit code is returned, or 0."""
    stopper = Stopper()
    results = []
    with stop_on_signals(stopper.request) as caught:
        for device in devices:
            results.append(_run_one(device, plan, stopper, force=force))
            if stopper():
                break
    return results, caught.exit_code


def _run_one(device: Device, plan: ControlPlan, stopper: Stopper, *, force: bool) -> Sent:
    stopper.is_linked = False
    try:
        with _open_way(device, plan, stopper, force=force) as (link, via):
            stopper.is_linked = True
            _send(link, plan, device, stopper)
    except V380Error as error:
        return Sent(device=device, words=plan.words, via=None, error=error)
    return Sent(device=device, words=plan.words, via=via)


@contextmanager
def _open_way(
    device: Device, plan: ControlPlan, stopper: Stopper, *, force: bool
) -> "Iterator[tuple[Controls, Via]]":
    """Through a command that has the camera open, else over a stream of our own."""
    from v380cli.work.sharing import find_remote
    from v380cli.work.targets import reach

    if remote := find_remote(device, force=force):
        log.info("%s: through the command that has its stream open", device.label)
        yield remote, Via.RECORDER
        return
    log.info("%s: over a connection of our own", device.label)
    from v380cli.camera.onvif_controls import open_any_controls

    access = reach(device, stopper.interrupt)
    wanted = open_any_controls(access, plan.make(device), device.via, force=force)
    with wanted as (link, road):
        yield link, Via.ONVIF if road is Road.RTSP else Via.OWN


def _send(link: "Controls", plan: ControlPlan, device: Device, stopper: Stopper) -> None:
    from v380cli.camera.control import hold, send_all

    controls = plan.make(device)
    if plan.release is None:
        send_all(link, controls)
    else:
        hold(link, controls[0], plan.release, plan.hold_s, stopper)


def _print_results(results: Sequence[Sent]) -> None:
    for result in results:
        if result.error:
            typer.echo(f"{result.device.label}: not sent: {result.error.message}")
        else:
            typer.echo(f"{result.device.label}: {result.words}, sent")
    if any(not result.error for result in results) and _console.is_terminal():
        _console.talk("Cameras do not confirm controls.")


def _find_error(results: Sequence[Sent]) -> V380Error | None:
    return join_errors([(result.device.label, result.error) for result in results])
