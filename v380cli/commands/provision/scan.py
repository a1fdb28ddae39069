"""`v380 provision scan`: hotspots of cameras in the air, or networks as a camera sees them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from v380cli.commands import _console, _options, _passwords
from v380cli.commands.provision.options import (
    IdOption,
    JoinOption,
    WifiInterfaceOption,
    parse_timeout,
)
from v380cli.errors import CameraNotFound
from v380cli.models import DEFAULT_USERNAME, Secret
from v380cli.work.identity import parse_address

if TYPE_CHECKING:
    from v380cli.wire.provisioning import SeenNetwork


def scan(
    via_camera: Annotated[
        bool, typer.Option("--via-camera", help="The networks that a camera sees.")
    ] = False,
    device_id: IdOption = 0,
    address: Annotated[
        str, typer.Option(metavar="HOST[:PORT]", help="Where the camera is, if in no hotspot.")
    ] = "",
    join: JoinOption = False,
    wifi_interface: WifiInterfaceOption = "",
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    timeout: Annotated[
        str, typer.Option(metavar="TIME", help="How long to wait for its hotspot; else 2m.")
    ] = "",
    json_: _options.JsonOption = False,
) -> None:
    """List the hotspots of cameras in the air, or the networks that a camera sees.

    $ v380 provision scan
    $ v380 provision scan --via-camera --id 12345678
    """
    from v380cli.camera.hotspot import list_hotspots
    from v380cli.camera.provision import HOTSPOT_TIMEOUT_S, Order, Progress, list_seen_networks
    from v380cli.commands.provision import network, outcome
    from v380cli.wire.provisioning import WifiSettings, parse_hotspot

    if via_camera:
        host, port = parse_address(address) if address else ("", None)
        order = Order(
            wifi=WifiSettings(ssid="", psk=Secret()),
            device_id=device_id,
            host=host,
            port=port or 0,
            username=username or DEFAULT_USERNAME,
            password=_passwords.read_given_password(password_stdin),
            joins_hotspot=join,
            hotspot_psk=network.read_hotspot_psk(),
            wifi_interface=wifi_interface,
            hotspot_timeout_s=parse_timeout(timeout, HOTSPOT_TIMEOUT_S),
        )
        progress = Progress()
        with outcome.attempt(progress) as waiting:
            networks = list_seen_networks(order, progress, waiting, waiting.say)
        _print_networks(networks, json_=json_)
        return
    with outcome.attempt(Progress()) as waiting:
        hotspots = [
            {
                "id": parse_hotspot(seen.ssid) or None,
                "ssid": seen.ssid,
                "bssid": seen.bssid,
                "frequency_mhz": seen.frequency_mhz,
                "signal": seen.signal,
                "encrypted": seen.is_encrypted,
            }
            for seen in list_hotspots(wifi_interface, waiting)
        ]
    if not hotspots:
        raise CameraNotFound(
            "no hotspot of a camera is in the air",
            hint="a new camera, or one that was reset, opens it within a minute of its start",
        )
    _print_rows(hotspots, json_=json_)


def _print_networks(networks: "list[SeenNetwork]", *, json_: bool) -> None:
    if not networks:
        _console.talk("the camera sees no network: too far away, or 5 GHz only?")
    rows = [
        {
            "ssid": network.ssid,
            "bssid": network.bssid,
            "frequency_mhz": network.frequency_mhz,
            "signal": network.signal,
            "security": network.security,
        }
        for network in networks
    ]
    _print_rows(rows, json_=json_)


def _print_rows(rows: list[dict[str, Any]], *, json_: bool) -> None:
    if json_:
        _console.print_json(rows)
    elif rows:
        cells = [["" if cell is None else cell for cell in row.values()] for row in rows]
        _console.print_table([name.replace("_", " ") for name in rows[0]], cells)
