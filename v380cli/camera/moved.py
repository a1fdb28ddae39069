"""A camera that is not where it was: look for it, and go on there."""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from v380cli.camera.login import Connect, log_in
from v380cli.errors import DeviceIdRefused, NetworkError, ProtocolError, Refused, V380Error
from v380cli.models import Device
from v380cli.net.stream import TcpChannel
from v380cli.wire.login import LoginTicket

FindAgain = Callable[[Device], Device]
T = TypeVar("T")

log = logging.getLogger(__name__)


def find_moved(device: Device, find_again: FindAgain | None) -> Device | None:
    """The device with its new address, if it has one."""
    if find_again is None:
        return None
    try:
        found = find_again(device)
    except V380Error as error:  # the search is a kindness: its failure ends nothing
        log.debug("%s: not found anew: %s", device.label, error.message)
        return None
    return found if found.address != device.address else None


def open_where_it_is(
    device: Device,
    search: Callable[[Device], Device | None],
    open_at: Callable[[Device], T],
) -> tuple[Device, T]:
    """Open `device` or, if it has moved, where `search` finds it; returns where that was.

    Anybody can answer a search: what is refused at the new address is told with that doubt.
    """
    try:
        return device, open_at(device)
    except (NetworkError, DeviceIdRefused):  # nobody there, or another camera
        moved = search(device)
        if moved is None:
            raise
    log.info("%s answers at %s now", moved.label, moved.address)
    try:
        return moved, open_at(moved)
    except (Refused, ProtocolError) as error:
        raise _doubt(error, moved) from error


def log_in_where_it_is(
    device: Device,
    find_again: FindAgain | None,
    *,
    connect: Connect = TcpChannel.open,
    variant: str = "",
) -> tuple[Device, LoginTicket]:
    """Log in as `log_in` does, at the device's address or, if it has moved, where it is now.

    The device that comes back has the address and the variant that worked.
    """
    found, ticket = open_where_it_is(
        device,
        lambda lost: find_moved(lost, find_again),
        partial(log_in, connect=connect, variant=variant),
    )
    return replace(found, login_variant=ticket.variant_name), ticket


def _doubt(error: V380Error, moved: Device) -> V380Error:
    return type(error)(
        f"{error.message}; {moved.label} was looked for and answered at {moved.address}, where "
        "another device may be answering in its name",
        hint=error.hint,
    )
