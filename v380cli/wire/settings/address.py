"""Where the camera is in its network: 342, 343 and their legacy forms (PROTOCOL.md, section 5b)."""

import ipaddress
from dataclasses import dataclass
from typing import ClassVar

from v380cli.errors import InvalidInput
from v380cli.wire.commands import SettingCommand
from v380cli.wire.discovery import parse_address, parse_netmask
from v380cli.wire.layout import I32, U8, Annotated, text
from v380cli.wire.settings.exchange import (
    GetReply,
    LegacyGetReply,
    LegacyPlainRequest,
    SettingRequest,
)
from v380cli.wire.settings.subject import Framing, Subject, Word, words


class AddressMode(Word):
    """Who gives the address: the router, or the owner; 0 is inferred, only 1 is in the sources."""

    DHCP = 0
    STATIC = 1


MODE, IPV4 = words(U8, AddressMode), text(16)


@dataclass(frozen=True, kw_only=True)
class Address:
    """The camera's IPv4 address and what belongs to it; empty text where it has none."""

    mode: Annotated[AddressMode | int, MODE] = AddressMode.DHCP
    ip: Annotated[str, IPV4] = ""
    mask: Annotated[str, IPV4] = ""
    gateway: Annotated[str, IPV4] = ""
    dns: Annotated[str, IPV4] = ""
    dns2: Annotated[str, IPV4] = ""

    @property
    def is_static(self) -> bool:
        return self.mode == AddressMode.STATIC


@dataclass(frozen=True, kw_only=True)
class AddressReply(Address, GetReply):
    """442."""

    MIN_SIZE: ClassVar[int] = 26

    command: Annotated[int, I32] = 442


@dataclass(frozen=True, kw_only=True)
class LegacyAddressReply(Address, LegacyGetReply):
    """242."""

    MIN_SIZE: ClassVar[int] = 25

    command: Annotated[int, I32] = 242


@dataclass(frozen=True, kw_only=True)
class SetAddressRequest(Address, SettingRequest):
    """343."""

    command: Annotated[int, I32] = SettingCommand.SET_ADDRESS


@dataclass(frozen=True, kw_only=True)
class LegacySetAddressRequest(Address, LegacyPlainRequest):
    """143."""

    command: Annotated[int, I32] = SettingCommand.LEGACY_SET_ADDRESS


ADDRESS = Subject(
    name="address",
    value=Address,
    framings=(
        Framing(
            SettingCommand.GET_ADDRESS,
            AddressReply,
            SettingCommand.SET_ADDRESS,
            SetAddressRequest,
        ),
        Framing(
            SettingCommand.LEGACY_GET_ADDRESS,
            LegacyAddressReply,
            SettingCommand.LEGACY_SET_ADDRESS,
            LegacySetAddressRequest,
        ),
    ),
)


def check_address(address: Address) -> None:
    """Raise InvalidInput for a static address under which nobody would find the camera again."""
    if not address.is_static:
        return
    ip, mask, gateway = address.ip, parse_netmask(address.mask), parse_address(address.gateway)
    if not (parse_address(ip) and mask):
        raise InvalidInput(
            f"{ip!r} with mask {address.mask!r} is not an address with a netmask",
            hint="write for example ip=192.168.1.50 mask=255.255.255.0 gateway=192.168.1.1",
        )
    interface = ipaddress.IPv4Interface(f"{ip}/{mask}")
    network = interface.network
    if interface.ip in (network.network_address, network.broadcast_address):
        raise InvalidInput(f"{ip} is not a host of the network {network}")
    if address.gateway and not (gateway and ipaddress.IPv4Address(gateway) in network):
        raise InvalidInput(f"the gateway {address.gateway} is not in the network {network}")
    if gateway == ip:
        raise InvalidInput(f"{ip} cannot be the camera and its gateway")
