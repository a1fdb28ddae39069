"""The IPv4 addresses of this machine, one `Interface` each."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One IPv4 address of a network interface; `broadcast` is empty where there is none."""

    name: str
    address: str
    netmask: str
    broadcast: str = ""
    mac: str = ""

    @property
    def network(self) -> ipaddress.IPv4Network:
        return ipaddress.IPv4Network((self.address, self.netmask), strict=False)

    @property
    def is_loopback(self) -> bool:
        return ipaddress.IPv4Address(self.address).is_loopback


def list_interfaces() -> list[Interface]:
    """List every IPv4 address in the system's order; an interface that vanishes is left out."""
    import netifaces

    found: list[Interface] = []
    for name in netifaces.interfaces():
        try:
            families = netifaces.ifaddresses(name)
        except (ValueError, OSError):
            continue  # it went away between the two calls
        found.extend(parse_families(name, families, netifaces.AF_INET, netifaces.AF_PACKET))
    return found


def parse_families(
    name: str, families: dict[int, list[dict[str, Any]]], inet: int, link: int
) -> Iterator[Interface]:
    """Parse what netifaces says of one interface; entries without a sound address are left out."""
    macs = [entry.get("addr") or "" for entry in families.get(link, [])]
    for entry in families.get(inet, []):
        address, netmask = entry.get("addr") or "", entry.get("netmask") or "255.255.255.255"
        try:
            network = ipaddress.IPv4Network((address, netmask), strict=False)
        except ValueError:
            continue
        computed = str(network.broadcast_address) if network.is_loopback else ""
        yield Interface(
            name=name,
            address=address,
            netmask=netmask,
            broadcast=entry.get("broadcast") or computed,  # the system names none for loopback
            mac=next(iter(macs), ""),
        )
