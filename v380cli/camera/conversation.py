"""Talk to a camera as a machine of `wire/` wants it, until something happens."""

import math
import time
from collections.abc import Callable
from typing import TypeVar

from v380cli.errors import NetworkError, NetworkTimeout
from v380cli.net.stream import TcpChannel
from v380cli.wire.machine import NEED_DATA, Machine

RECEIVE_BYTES = 1 << 16

E = TypeVar("E")


class DeadlineReached(NetworkTimeout):
    """Nothing happened in time."""


def converse(
    channel: TcpChannel,
    machine: Machine[E],
    deadline_s: float,
    *,
    silence_s: float = math.inf,
    hung_up: str = "the camera hung up",
    hint: str = "",
    buffer: memoryview | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> E:
    """The next event of `machine`, with all sent and received that leads there.

    Raises DeadlineReached at `deadline_s` of the clock, or once nothing came for `silence_s`;
    NetworkError with `hung_up` and `hint` when the camera ends before an event; and what the
    machine raises. Who converses often brings a buffer.
    """
    buffer = buffer or memoryview(bytearray(RECEIVE_BYTES))
    is_ended = False
    while (event := machine.next_event()) is NEED_DATA:
        if is_ended:
            raise NetworkError(hung_up, hint=hint)
        now_s = clock()
        if now_s >= deadline_s:
            raise DeadlineReached("the camera did not come to an end in time")
        machine.advance(now_s)
        send_pending(channel, machine)
        limit_s = min(deadline_s, now_s + silence_s)
        is_ended = _receive(channel, machine, limit_s, buffer, clock)
    send_pending(channel, machine)
    return event


def send_pending(channel: TcpChannel, machine: Machine[object]) -> None:
    """Send what the machine has to say."""
    if data := machine.data_to_send():
        channel.send(data)


def _receive(
    channel: TcpChannel,
    machine: Machine[object],
    limit_s: float,
    buffer: memoryview,
    clock: Callable[[], float],
) -> bool:
    """Give the machine bytes, or their end, or the time it waits for; whether it was the end."""
    try:
        count = channel.receive_into(buffer, min(limit_s, machine.next_deadline) - clock())
    except NetworkTimeout as error:
        if limit_s <= machine.next_deadline:
            raise DeadlineReached(error.message) from None
        machine.advance(clock())
        return False
    if count:
        machine.receive_data(buffer[:count])
    else:
        machine.receive_eof()
    return not count
