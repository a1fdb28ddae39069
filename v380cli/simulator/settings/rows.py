"""What the desks of a simulated camera have in common: rows of commands, requests, replies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from v380cli.wire.commands import REPLY_OFFSET
from v380cli.wire.layout import Message
from v380cli.wire.settings.exchange import SettingReply

Request = Any  # what the handler's own decoder made
Reply = Message | bytes
SECRET_BYTES = 32  # of a password or PSK in a reply


@dataclass(frozen=True, slots=True)
class Row:
    """A command: its request, the size of its reply, what it does, and whether it changes things.

    `act` may raise `NotDone`.
    """

    request: type[Message]
    reply_bytes: int
    act: Callable[[Request], Reply]
    is_change: bool = False


class NotDone(Exception):
    """The camera cannot do that; `reason` is what it says."""

    def __init__(self, reason: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason


def show_secret(reply: Message, at: int, secret: bytes) -> bytes:
    """The reply with a secret in clear, as real cameras have it; the layouts do not read it."""
    data, shown = bytearray(reply.encode()), secret[:SECRET_BYTES]
    data[at : at + len(shown)] = shown
    return bytes(data)


def agree(request: Request) -> SettingReply:
    """A yes; where a no has its reason, an EX one has the version of the framing."""
    version = getattr(request, "setting_version", 0)
    return SettingReply(command=request.command + REPLY_OFFSET, reason=version)
