"""Whose password a camera has refused, and how it is given another one."""

import shlex

from v380cli.errors import CredentialsRefused
from v380cli.models import Device


def explain_refusal(error: CredentialsRefused, device: Device) -> CredentialsRefused:
    """The same refusal, with the user and the origin of the password, and what mends it."""
    if device.password_source is None:
        return error
    if device.name:
        mend = f"`v380 devices edit {shlex.quote(device.name)} --new-password` stores another"
    else:
        mend = "--password-stdin gives another, --username another user"
    return type(error)(
        f"{error.message} (user {device.username!r}, {device.password_source})",
        hint="; ".join(filter(None, [mend, error.hint])),
    )
