"""With what to log in to a camera: its user, its password, and where that comes from."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from v380cli.models import DEFAULT_USERNAME, Device, PasswordSource, Secret, Via
from v380cli.store.database import DeviceList


def ask_nobody(_label: str) -> Secret:
    """For a password that nobody is there to be asked for: none."""
    return Secret()


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """With what to log in; an empty `username` leaves it to the list.

    Where `password`, from standard input, is None, the list's is taken; where the list has none,
    the one of the `environment`; and `ask` asks for that of a camera which is not listed. A
    `device_id` is that of the one camera whose address is given.
    """

    username: str = ""
    password: Secret | None = None
    environment: Secret | None = None
    device_id: int = 0
    via: Via | None = None
    ask: Callable[[str], Secret] = ask_nobody


def prepare_login(device: Device, devices: DeviceList, login: Login) -> Device:
    """`device` with the user and the password to log in with, and the origin of the password."""
    password, source = _find_password(device, devices, login)
    return replace(
        device,
        username=login.username or device.username or DEFAULT_USERNAME,
        password=password,
        password_source=source,
    )


def _find_password(
    device: Device, devices: DeviceList, login: Login
) -> tuple[Secret, PasswordSource]:
    if login.password is not None:
        return login.password, PasswordSource.STANDARD_INPUT
    is_listed = bool(device.name)
    stored = devices.read_password(device.name) if is_listed and device.is_known else Secret()
    if stored:
        return stored, PasswordSource.LIST
    if login.environment is not None and (login.environment or not is_listed):
        return _name_source(login.environment, PasswordSource.ENVIRONMENT)
    if is_listed:
        return Secret(), PasswordSource.NOBODY
    return _name_source(login.ask(device.label), PasswordSource.PERSON)


def _name_source(password: Secret, source: PasswordSource) -> tuple[Secret, PasswordSource]:
    return password, source if password else PasswordSource.NOBODY
