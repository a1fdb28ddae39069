"""Where the camera is in its network: 342, 343 and their legacy forms (PROTOCOL.md, section 5b)."""

import ipaddress
from dataclasses import dataclass
from typing import ClassVar

from v380cli.errors import InvalidInput
from v380cli.wire.commands import SettingCommand
from v380cli.wire.layout import I32, U8, Annotated, text
from v380cli.wire.settings import GetReply, LegacyGetReply, LegacySettingRequest, SettingRequest
from v380cli.wire.subject import Framing, Subject, Word, words


class AddressMode(Word):
    """Who gives the address: the router, or the owner; 0 is inferred, only 1 is in the sources."""

    DHCP = 0
    STATIC = 1


MODE, IPV4 = words(U8, AddressMode), text(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The camera's IPv4 address and what belongs to it; empty text where it has none."""

    mode: AddressMode | int = AddressMode.DHCP
    ip: str = ""
    mask: str = ""
    gateway: str = ""
    dns: str = ""
    dns2: str = ""

    @property
    def is_static(self) -> bool:
        return self.mode == AddressMode.STATIC


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressReply(GetReply):
    """442."""

    MIN_SIZE: ClassVar[int] = 26

    command: Annotated[int, I32.at(0)] = 442
    mode: Annotated[int, MODE.at(9)]
    ip: Annotated[str, IPV4.at(10)] = ""
    mask: Annotated[str, IPV4.at(26)] = ""
    gateway: Annotated[str, IPV4.at(42)] = ""
    dns: Annotated[str, IPV4.at(58)] = ""
    dns2: Annotated[str, IPV4.at(74)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyAddressReply(LegacyGetReply):
    """242."""

    MIN_SIZE: ClassVar[int] = 25

    command: Annotated[int, I32.at(0)] = 242
    mode: Annotated[int, MODE.at(8)]
    ip: Annotated[str, IPV4.at(9)] = ""
    mask: Annotated[str, IPV4.at(25)] = ""
    gateway: Annotated[str, IPV4.at(41)] = ""
    dns: Annotated[str, IPV4.at(57)] = ""
    dns2: Annotated[str, IPV4.at(73)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAddressRequest(SettingRequest):
    """343."""

    command: Annotated[int, I32.at(0)] = SettingCommand.SET_ADDRESS
    mode: Annotated[int, MODE.at(13)]
    ip: Annotated[str, IPV4.at(14)]
    mask: Annotated[str, IPV4.at(30)]
    gateway: Annotated[str, IPV4.at(46)]
    dns: Annotated[str, IPV4.at(62)]
    dns2: Annotated[str, IPV4.at(78)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySetAddressRequest(LegacySettingRequest):
    """143."""

    command: Annotated[int, I32.at(0)] = SettingCommand.LEGACY_SET_ADDRESS
    device_id: Annotated[int, I32.at(68)]
    mode: Annotated[int, MODE.at(72)]
    ip: Annotated[str, IPV4.at(73)]
    mask: Annotated[str, IPV4.at(89)]
    gateway: Annotated[str, IPV4.at(105)]
    dns: Annotated[str, IPV4.at(121)]
    dns2: Annotated[str, IPV4.at(137)]


ADDRESS = Subject(
    name="address",
    value=Address,
    framings=(
        Framing(
            get=SettingCommand.GET_ADDRESS,
            reply=AddressReply,
            set=SettingCommand.SET_ADDRESS,
            request=SetAddressRequest,
        ),
        Framing(
            get=SettingCommand.LEGACY_GET_ADDRESS,
            reply=LegacyAddressReply,
            set=SettingCommand.LEGACY_SET_ADDRESS,
            request=LegacySetAddressRequest,
        ),
    ),
)


def check_address(address: Address) -> None:
    """Raise InvalidInput for a static address under which nobody would find the camera again."""
    if not address.is_static:
        return
    try:
        interface = ipaddress.IPv4Interface(f"{address.ip}/{address.mask}")
    except ValueError:
        raise InvalidInput(
            f"{address.ip!r} with mask {address.mask!r} is no address with a netmask",
            hint="write for example ip=192.168.1.50 mask=255.255.255.0 gateway=192.168.1.1",
        ) from None
    network = interface.network
    if interface.ip in (network.network_address, network.broadcast_address):
        raise InvalidInput(f"{address.ip} is no host of the network {network}")
    if address.gateway and ipaddress.IPv4Address(address.gateway) not in network:
        raise InvalidInput(f"the gateway {address.gateway} is not in the network {network}")
    if address.gateway == address.ip:
        raise InvalidInput(f"{address.ip} cannot be the camera and its gateway")
