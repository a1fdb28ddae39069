"""Take the event of a machine that has one."""

from typing import TypeVar

from v380cli.wire.machine import NEED_DATA, Machine

E = TypeVar("E")


def take_event(machine: Machine[E]) -> E:
    """The next event, which must be there."""
    event = machine.next_event()
    assert event is not NEED_DATA
    return event
