"""A camera that is not where it was: look for it, and go on there."""

import logging
from collections.abc import Callable

from v380cli.camera.login import Connect, log_in
from v380cli.errors import DeviceIdRefused, NetworkError, V380Error
from v380cli.models import Device
from v380cli.net.stream import TcpChannel
from v380cli.wire.login import LoginTicket

FindAgain = Callable[[Device], Device]

log = logging.getLogger(__name__)


def find_moved(device: Device, find_again: FindAgain) -> Device | None:
    """The device with its new address, if it has one."""
    try:
        found = find_again(device)
    except V380Error as error:  # the search is a kindness: its failure ends nothing
        log.debug("%s: not found anew: %s", device.label, error.message)
        return None
    return found if found.address != device.address else None


def log_in_where_it_is(
    device: Device,
    find_again: FindAgain | None,
    *,
    connect: Connect = TcpChannel.open,
    variant: str = "",
) -> tuple[Device, LoginTicket]:
    """Log in as `log_in` does, at the device's address or, if it has moved, where it is now."""
    try:
        return device, log_in(device, connect=connect, variant=variant)
    except (NetworkError, DeviceIdRefused):  # nobody there, or another camera
        moved = find_moved(device, find_again) if find_again else None
        if moved is None:
            raise
    return moved, log_in(moved, connect=connect, variant=variant)
