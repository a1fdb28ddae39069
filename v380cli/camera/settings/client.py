"""Settings of one camera: each command on a TCP connection of its own (PROTOCOL.md, section 1a)."""

import logging
import time
from collections.abc import Mapping
from functools import partial
from typing import Self, TypeVar

from v380cli.camera.access import Access
from v380cli.camera.conversation import DeadlineReached, converse, send_pending
from v380cli.errors import NetworkError, UnsupportedFirmware
from v380cli.models import Device
from v380cli.net.stream import TcpChannel
from v380cli.wire.abilities import Abilities
from v380cli.wire.login import LoginTicket
from v380cli.wire.machine import NEED_DATA
from v380cli.wire.settings.exchange import Exchange, Form, SettingLogin

T = TypeVar("T")
log = logging.getLogger(__name__)


class NoAnswer(NetworkError):
    """The command left, and no answer came: it may have been obeyed or not."""

    code = "no_answer"


class SettingsClient:
    """Runs settings commands; all raise NetworkError, a Refused or RemoteProtocolError."""

    def __init__(self, access: Access) -> None:
        self.access = access

    @classmethod
    def log_in(cls, access: Access) -> Self:
        """A client that the camera has let in."""
        access.log_in()
        return cls(access)

    @property
    def device(self) -> Device:
        """The camera where it was seen last."""
        return self.access.device

    @property
    def abilities(self) -> Abilities | None:
        """What the camera said of itself when it let us in last."""
        ticket = self.access.last_ticket
        return ticket.abilities if ticket else None

    def run(self, form: Form[T]) -> T:
        """Run one form of a command; an expired ticket is renewed once."""
        return self.access.use_ticket(partial(self._exchange, form))

    def run_first(self, forms: Mapping[int, Form[T]]) -> tuple[int, T]:
        """Run the first form that the camera knows; returns its number and the reply.

        Raises UnsupportedFirmware when it knows none.
        """
        for command, form in forms.items():
            try:
                reply = self.run(form)
            except UnsupportedFirmware as error:
                log.info("%s: %s", self.device.label, error.message)
                continue
            log.info("%s knows settings command %d", self.device.label, command)
            return command, reply
        numbers = ", ".join(map(str, forms))
        raise UnsupportedFirmware(f"the camera knows none of the settings commands {numbers}")

    def _exchange(self, form: Form[T], ticket: LoginTicket) -> T:
        exchange = form(
            SettingLogin(
                device_id=self.device.device_id,
                ticket=ticket.ticket,
                username=self.device.username,
                password=self.device.password,
            )
        )
        with self.access.open_channel() as channel:
            send_pending(channel, exchange)
            try:
                return _await_reply(channel, exchange)
            except NetworkError as error:
                raise NoAnswer(error.message, hint=error.hint) from None


def _await_reply(channel: TcpChannel, exchange: Exchange[T]) -> T:
    """The camera's answer; when its time is over, what has come of it is taken for all."""
    deadline_s = time.monotonic() + exchange.timeout_s
    try:
        return converse(
            channel, exchange, deadline_s, hung_up="the camera hung up without an answer"
        )
    except DeadlineReached:
        exchange.receive_eof()
        if (reply := exchange.next_event()) is NEED_DATA:
            raise
        return reply
