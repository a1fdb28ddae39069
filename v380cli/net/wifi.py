"""Our own Wi-Fi, through NetworkManager (`nmcli`) or `iw`. The only owner of both."""

import contextlib
import logging
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from v380cli.errors import NetworkError
from v380cli.models import Secret
from v380cli.net.tool import Stop, has_tool, lend_secret, run_tool
from v380cli.net.wifi_text import (
    AirNetwork,
    WifiLink,
    parse_iw_interfaces,
    parse_iw_networks,
    parse_links,
    parse_nmcli_networks,
)

__all__ = ["AirNetwork", "SystemNetwork", "WifiLink", "join", "read_current", "scan_air"]

ASK_TIMEOUT_S = 10.0
SCAN_TIMEOUT_S = 30.0
# Association and DHCP of a camera's hotspot; the same again is granted to the way home.
CONNECT_TIMEOUT_S = 45.0
NMCLI_WAIT_S = 40  # before ours, so that nmcli says itself what went wrong
TEMPORARY_PREFIX = "v380-hotspot-"
NO_NMCLI = "install NetworkManager, or join the network by hand and leave --join out"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemNetwork:
    """The network that this machine is on."""

    ssid: str
    psk: Secret


def read_current() -> SystemNetwork:
    """The network that this machine is on, with its PSK; NetworkError when there is none."""
    link = next((link for link in _list_links() if link.uuid), None)
    if link is None:
        raise NetworkError("this machine is on no Wi-Fi network that NetworkManager knows")
    ssid = _read_field(link.uuid, "802-11-wireless.ssid")
    psk = Secret(_read_field(link.uuid, "802-11-wireless-security.psk"))
    if not psk and _read_field(link.uuid, "802-11-wireless-security.key-mgmt"):
        raise NetworkError(
            f"NetworkManager does not tell the PSK of {link.profile!r}",
            hint="root may be told it; else give the PSK by --psk-stdin",
        )
    return SystemNetwork(ssid=ssid, psk=psk)


def scan_air(interface: str = "", *, stop: Stop = lambda: False) -> list[AirNetwork]:
    """The networks in the air, strongest first; NetworkError without nmcli, iw or Wi-Fi."""
    if has_tool("nmcli"):
        fields = "IN-USE,SSID,BSSID,FREQ,SIGNAL,SECURITY"
        where = ["ifname", interface] if interface else []
        command = ["nmcli", "-t", "-f", fields, "device", "wifi", "list", *where]
        output = run_tool([*command, "--rescan", "yes"], timeout_s=SCAN_TIMEOUT_S, stop=stop)
        return parse_nmcli_networks(output)
    if has_tool("iw"):
        interfaces = [interface] if interface else _list_iw_interfaces()
        outputs = [
            run_tool(["iw", "dev", name, "scan"], timeout_s=SCAN_TIMEOUT_S, stop=stop)
            for name in interfaces
        ]
        return parse_iw_networks("\n".join(outputs))
    raise NetworkError("neither nmcli nor iw is installed: this machine's Wi-Fi cannot be asked")


@contextlib.contextmanager
def join(
    ssid: str,
    psk: Secret | None = None,
    *,
    interface: str = "",
    stop: Stop = lambda: False,
    warn: Callable[[str], None] = log.warning,
) -> Iterator[WifiLink]:
    """Be on a network while the block runs, then on the former one again, whatever happens.

    Yields the interface with its former profile. `warn` is told when the way home fails, and how
    to go it by hand.

    The profile for it is temporary: kept in memory only, never chosen by itself, and deleted at
    the end. Raises NetworkError when the network cannot be joined. `stop` ends the joining early,
    but never the way home.
    """
    if not has_tool("nmcli"):
        raise NetworkError("--join needs nmcli, which is not installed", hint=NO_NMCLI)
    link = _choose_link(interface)
    profile = TEMPORARY_PREFIX + secrets.token_hex(4)
    try:
        _add_profile(profile, ssid, psk, link.interface)
        try:
            _bring_up(profile, link.interface, psk, stop)
            yield link
        finally:
            _go_home(link, warn)
    finally:
        with contextlib.suppress(NetworkError):  # it was perhaps never made
            _ask("connection", "delete", "id", profile)


def _choose_link(interface: str) -> WifiLink:
    links = [link for link in _list_links() if interface in ("", link.interface)]
    if not links:
        raise NetworkError(
            f"{interface or 'this machine'} has no Wi-Fi that NetworkManager runs", hint=NO_NMCLI
        )
    return links[0]


def _list_links() -> list[WifiLink]:
    devices = _ask("-f", "DEVICE,TYPE", "device", "status")
    active = _ask("-f", "NAME,UUID,TYPE,DEVICE", "connection", "show", "--active")
    return parse_links(devices, active)


def _list_iw_interfaces() -> list[str]:
    found = parse_iw_interfaces(run_tool(["iw", "dev"], timeout_s=ASK_TIMEOUT_S))
    if not found:
        raise NetworkError("this machine has no Wi-Fi that iw knows")
    return found


def _add_profile(profile: str, ssid: str, psk: Secret | None, interface: str) -> None:
    security = ["wifi-sec.key-mgmt", "wpa-psk"] if psk else []
    _ask(
        *["connection", "add", "save", "no", "type", "wifi", "ifname", interface],
        *["con-name", profile, "ssid", ssid, "connection.autoconnect", "no", *security],
    )


def _bring_up(profile: str, interface: str, psk: Secret | None, stop: Stop) -> None:
    command = ["nmcli", "--wait", str(NMCLI_WAIT_S), "connection", "up", "id", profile]
    command += ["ifname", interface]
    with contextlib.ExitStack() as stack:
        descriptors = []
        if psk:
            line = f"802-11-wireless-security.psk:{psk.reveal()}\n"
            descriptors = [stack.enter_context(lend_secret(line))]
            command += ["passwd-file", f"/dev/fd/{descriptors[0]}"]
        run_tool(command, timeout_s=CONNECT_TIMEOUT_S, stop=stop, pass_fds=descriptors)


def _go_home(link: WifiLink, warn: Callable[[str], None]) -> None:
    """Bring the former profile up."""
    way = ["device", "disconnect", link.interface]
    if link.uuid:
        way = ["connection", "up", "uuid", link.uuid, "ifname", link.interface]
    try:
        command = ["nmcli", "--wait", str(NMCLI_WAIT_S), *way]
        run_tool(command, timeout_s=CONNECT_TIMEOUT_S)
    except NetworkError as error:
        warn(
            f"this machine is not on its former network {link.profile!r} again "
            f"({error.message}); by hand: nmcli {' '.join(way)}"
        )


def _read_field(profile: str, name: str) -> str:
    """A setting of a profile, secrets included; a pipe, never a terminal, is what it comes by."""
    output = _ask("-e", "no", "-s", "-g", name, "connection", "show", "uuid", profile)
    return output.rstrip("\n")


def _ask(*args: str) -> str:
    return run_tool(["nmcli", "-t", *args], timeout_s=ASK_TIMEOUT_S)
