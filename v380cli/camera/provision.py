"""Bring a camera from its own hotspot into a Wi-Fi network, and see it there.

What a camera says to the order proves nothing: it takes any password. Only its answer to discovery
in the other network does (PROTOCOL.md, section 1a).
"""

import contextlib
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from v380cli.camera.access import Access
from v380cli.camera.discover import Sighting
from v380cli.camera.hotspot import Say, choose_hotspot, visit_hotspot
from v380cli.camera.interrupt import Interrupt
from v380cli.camera.joining import Wanted, await_camera, find_hotspot
from v380cli.camera.login import make_random_key
from v380cli.camera.settings.account import prove_log_in
from v380cli.camera.settings.client import NoAnswer, SettingsClient
from v380cli.errors import CameraNotFound, CredentialsRefused, Refused, UnsupportedFirmware
from v380cli.models import DEFAULT_PORT, DEFAULT_USERNAME, Device, Secret
from v380cli.net import smartlink
from v380cli.net.interfaces import Interface
from v380cli.wire.crypto import PasswordForm, count_password_bytes
from v380cli.wire.login import LoginTicket, LoginVariant, parse_variant
from v380cli.wire.provisioning import (
    SeenNetwork,
    WifiSettings,
    list_scan_forms,
    list_state_forms,
    list_wifi_forms,
    parse_hotspot,
)
from v380cli.wire.settings.users import Account, list_account_forms
from v380cli.wire.smartlink import CONFIG_IDS, encode_smartlink

