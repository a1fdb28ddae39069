"""Settings of one camera: each command on a TCP connection of its own (PROTOCOL.md, section 1a)."""

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from v380cli.camera.login import Connect, use_ticket
from v380cli.camera.moved import FindAgain, log_in_where_it_is
from v380cli.errors import NetworkError, NetworkTimeout, UnsupportedFirmware
from v380cli.models import Device
from v380cli.net.stream import TcpChannel
from v380cli.wire.login import LoginTicket
from v380cli.wire.settings import Exchange, Form, SettingLogin

RECEIVE_BYTES = 4096

T = TypeVar("T")
log = logging.getLogger(__name__)


class NoAnswer(NetworkError):
    """The command left, and no answer came: it may have been obeyed or not."""

    code = "no_answer"


class SettingsClient:
    """Runs settings commands; `ticket` is that of the last log-in, None before the first.

    `device` is where the camera was seen last. Every method raises NetworkError, a Refused or
    RemoteProtocolError.
    """

    def __init__(
        self,
        device: Device,
        *,
        connect: Connect = TcpChannel.open,
        find_again: FindAgain | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.device = device
        self.ticket: LoginTicket | None = None
        self.pause = pause
        self._connect = connect
        self._find_again = find_again

    def log_in(self, variant: str = "") -> LoginTicket:
        """Log in, in place of the former log-in if there was one; `variant` is tried first."""
        self.device, self.ticket = log_in_where_it_is(
            self.device, self._find_again, connect=self._connect, variant=variant
        )
        return self.ticket

    def run(self, form: Form[T]) -> T:
        """Run one form of a command; an expired ticket is renewed once."""
        ticket = self.ticket or self.log_in()
        return use_ticket(ticket, partial(self._exchange, form), self.log_in)

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
        with self._connect(self.device.host, self.device.port) as channel:
            channel.send(exchange.request)
            try:
                _receive_reply(channel, exchange)
            except NetworkError as error:
                raise NoAnswer(error.message, hint=error.hint) from None
        return exchange.finish()


def _receive_reply(channel: TcpChannel, exchange: Exchange[object]) -> None:
    """Feed the exchange until it is complete, the camera hangs up, or its time is over."""
    deadline = time.monotonic() + exchange.timeout_s
    chunk = bytearray(RECEIVE_BYTES)
    has_reply = False
    while not exchange.is_complete:
        try:
            count = channel.receive_into(chunk, deadline - time.monotonic())
        except NetworkTimeout:
            if has_reply:
                return
            raise
        if not count:
            break
        exchange.receive_data(memoryview(chunk)[:count])
        has_reply = True
    if not has_reply:
        raise NetworkError("the camera hung up without an answer")
