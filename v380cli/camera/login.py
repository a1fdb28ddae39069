"""Log in: run a log-in plan over fresh connections until the camera says yes or a final no."""

import datetime as dt
import logging
import secrets
import string
import time
from collections.abc import Callable

from v380cli.errors import CameraNotFound, NetworkError, NetworkTimeout
from v380cli.models import Device
from v380cli.net.stream import TcpChannel
from v380cli.wire.login import (
    LOGIN_REPLY_MIN_BYTES,
    LOGIN_REPLY_WHOLE_BYTES,
    LoginPlan,
    LoginTicket,
)

REPLY_TIMEOUT_S = 5.0
# Some firmware sends fewer than 256 bytes and keeps the link open: what is there after a
# pause this long is taken for all (PROTOCOL.md, section 11).
QUIET_S = 0.5
REPLY_MAX_BYTES = 4096  # 256 or 520 bytes are known; more than this is no log-in reply
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
            channel.send(request)
            reply = receive_login_reply(channel)
        if ticket := plan.receive_reply(reply):
            log.info(
                "%s: log-in variant %s accepted, device version %d",
                device.label,
                ticket.variant_name,
                ticket.device_version,
            )
            return ticket


def receive_login_reply(channel: TcpChannel) -> bytes:
    """Read one reply of unknown length: whole, ended by the camera, or followed by quiet.

    Raises NetworkError when none comes.
    """
    deadline = time.monotonic() + REPLY_TIMEOUT_S
    reply = bytearray()
    chunk = bytearray(REPLY_MAX_BYTES)
    while len(reply) < LOGIN_REPLY_WHOLE_BYTES:
        enough = len(reply) >= LOGIN_REPLY_MIN_BYTES
        remaining_s = deadline - time.monotonic()
        try:
            count = channel.receive_into(chunk, QUIET_S if enough else remaining_s)
        except NetworkTimeout:
            if enough:
                break
            raise
        if not count:
            break
        reply += chunk[:count]
    if not reply:
        raise NetworkError(
            "the camera hung up without an answer to the log-in",
            hint="it may serve as many viewers as it can; close the app and try again",
        )
    return bytes(reply)


def make_random_key() -> bytes:
    """16 alphanumerics, the key of one password cipher (PROTOCOL.md, section 2b)."""
    return bytes(secrets.choice(KEY_ALPHABET) for _ in range(16))
