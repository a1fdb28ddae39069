"""The network that a camera is to join, from the command line and from where secrets come from."""

import os
import sys

import typer

from v380cli.commands import _console, _passwords
from v380cli.errors import InvalidInput
from v380cli.models import Secret
from v380cli.wire.provisioning import WifiSettings, check_wifi, find_danger
from v380cli.wire.settings.wifi import PSK_MAX_BYTES

PSK_VARIABLE = "V380_PSK"
HOTSPOT_PSK_VARIABLE = "V380_HOTSPOT_PSK"


def read_network(
    ssid: str,
    *,
    psk_stdin: bool,
    from_system: bool,
    force: bool,
    psk_max_bytes: int = PSK_MAX_BYTES,
) -> WifiSettings:
    """The network, checked; typer.BadParameter or InvalidInput for what cannot be sent."""
    if from_system:
        network = _read_system(ssid)
    elif ssid:
        network = WifiSettings(ssid=ssid, psk=_read_psk(ssid, psk_stdin))
    else:
        raise typer.BadParameter("say --ssid, or --from-system for the Wi-Fi of this machine")
    check_network(network, force=force, psk_max_bytes=psk_max_bytes)
    return network


def check_network(
    network: WifiSettings, *, force: bool, psk_max_bytes: int = PSK_MAX_BYTES
) -> None:
    """Raise InvalidInput for what no camera takes, and unless forced for what may harm it."""
    check_wifi(network, psk_max_bytes=psk_max_bytes)
    danger = find_danger(network)
    if danger and not force:
        raise InvalidInput(danger, hint="--force sends it all the same")
    if not network.ssid.isascii():
        _console.talk(
            "note: the camera is told the SSID in GBK; a router that spells it in UTF-8 has "
            "another name for it"
        )


def read_hotspot_psk() -> Secret:
    """The PSK of the camera's hotspot; most have none."""
    return Secret(os.environ.get(HOTSPOT_PSK_VARIABLE, ""))


def _read_psk(ssid: str, psk_stdin: bool) -> Secret:
    if psk_stdin:
        return _passwords.read_stdin_password()
    if PSK_VARIABLE in os.environ:
        return Secret(os.environ[PSK_VARIABLE])
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"give the PSK by --psk-stdin, {PSK_VARIABLE} or --from-system")
    return _passwords.ask_secret(f"PSK of {ssid}")


def _read_system(ssid: str) -> WifiSettings:
    from v380cli.net import wifi

    current = wifi.read_current()
    if ssid not in ("", current.ssid):
        raise typer.BadParameter(f"this machine is on {current.ssid!r}, --ssid says {ssid!r}")
    return WifiSettings(ssid=current.ssid, psk=current.psk)
