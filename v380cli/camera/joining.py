"""Where a camera is before and after it changes networks: found by discovery, or not."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from v380cli.camera.discover import (
    Change,
    ChangeKind,
    DiscoverOptions,
    Ports,
    Sighting,
    Target,
    discover,
)
from v380cli.camera.prober import HOTSPOT_ADDRESSES

# A camera that answers at its old address after so much silence has been away: discovery asks
# every second at least. Before that it may not have left yet.
AWAY_S = 3.0

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which camera is looked for; what is 0 or empty does not count.

    `former_host` is where it was told its new network: an answer from there may be an old one.
    """

    device_id: int = 0
    mac: str = ""
    config_id: int = 0
    former_host: str = ""

    def fits(self, sighting: Sighting) -> bool:
        beacon = sighting.beacon
        return (
            sighting.is_v380
            and self.device_id in (0, beacon.device_id)
            and self.mac in ("", beacon.mac)
            and self.config_id in (0, beacon.config_id)
        )


def find_hotspot(
    wanted: Wanted, host: str, *, timeout_s: float, stop: Stop, ports: Ports | None = None
) -> Sighting | None:
    """Wait for a camera that is its own hotspot, or for the one at `host`; None after the time."""
    options = DiscoverOptions(
        timeout_s=timeout_s,
        interfaces=() if host else None,
        targets=(Target(host),) if host else (),
        watch=True,  # follows the interfaces: a person may only now be joining the hotspot
        hotspot=True,
        ports=ports or Ports(),
    )

    def is_there(change: Change) -> bool:
        has_left = change.kind is ChangeKind.DEPARTED
        return not has_left and (bool(host) or change.sighting.beacon.ip in HOTSPOT_ADDRESSES)

    return _wait_for(wanted, options, is_there, stop)


def await_camera(
    wanted: Wanted,
    *,
    timeout_s: float,
    stop: Stop,
    interfaces: tuple[str, ...] | None = None,
    ports: Ports | None = None,
) -> Sighting | None:
    """Wait until the camera answers in a network that is not its hotspot; None after the time."""
    options = DiscoverOptions(
        timeout_s=timeout_s, interfaces=interfaces, watch=True, ports=ports or Ports()
    )
    began_s = time.monotonic()

    def is_home(change: Change) -> bool:
        ip = change.sighting.beacon.ip
        if change.kind is ChangeKind.DEPARTED or ip in HOTSPOT_ADDRESSES:
            return False
        has_been_away = change.sighting.first_seen_s - began_s > AWAY_S
        return ip != wanted.former_host or has_been_away

    return _wait_for(wanted, options, is_home, stop)


def _wait_for(
    wanted: Wanted, options: DiscoverOptions, fits: Callable[[Change], bool], stop: Stop
) -> Sighting | None:
    found: list[Sighting] = []

    def note(change: Change) -> None:
        if wanted.fits(change.sighting) and fits(change):
            found.append(change.sighting)

    discover(options, on_change=note, stop=lambda: bool(found) or stop())
    return found[0] if found else None
