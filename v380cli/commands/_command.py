"""What every command about cameras shares: its options, the cameras, and its ending.

    @camera_command(via=True)
    def info(call: CameraCall, redact: RedactOption = False) -> Result: ...

The function has its own words only. The options that all have, and those that are asked for here,
stand before and behind them on the command line.
"""

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import typer

from v380cli.commands import _options, _target
from v380cli.commands._ending import Result, end
from v380cli.commands._target import LoginOptions
from v380cli.errors import CameraNotFound, NetworkError
from v380cli.models import Device

Function = Callable[..., Result | None]
Shared = tuple[str, Any, Any]  # name, annotation, default


@dataclass(slots=True, kw_only=True)
class CameraCall:
    """What the command line says of the cameras and of the way to them.

    `words` are the arguments, cameras first; `named` those of -d. Where waiting would not help,
    `may_wait` is made False.
    """

    words: list[str]
    named: list[str] = field(default_factory=list)
    all_devices: bool = False
    wait: bool = False
    login: LoginOptions = field(default_factory=LoginOptions)
    json: bool = False
    may_wait: bool = False

    @property
    def targets(self) -> list[str]:
        return [*self.words, *self.named]

    def resolve(self) -> list[Device]:
        """The cameras that are meant, fit to log in to."""
        return _target.resolve_targets(
            self.targets, all_devices=self.all_devices, login=self.login, wait=self.wait
        )

    def resolve_one(self, refusal: str = "one camera at a time: name one") -> Device:
        """The one camera that is named; several are refused."""
        devices = self.resolve()
        if len(devices) != 1:
            raise typer.BadParameter(refusal)
        return devices[0]

    def take_rest(self) -> list[str]:
        """Take the arguments behind the first, which is the camera unless -d or --all names it."""
        count = 0 if self.named or self.all_devices else 1
        rest, self.words = self.words[count:], self.words[:count]
        return rest

    def take_last(self, choices: Sequence[str]) -> str:
        """Take the last argument, if it is one of these words; else empty."""
        return self.words.pop() if self.words and self.words[-1] in choices else ""

    def run(self, function: Callable[[], Result | None]) -> None:
        """Run it and end as it says; a camera that is not there lets the hint name --wait."""
        from v380cli.work.targets import UnknownCamera

        try:
            end(function() or Result(), json=self.json)
        except UnknownCamera:
            raise
        except (CameraNotFound, NetworkError) as error:
            if self.may_wait:
                error.hint = "; ".join(filter(None, [error.hint, "--wait waits until it is there"]))
            raise


def camera_command(
    cameras: Any = _options.CamerasArgument,
    *,
    all_devices: bool = False,
    wait: bool = False,
    via: bool = False,
    json: bool = True,
) -> Callable[[Function], Callable[..., None]]:
    """Make a command of `function(call, ...)`; `cameras` is the argument that names them."""
    before: list[Shared] = [("cameras", cameras, None), ("device", _options.DeviceOption, None)]
    before += [("all_devices", _options.AllOption, False)] if all_devices else []
    after: list[Shared] = [("wait", _options.WaitOption, False)] if wait else []
    after += [("via", _options.ViaOption, None)] if via else []
    after += [
        ("id_", _options.DeviceIdOption, 0),
        ("username", _options.UsernameOption, ""),
        ("password_stdin", _options.PasswordStdinOption, False),
    ]
    after += [("json_", _options.JsonOption, False)] if json else []

    def decorate(function: Function) -> Callable[..., None]:
        def command(**values: Any) -> None:
            shared = {name: values.pop(name) for name, _, _ in (*before, *after)}
            call = _make_call(shared)
            call.run(partial(function, call, **values))

        _, *own = inspect.signature(function, eval_str=True).parameters.values()
        words = [(each.name, each.annotation, each.default) for each in own]
        _dress(command, function, [*before, *words, *after])
        return command

    return decorate


def _make_call(shared: dict[str, Any]) -> CameraCall:
    words = shared["cameras"] or []
    return CameraCall(
        words=[words] if isinstance(words, str) else list(words),
        named=list(shared["device"] or []),
        all_devices=shared.get("all_devices", False),
        wait=shared.get("wait", False),
        login=LoginOptions(
            username=shared["username"],
            password_stdin=shared["password_stdin"],
            device_id=shared["id_"],
            via=shared.get("via"),
        ),
        json=shared.get("json_", False),
        may_wait="wait" in shared,
    )


def _dress(command: Any, function: Function, words: Iterable[Shared]) -> None:
    """Let typer see this command line instead of `**values`."""
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, kind, default in words
    ]
    command.__signature__ = inspect.Signature(parameters)
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    command.__name__, command.__doc__ = function.__name__, function.__doc__
    command.__module__ = function.__module__
