"""Log in: run a log-in plan over fresh connections until the camera says yes or a final no."""

import datetime as dt
import logging
import secrets
import string
import time
from collections.abc import Callable

from v380cli.camera.conversation import DeadlineReached, converse
from v380cli.errors import CameraNotFound
from v380cli.models import Device
from v380cli.net.stream import TcpChannel
from v380cli.wire.login import LoginExchange, LoginPlan, LoginTicket
from v380cli.wire.machine import REPLY_TIMEOUT_S

KEY_ALPHABET = (string.ascii_letters + string.digits).encode()

Connect = Callable[[str, int], TcpChannel]

log = logging.getLogger(__name__)


def log_in(device: Device, *, connect: Connect = TcpChannel.open, variant: str = "") -> LoginTicket:
    """Log in to `device`, trying each variant that a refusal points at once.

    `variant` (else the one that the device remembers) is tried first. Raises NetworkError, a
    Refused, or RemoteProtocolError; CameraNotFound for a device whose address or id is not known.
    Never tries another password than the device's own.
    """
    if not (device.host and device.device_id):
        raise CameraNotFound(
            f"no camera answers as {device.label}",
            hint="is it switched on, and in this network? `v380 discover` shows who answers",
        )
    plan = LoginPlan(
        device.device_id,
        device.username,
        device.password,
        preferred_variant=variant or device.login_variant,
        local_time=f"{dt.datetime.now():%Y-%m-%d %H:%M:%S}",
        random_key=make_random_key,
    )
    while True:
        request = plan.next_request()
        log.debug("%s: log-in variant %s", device.label, plan.variant_name)
        with connect(device.host, device.port) as channel:
            reply = exchange_login(channel, request)
        if ticket := plan.receive_reply(reply):
            log.info(
                "%s: log-in variant %s accepted, device version %d",
                device.label,
                ticket.variant_name,
                ticket.device_version,
            )
            return ticket


def exchange_login(channel: TcpChannel, request: bytes) -> bytes:
    """The reply to one log-in request; raises NetworkError when none comes."""
    exchange = LoginExchange(request)
    try:
        return converse(
            channel,
            exchange,
            time.monotonic() + REPLY_TIMEOUT_S,
            hung_up="the camera hung up without an answer to the log-in",
            hint="it may serve as many viewers as it can; close the app and try again",
        )
    except DeadlineReached:
        if not exchange.may_be_whole:
            raise
        return exchange.reply


def make_random_key() -> bytes:
    """16 alphanumerics, the key of one password cipher (PROTOCOL.md, section 2b)."""
    return bytes(secrets.choice(KEY_ALPHABET) for _ in range(16))
