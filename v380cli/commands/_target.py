"""What the command line says about cameras and their passwords, made devices."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import typer

from v380cli.commands import _console, _passwords
from v380cli.errors import V380Error
from v380cli.models import Device, Via


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginOptions:
    """What the command line says about the log-in; an empty `username` leaves it to the list.

    A `device_id` is that of the one camera whose address is given; without `via` the list says it.
    """

    username: str = ""
    password_stdin: bool = False
    device_id: int = 0
    via: Via | None = None


def resolve_targets(
    targets: Sequence[str],
    *,
    all_devices: bool = False,
    login: LoginOptions | None = None,
    wait: bool = False,
) -> list[Device]:
    """The cameras as `work.targets` has them; typer.BadParameter where none is named."""
    from v380cli.work import passwords
    from v380cli.work import targets as cameras

    login = login or LoginOptions()
    if not targets and not all_devices:
        raise typer.BadParameter("name a camera: its name, device id, MAC or address, or @group")
    if login.device_id and (len(targets) != 1 or all_devices):
        raise typer.BadParameter("--id goes with the address of one camera")
    return cameras.resolve_targets(
        None if all_devices else targets,
        passwords.Login(
            username=login.username,
            password=_passwords.read_stdin_password() if login.password_stdin else None,
            environment=_passwords.read_environment(),
            device_id=login.device_id,
            via=login.via,
            ask=_passwords.ask_password if sys.stdin.isatty() else passwords.ask_nobody,
        ),
        wait=wait,
        tell=talk_error,
    )


def talk_error(error: V380Error) -> None:
    """Say what is wrong with one of several cameras, and go on."""
    _console.tell_error(error.message, error.hint)
