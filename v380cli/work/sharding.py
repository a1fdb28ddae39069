"""One share of many cameras, so that several machines record a list without talking."""

import zlib
from collections.abc import Iterable
from typing import NamedTuple

from v380cli.models import Device


class Shard(NamedTuple):
    """Share `number` of `total`, from 1."""

    number: int
    total: int

    def has(self, device: Device) -> bool:
        """Whether a camera is in it; the same everywhere, whatever other cameras there are."""
        name = str(device.device_id or device.label)
        return zlib.crc32(name.encode()) % self.total == self.number - 1

    def choose(self, devices: Iterable[Device]) -> list[Device]:
        """Those that are in it."""
        return list(filter(self.has, devices))


def parse_shard(text: str) -> Shard:
    """`2/5`; raises ValueError."""
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise ValueError(f"{text!r} is not a valid share; write 2/5 for the second of five")
    return Shard(int(number), int(count))