JOIN_TIMEOUT_S = 90.0  # a slow camera starts anew, asks for an address and then answers
HOTSPOT_TIMEOUT_S = 120.0  # for a person to find the Wi-Fi menu
AFTER_JOIN_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Which camera is to join which network.

    Without a `host` it is looked for in its hotspot; `joins_hotspot` has this machine join that
    (`hotspot_ssid`, else the one whose name has the id) and come back. `interfaces` is where it
    is looked for afterwards; None: on all.
    """

    wifi: WifiSettings
    device_id: int = 0
    host: str = ""
    port: int = 0
    username: str = DEFAULT_USERNAME
    password: Secret = field(default_factory=Secret)
    new_password: Secret | None = None
    joins_hotspot: bool = False
    hotspot_ssid: str = ""
    hotspot_psk: Secret = field(default_factory=Secret)
    wifi_interface: str = ""
    interfaces: tuple[str, ...] | None = None
    hotspot_timeout_s: float = HOTSPOT_TIMEOUT_S
    timeout_s: float = JOIN_TIMEOUT_S


@dataclass(slots=True)
class Progress:
    """How far it has come; true at any moment, so that an interrupted run can tell.

    `networks` is what the camera sees, None when it does not say.
    """

    device_id: int = 0
    mac: str = ""
    is_told: bool = False
    has_new_password: bool = False
    networks: list[SeenNetwork] | None = None
    sighting: Sighting | None = None

    def describe(self) -> str:
        """In which state the camera is, in one sentence."""
        camera = f"camera {self.device_id}" if self.device_id else "the camera"
        if self.sighting:
            return f"{camera} is in the network, at {self.sighting.beacon.ip}"
        password = "; its device password is the new one" if self.has_new_password else ""
        if self.is_told:
            return f"{camera} was told the network, and may join it at any time{password}"
        return f"{camera} was told no network: it is where it was{password}"


def provision_ap(order: Order, progress: Progress, interrupt: Interrupt, say: Say) -> None:
    """Tell a camera its network over its hotspot and wait until it is seen in that network.

    Without an error and without `progress.sighting`, it was not seen in time. Raises V380Error;
    this machine is then on its own network again all the same.
    """
    with _visit(order, progress, interrupt, say):
        device = _reach_camera(order, progress, interrupt, say)
        say(f"found camera {device.device_id} at {device.address}; logging in")
        client = SettingsClient(Access(device, interrupt=interrupt))
        tell_camera(client, order, progress, say)
    interrupt.check()
    say(f"waiting for camera {progress.device_id} in the network {order.wifi.ssid!r}")
    progress.sighting = await_camera(
        Wanted(device_id=progress.device_id, former_host=device.host),
        timeout_s=order.timeout_s,
        stop=interrupt,
        interfaces=order.interfaces,
    )
    interrupt.check()


def provision_smartlink(
    wifi_settings: WifiSettings,
    config_id: int,
    progress: Progress,
    *,
    senders: list[Interface],
    interfaces: tuple[str, ...] | None,
    timeout_s: float,
    interrupt: Interrupt,
    say: Say,
) -> None:
    """Send SmartLink until a camera answers discovery with our `config_id`, or the time is over."""
    symbols = encode_smartlink(wifi_settings, config_id)
    with smartlink.SmartLinkSender(symbols, senders, timeout_s=timeout_s) as sender:
        say("sending the network by SmartLink")
        await_answer(
            progress,
            config_id=config_id,
            interfaces=interfaces,
            timeout_s=timeout_s,
            interrupt=interrupt,
            say=say,
        )
    for warning in sender.warnings:
        say(f"warning: {warning}")


def await_answer(
    progress: Progress,
    *,
    config_id: int,
    interfaces: tuple[str, ...] | None,
    timeout_s: float,
    interrupt: Interrupt,
    say: Say,
) -> None:
    """Wait for a camera that was told its network by a way of which we see nothing."""
    progress.is_told = True
    what = f"camera {progress.device_id}" if progress.device_id else f"config id {config_id}"
    say(f"waiting for {what}")
    progress.sighting = await_camera(
        Wanted(device_id=progress.device_id, config_id=config_id),
        timeout_s=timeout_s,
        stop=interrupt,
        interfaces=interfaces,
    )
    interrupt.check()


def list_seen_networks(
    order: Order, progress: Progress, interrupt: Interrupt, say: Say
) -> list[SeenNetwork]:
    """The networks that a camera in its hotspot sees; UnsupportedFirmware when it cannot tell."""
    with _visit(order, progress, interrupt, say):
        device = _reach_camera(order, progress, interrupt, say)
        client = SettingsClient(Access(device, interrupt=interrupt))
        _, networks = client.run_first(list_scan_forms())
    return networks


def choose_config_id() -> int:
    """A random one, as the vendor's app has it."""
    return secrets.choice(CONFIG_IDS)


def _visit(
    order: Order, progress: Progress, interrupt: Interrupt, say: Say
) -> AbstractContextManager[None]:
    """Be in the camera's hotspot, if that is our task; its name tells the camera's id."""
    progress.device_id = order.device_id
    if not order.joins_hotspot:
        return contextlib.nullcontext()
    ssid = order.hotspot_ssid or choose_hotspot(order.device_id, order.wifi_interface, interrupt)
    progress.device_id = order.device_id or parse_hotspot(ssid)
    return visit_hotspot(
        ssid, psk=order.hotspot_psk, interface=order.wifi_interface, interrupt=interrupt, say=say
    )


def _reach_camera(order: Order, progress: Progress, interrupt: Interrupt, say: Say) -> Device:
    """The camera to talk to: by what the order says of it, else by discovery."""
    device_id = progress.device_id
    if order.host and device_id:
        return _make_device(order, device_id, order.host, order.port or DEFAULT_PORT)
    if not (order.host or order.joins_hotspot):
        name = f"MV{device_id}" if device_id else "MV... or TD..."
        say(f"join the Wi-Fi {name} of the camera now; waiting for it")
    timeout_s = AFTER_JOIN_TIMEOUT_S if order.joins_hotspot else order.hotspot_timeout_s
    wanted = Wanted(device_id=device_id)
    sighting = find_hotspot(wanted, order.host, timeout_s=timeout_s, stop=interrupt)
    interrupt.check()
    if sighting is None:
        raise CameraNotFound(
            f"no camera answers {'at ' + order.host if order.host else 'in a hotspot of its own'}",
            hint="is this machine in the camera's Wi-Fi, and in no other network 192.168.1.x?",
        )
    beacon = sighting.beacon
    progress.device_id, progress.mac = beacon.device_id, beacon.mac
    return _make_device(order, beacon.device_id, beacon.ip, order.port or beacon.port)


