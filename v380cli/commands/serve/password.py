"""What players must know."""

import os

from v380cli.commands._passwords import read_stdin_line
from v380cli.errors import InvalidInput
from v380cli.models import Secret
from v380cli.net.http_access import is_loopback
from v380cli.wire.rtsp.digest import Credentials

PASSWORD_VARIABLE = "V380_SERVE_PASSWORD"  # noqa: S105 - the name of a variable
DEFAULT_USER = "v380"
MIN_CHARS, MAX_CHARS = 8, 128
NOT_IN_USERS = set('":\\')  # they have a meaning where users are written


def read_credentials(hosts: list[str], user: str, *, from_stdin: bool) -> Credentials | None:
    """The user and password of players; None if none are given and only this machine is served.

    InvalidInput if they are missing, or cannot be used.
    """
    password = os.environ.get(PASSWORD_VARIABLE, "")
    if from_stdin:
        password = read_stdin_line(MAX_CHARS + 2).rstrip("\r\n")
    if not password and not user and all(map(is_loopback, hosts)):
        return None
    if not password:
        raise InvalidInput(
            "others can reach that address, so players need a password"
            if not user
            else "a user needs a password",
            hint=f"set {PASSWORD_VARIABLE}, or give it with --password-stdin-serve",
        )
    if not MIN_CHARS <= len(password) <= MAX_CHARS or not password.isprintable():
        raise InvalidInput(f"the password for players has {MIN_CHARS} to {MAX_CHARS} characters")
    user = user or DEFAULT_USER
    if not user.isprintable() or NOT_IN_USERS & set(user):
        raise InvalidInput(f"{user!r} is not a user's name that every player can write")
    return Credentials(user, Secret(password))
