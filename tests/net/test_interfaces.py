"""Interfaces: what the system says becomes one entry per IPv4 address."""

from typing import Any

import pytest

from tests.lan import open_lab
from v380cli.net.interfaces import Interface, list_interfaces, parse_families

INET, LINK = 2, 17


def parse(families: dict[int, list[dict[str, Any]]]) -> list[Interface]:
    return list(parse_families("eth0", families, INET, LINK))


def test_loopback_is_listed_with_its_broadcast_address() -> None:
    loopback = next(entry for entry in list_interfaces() if entry.name == "lo")
    assert loopback.address == "127.0.0.1"
    assert loopback.broadcast == "127.255.255.255"
    assert loopback.is_loopback


def test_every_address_is_an_entry() -> None:
    families = {
        LINK: [{"addr": "02:00:00:00:00:01"}],
        INET: [
            {"addr": "10.0.0.5", "netmask": "255.255.255.0", "broadcast": "10.0.0.255"},
            {"addr": "10.8.0.2", "netmask": "255.255.255.255", "peer": "10.8.0.1"},
        ],
        10: [{"addr": "fe80::1%eth0", "netmask": "ffff::/64"}],
    }
    mac = "02:00:00:00:00:01"
    assert parse(families) == [
        Interface(
            name="eth0",
            address="10.0.0.5",
            netmask="255.255.255.0",
            broadcast="10.0.0.255",
            mac=mac,
        ),
        Interface(name="eth0", address="10.8.0.2", netmask="255.255.255.255", mac=mac),
    ]


@pytest.mark.parametrize(
    "entry",
    [{}, {"addr": ""}, {"addr": "fe80::1"}, {"addr": "10.0.0.1", "netmask": "nonsense"}],
)
def test_what_cannot_be_is_left_out(entry: dict[str, Any]) -> None:
    good = {"addr": "10.0.0.5", "netmask": "255.0.0.0"}
    assert [found.address for found in parse({INET: [entry, good]})] == ["10.0.0.5"]


def test_interfaces_of_a_machine_on_two_lans() -> None:
    with open_lab() as lab:
        lab.add_lan("lan1")
        host = lab.add_host("host", {"lan1": ["10.1.0.2/24", "10.9.0.2/16"]})
        found = host.call(list_interfaces)
    assert [(entry.name, entry.address, entry.broadcast) for entry in found] == [
        ("lo", "127.0.0.1", "127.255.255.255"),
        ("lan1", "10.1.0.2", "10.1.0.255"),
        ("lan1", "10.9.0.2", "10.9.255.255"),
    ]
    assert all(entry.mac.count(":") == 5 for entry in found)
