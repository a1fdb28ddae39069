"""The hotspot of a camera: found in the air, and visited."""

import contextlib
from collections.abc import Callable, Iterator

from v380cli.camera.interrupt import Interrupt
from v380cli.errors import CameraNotFound
from v380cli.models import Secret
from v380cli.net import wifi
from v380cli.wire.provisioning import is_hotspot, parse_hotspot

Say = Callable[[str], None]


@contextlib.contextmanager
def visit_hotspot(
    ssid: str,
    *,
    psk: Secret,
    interface: str,
    interrupt: Interrupt,
    say: Say,
) -> Iterator[None]:
    """Have this machine in the hotspot `ssid` while the block runs.

    Raises NetworkError; the former network is back in any case.
    """
    say(f"joining {ssid!r}")
    with wifi.join(
        ssid,
        psk,
        interface=interface,
        stop=interrupt,
        warn=lambda warning: say(f"warning: {warning}"),
    ) as former:
        try:
            yield
        finally:
            say(f"going back to {former.profile!r}" if former.profile else "leaving the hotspot")


def list_hotspots(interface: str, interrupt: Interrupt) -> list[wifi.AirNetwork]:
    """The hotspots of cameras that this machine's Wi-Fi sees, strongest first."""
    return [seen for seen in wifi.scan_air(interface, stop=interrupt) if is_hotspot(seen.ssid)]


def choose_hotspot(device_id: int, interface: str, interrupt: Interrupt) -> str:
    """The camera's hotspot in the air: the one with the id, else the only one.

    Raises NetworkError, or CameraNotFound when it is not clear which one is meant.
    """
    found = dict.fromkeys(seen.ssid for seen in list_hotspots(interface, interrupt))
    fitting = [ssid for ssid in found if device_id in (0, parse_hotspot(ssid))]
    if len(fitting) == 1:
        return fitting[0]
    what = f"hotspot of camera {device_id}" if device_id else "single hotspot of a camera"
    raise CameraNotFound(
        f"there is no {what} in the air; seen: {', '.join(found) or 'none'}",
        hint="is it switched on and reset? say which one with --id or --hotspot",
    )