def _make_device(order: Order, device_id: int, host: str, port: int) -> Device:
    return Device(
        device_id=device_id,
        host=host,
        port=port,
        username=order.username,
        password=order.password,
    )


def tell_camera(client: SettingsClient, order: Order, progress: Progress, say: Say) -> None:
    """Log in, look around, set the password if that is wanted, and order it to join."""
    ticket = _log_in(client, order, progress)
    _tell_state(client, say)
    progress.networks = scan_networks(client)
    for warning in list_doubts(order.wifi, progress.networks):
        say(f"warning: {warning}")
    if order.new_password is not None and not progress.has_new_password:
        _change_password(client, ticket, order.new_password)
        progress.has_new_password = True
        say("the camera has the new device password")
    progress.is_told = True
    try:
        client.run_first(list_wifi_forms(order.wifi))
        say(f"the camera took the network {order.wifi.ssid!r}")
    except NoAnswer as error:
        say(f"warning: {error.message}; it may have left to join the network")
    except (Refused, UnsupportedFirmware):
        progress.is_told = False
        raise


def _log_in(client: SettingsClient, order: Order, progress: Progress) -> LoginTicket:
    """Log in, with the new password where an earlier attempt has set it already."""
    try:
        return client.access.log_in()
    except CredentialsRefused:
        if order.new_password is None:
            raise
        former = client.device
        client.access.device = replace(former, password=order.new_password)
        with contextlib.suppress(CredentialsRefused):
            ticket = client.access.log_in()
            progress.has_new_password = True
            return ticket
        client.access.device = former
        raise


def _tell_state(client: SettingsClient, say: Say) -> None:
    try:
        _, state = client.run_first(list_state_forms())
    except (UnsupportedFirmware, NoAnswer):
        return
    if state.ssid:
        say(f"until now it was set to the network {state.ssid!r}")


def scan_networks(client: SettingsClient) -> list[SeenNetwork] | None:
    """What the camera sees, strongest first; None when it cannot tell."""
    try:
        _, networks = client.run_first(list_scan_forms())
    except (UnsupportedFirmware, NoAnswer):
        return None
    return networks


def list_doubts(order: WifiSettings, networks: list[SeenNetwork] | None) -> Iterator[str]:
    """Why the camera will perhaps not join, from what it sees."""
    if not networks:
        return
    seen = [network for network in networks if network.ssid == order.ssid]
    if not seen:
        yield f"the camera does not see a network {order.ssid!r}; it may be 5 GHz, hidden or far"
    elif all(network.is_5_ghz for network in seen):
        yield f"the camera sees {order.ssid!r} on 5 GHz only, which most cameras cannot join"
    elif not order.psk and all(network.security for network in seen):
        yield f"{order.ssid!r} is encrypted, and no PSK was given"


def _change_password(client: SettingsClient, ticket: LoginTicket, password: Secret) -> None:
    """Set the device password and log in with it, which is the proof."""
    variant = parse_variant(ticket.variant_name)
    form = variant.password if isinstance(variant, LoginVariant) else PasswordForm.ZERO48
    if (count_password_bytes(password.reveal()) or 0) > form.max_password_bytes:
        raise Refused(f"this camera has room for {form.max_password_bytes} bytes of password")
    client.run_first(list_account_forms(Account(password=password), form, make_random_key()))
    client.access.device = replace(client.device, password=password)
    prove_log_in(client)
