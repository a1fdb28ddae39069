"""Give a camera another user or device password; the proof is a log-in with them."""

import contextlib
from dataclasses import replace

from v380cli.camera.login import make_random_key
from v380cli.camera.settings.client import NoAnswer, SettingsClient
from v380cli.camera.settings.configure import (
    READ_BACK_PAUSES_S,
    ChangeNotMade,
    explain_absence,
    order,
    read,
)
from v380cli.errors import (
    CredentialsRefused,
    InvalidInput,
    NetworkError,
    Refused,
    RemoteProtocolError,
)
from v380cli.models import Secret
from v380cli.wire.crypto import PasswordForm, count_password_bytes
from v380cli.wire.login import LoginTicket, LoginVariant, parse_variant
from v380cli.wire.login_messages import USER_MAX_BYTES
from v380cli.wire.settings.users import USER, Account, list_account_forms


def change_account(client: SettingsClient, name: str, password: Secret) -> None:
    """Let the user be `name` with `password` from now on; `client.device` has them afterwards.

    Raises ChangeNotMade when the camera still takes the former ones, NoAnswer when it is not there
    afterwards, InvalidInput for what it has no room for.
    """
    ticket = client.access.log_in()
    form = choose_form(ticket, name, password)
    account = Account(user_id=_find_user_id(client), name=name, password=password)
    order(client, list_account_forms(account, form, make_random_key()))
    former = client.device
    client.access.device = replace(
        former, username=name, password=password, login_variant=ticket.variant_name
    )
    try:
        prove_log_in(client)
    except CredentialsRefused:
        client.access.device = former
        client.access.log_in()  # raises where neither is good any more
        raise ChangeNotMade("the camera agreed, and takes the former user and password") from None


def prove_log_in(client: SettingsClient) -> None:
    """Log in with what the camera was just told; it may start anew for that.

    Raises NoAnswer when it is not there afterwards, else as a log-in does.
    """
    *patient, last = READ_BACK_PAUSES_S
    for pause_s in patient:
        client.access.pause(pause_s)
        with contextlib.suppress(NetworkError):
            client.access.log_in()
            return
    client.access.pause(last)
    try:
        client.access.log_in()
    except NetworkError as error:
        client.access.interrupt.check()
        raise explain_absence(error) from error


def choose_form(ticket: LoginTicket, name: str, password: Secret) -> PasswordForm:
    """The password's spelling in this camera's log-in; InvalidInput for what does not fit."""
    variant = parse_variant(ticket.variant_name)
    form = variant.password if isinstance(variant, LoginVariant) else PasswordForm.ZERO48
    size = count_password_bytes(password.reveal())
    if size is None or "\0" in password.reveal():
        raise InvalidInput("the new password has characters that cannot be sent")
    if size > form.max_password_bytes:
        raise InvalidInput(f"this camera has room for {form.max_password_bytes} bytes of password")
    if not 0 < len(name.encode()) <= USER_MAX_BYTES:
        raise InvalidInput(f"a user name has 1 to {USER_MAX_BYTES} bytes")
    return form


def _find_user_id(client: SettingsClient) -> int:
    """What legacy frames want to be told; 0 where the camera does not say."""
    try:
        return read(client, USER).user_id
    except (NoAnswer, RemoteProtocolError, Refused):
        return 0
