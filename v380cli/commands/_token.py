"""The token that those show who come to a server of ours from beyond this machine."""

import os
import secrets

from v380cli.commands._passwords import read_stdin_line
from v380cli.errors import InvalidInput
from v380cli.models import Secret
from v380cli.net.http_access import is_loopback

TOKEN_VARIABLE = "V380_TOKEN"  # noqa: S105 - the name of a variable
TOKEN_BYTES = 24
TOKEN_MIN_CHARS, TOKEN_MAX_CHARS = 12, 512


def choose_token(host: str, *, from_stdin: bool = False) -> tuple[Secret, bool]:
    """The token of a server at `host`, and whether it was made up; on loopback it may be none."""
    token = read_token(from_stdin)
    if token or is_loopback(host):
        return token, False
    return Secret(secrets.token_urlsafe(TOKEN_BYTES)), True


def read_token(from_stdin: bool) -> Secret:
    """The token from standard input, else from V380_TOKEN, else none; InvalidInput if short."""
    text = os.environ.get(TOKEN_VARIABLE, "")
    if from_stdin:
        text = read_stdin_line(TOKEN_MAX_CHARS + 1).rstrip("\r\n")
    elif not text:
        return Secret()
    if not TOKEN_MIN_CHARS <= len(text) <= TOKEN_MAX_CHARS or not text.isprintable():
        raise InvalidInput(
            f"the token is to have {TOKEN_MIN_CHARS} to {TOKEN_MAX_CHARS} characters",
            hint="without one, one is made up and told",
        )
    return Secret(text)
