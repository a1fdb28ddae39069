"""Discovery on whole LANs in network namespaces: broadcasts, multicast, several interfaces."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.camera.responder import FakeCamera, Responder, To
from tests.lan import Host, Lab, open_lab
from v380cli.camera import discover as discover_module
from v380cli.camera.discover import (
    Change,
    DiscoverOptions,
    DiscoverResult,
    Ports,
    Target,
    discover,
    find_beacon,
)
from v380cli.models import Beacon
from v380cli.wire.discovery import MULTICAST_GROUP, encode_beacon
from v380cli.wire.onvif import ONVIF_GROUP

TIMEOUT_S = 60.0
PORTS = Ports()
PER_LAN = 25


class Site(NamedTuple):
    """A laptop on two LANs, and a machine that plays the cameras of each."""

    lab: Lab
    laptop: Host
    cameras: tuple[Host, Host]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with open_lab() as lab:
        lab.add_lan("lan1")
        lab.add_lan("lan2")
        laptop = lab.add_host("laptop", {"lan1": ["10.1.0.2/24"], "lan2": ["10.2.0.2/24"]})
        hosts = [
            lab.add_host(f"cams{n}", {f"lan{n}": [f"{ip}/24" for ip in list_addresses(n)]})
            for n in (1, 2)
        ]
        yield Site(lab, laptop, (hosts[0], hosts[1]))


def list_addresses(lan: int) -> list[str]:
    return [f"10.{lan}.0.{100 + n}" for n in range(PER_LAN)]


def make_beacon(lan: int, n: int = 0) -> Beacon:
    return Beacon(
        device_id=lan * 1000 + n,
        ip=f"10.{lan}.0.{100 + n}",
        mac=f"02:00:00:00:{lan:02x}:{n:02x}",
        netmask="255.255.255.0",
        gateway=f"10.{lan}.0.1",
        version="200",
    )


def make_camera(lan: int, n: int = 0, to: To = "reply port") -> FakeCamera:
    beacon = make_beacon(lan, n)
    return FakeCamera([encode_beacon(beacon)], beacon.ip, to)


def run(host: Host, options: DiscoverOptions) -> DiscoverResult:
    return host.call(lambda: discover(options))


def open_in(stack: ExitStack, host: Host, responder: Responder) -> Responder:
    host.call(responder.__enter__)
    stack.callback(responder.__exit__, None, None, None)
    return responder


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_fifty_cameras_on_two_lans_end_the_search(site: Site, stack: ExitStack) -> None:
    ways: list[To] = ["reply port", "sender", "broadcast"]
    for lan, host in enumerate(site.cameras, 1):
        cameras = [make_camera(lan, n, ways[n % 3]) for n in range(PER_LAN)]
        open_in(stack, host, Responder(cameras, PORTS))
    started = time.monotonic()
    result = run(site.laptop, DiscoverOptions(count=2 * PER_LAN, timeout_s=10 * TIMEOUT_S))
    assert time.monotonic() - started < TIMEOUT_S
    assert {sighting.beacon for sighting in result.sightings} == {
        make_beacon(lan, n) for lan in (1, 2) for n in range(PER_LAN)
    }
    assert {(s.interface, s.beacon.ip[:5]) for s in result.sightings} == {
        ("lan1", "10.1."),
        ("lan2", "10.2."),
    }
    assert result.warnings == ()
    assert result.interfaces_tried == ("lan1", "lan2")
    ids = [sighting.beacon.device_id for sighting in result.sightings]
    assert ids == sorted(ids)


def test_probes_go_out_three_ways_and_again(site: Site, stack: ExitStack) -> None:
    address = list_addresses(1)[0]
    listeners = {
        "limited": Responder([], PORTS, listen=["255.255.255.255"]),
        "directed": Responder([], PORTS, listen=["10.1.0.255"]),
        "multicast": Responder([], PORTS, [], [(MULTICAST_GROUP, PORTS.multicast, address)]),
    }
    for responder in listeners.values():
        open_in(stack, site.cameras[0], responder)
    options = DiscoverOptions(timeout_s=TIMEOUT_S)
    wanted = [b"NVDEVSEARCH^100", b"LVDEVSEARCH^100"] * 3

    def are_heard() -> bool:
        return all(len(responder.probes) >= len(wanted) for responder in listeners.values())

    site.laptop.call(lambda: discover(options, stop=are_heard))
    for name, responder in listeners.items():
        assert responder.probes[: len(wanted)] == wanted, name


def test_only_the_named_interface_is_asked_and_heard(site: Site, stack: ExitStack) -> None:
    responders = [
        open_in(stack, host, Responder([make_camera(lan, to="broadcast")], PORTS))
        for lan, host in enumerate(site.cameras, 1)
    ]
    result = run(site.laptop, DiscoverOptions(interfaces=("lan2",), timeout_s=0.4))
    assert [sighting.beacon for sighting in result.sightings] == [make_beacon(2)]
    assert responders[0].probes == []


def test_passive_run_hears_and_sends_nothing(site: Site, stack: ExitStack) -> None:
    quiet = open_in(stack, site.cameras[0], Responder([make_camera(1)], PORTS))
    beacon = encode_beacon(make_beacon(2))

    def announce() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sock.bind((list_addresses(2)[0], 0))
            sock.sendto(beacon, ("10.2.0.255", PORTS.reply))

    sent_before = count_sent(site.laptop)
    announcements = iter([announce])

    def stop() -> bool:  # is called once the sockets are open
        for announcement in announcements:
            site.cameras[1].call(announcement)
        return False

    options = DiscoverOptions(passive=True, count=1, timeout_s=5)
    result = site.laptop.call(lambda: discover(options, stop=stop))
    assert [sighting.beacon for sighting in result.sightings] == [make_beacon(2)]
    assert quiet.probes == []
    assert count_sent(site.laptop) == sent_before


def count_sent(host: Host) -> int:
    """How many IPv4 packets a host has sent, IGMP reports included."""

    def read() -> int:
        text = Path("/proc/thread-self/net/snmp").read_text()
        names, values = [line.split() for line in text.splitlines() if line.startswith("Ip:")]
        return int(dict(zip(names, values, strict=True))["OutRequests"])

    return host.call(read)


def test_interface_that_is_down_is_a_warning(site: Site, stack: ExitStack) -> None:
    open_in(stack, site.cameras[1], Responder([make_camera(2)], PORTS))
    site.laptop.ip("link set lan1 down")
    try:
        result = run(site.laptop, DiscoverOptions(count=1))
    finally:
        site.laptop.ip("link set lan1 up")
    assert [sighting.beacon for sighting in result.sightings] == [make_beacon(2)]
    assert [warning.split()[0] for warning in result.warnings] == ["lan1"]


def test_reply_port_in_use_is_worked_around(site: Site, stack: ExitStack) -> None:
    cameras = [make_camera(1, 0, "sender"), make_camera(1, 1, "reply port")]
    open_in(stack, site.cameras[0], Responder(cameras, PORTS))

    def run_beside_another_program() -> DiscoverResult:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("", PORTS.reply))
            return discover(DiscoverOptions(timeout_s=0.4))

    result = site.laptop.call(run_beside_another_program)
    assert [sighting.beacon for sighting in result.sightings] == [make_beacon(1, 0)]
    assert str(PORTS.reply) in result.warnings[0]


def test_answer_under_a_false_address_is_told(site: Site, stack: ExitStack) -> None:
    liar = FakeCamera([encode_beacon(make_beacon(2, 7))], list_addresses(1)[0])
    open_in(stack, site.cameras[0], Responder([liar], PORTS))
    (sighting,) = run(site.laptop, DiscoverOptions(count=1)).sightings
    assert sighting.beacon.ip == list_addresses(1)[0]
    assert sighting.claimed_ip == "10.2.0.107"
    assert not sighting.is_address_as_claimed


def test_one_camera_over_two_interfaces(site: Site, stack: ExitStack) -> None:
    both = site.lab.add_host("both", {"lan1": ["10.1.0.9/24"]})
    site.lab.plug_in(both, "lan1", "wifi1", ["10.1.0.10/24"])
    camera = make_camera(1, to="broadcast")
    open_in(stack, site.cameras[0], Responder([camera], PORTS))
    rows = run(both, DiscoverOptions(timeout_s=0.4)).sightings
    assert [(row.interface, row.also_on) for row in rows] == [
        ("lan1", ("wifi1",)),
        ("wifi1", ("lan1",)),
    ]
    assert not any(row.conflict for row in rows)


ONVIF_ANSWER = """<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Body><d:ProbeMatches><d:ProbeMatch>
<d:XAddrs>http://{}:8899/onvif/device_service</d:XAddrs></d:ProbeMatch></d:ProbeMatches></e:Body>
</e:Envelope>"""


@pytest.mark.parametrize("strangers", [False, True])
def test_onvif_is_joined_and_strangers_are_left_out(
    site: Site, stack: ExitStack, strangers: bool
) -> None:
    camera_ip, stranger_ip = list_addresses(1)[:2]
    group = [(ONVIF_GROUP, PORTS.onvif, camera_ip)]
    matches = [
        FakeCamera([ONVIF_ANSWER.format(ip).encode()], ip, "sender")
        for ip in (camera_ip, stranger_ip)
    ]
    onvif = Responder(matches, PORTS, [], group, accepts=b"NetworkVideoTransmitter")
    open_in(stack, site.cameras[0], onvif)
    # It hears unicast only: discovery has to follow up the ONVIF answer with a probe of its own.
    open_in(stack, site.cameras[0], Responder([make_camera(1)], PORTS, listen=[camera_ip]))
    options = DiscoverOptions(timeout_s=0.6, interfaces=("lan1",), strangers=strangers)
    camera, *others = run(site.laptop, options).sightings
    assert camera.beacon == make_beacon(1)
    assert camera.answered_by == {"nvdev", "onvif"}
    assert [(row.beacon.ip, row.is_v380) for row in others] == [(stranger_ip, False)] * strangers


def test_hotspot_is_asked_from_its_own_port(site: Site, stack: ExitStack) -> None:
    site.lab.add_lan("hotspot")
    camera = site.lab.add_host("camera", {"hotspot": ["192.168.1.1/24"]})
    phone = site.lab.add_host("phone", {"hotspot": ["192.168.1.100/24"]})
    beacon = Beacon(device_id=7, ip="192.168.1.1", version="200")
    ports = Ports(probe=PORTS.hotspot)
    responder = Responder([FakeCamera([encode_beacon(beacon)], to="sender")], ports)
    open_in(stack, camera, responder)
    (sighting,) = run(phone, DiscoverOptions(hotspot=True, count=1)).sightings
    assert sighting.beacon == beacon


def test_camera_of_another_vlan_is_asked_by_unicast(site: Site, stack: ExitStack) -> None:
    responder = Responder([make_camera(2, 3)], PORTS, listen=[list_addresses(2)[3]])
    open_in(stack, site.cameras[1], responder)
    target = Target(list_addresses(2)[3])
    options = DiscoverOptions(interfaces=("lan1",), targets=(target,), count=1)
    (sighting,) = run(site.laptop, options).sightings
    assert sighting.beacon == make_beacon(2, 3)


def test_host_that_has_no_address_is_a_warning(site: Site) -> None:
    options = DiscoverOptions(targets=(Target("camera.invalid"),), timeout_s=0.1)
    assert "camera.invalid: " in run(site.laptop, options).warnings[0]


def test_one_camera_is_found_by_id_where_it_is_now(site: Site, stack: ExitStack) -> None:
    open_in(stack, site.cameras[1], Responder([make_camera(2, 3)], PORTS))
    found = site.laptop.call(lambda: find_beacon(device_id=2003, host="10.2.0.250"))
    assert found is not None
    assert found.beacon == make_beacon(2, 3)


def test_bare_run_includes_a_simulator_of_this_machine(site: Site, stack: ExitStack) -> None:
    beacon = Beacon(device_id=9, ip="127.0.0.1", version="200")
    responder = Responder([FakeCamera([encode_beacon(beacon)], "127.0.0.1")], PORTS)
    assert run(site.laptop, DiscoverOptions(timeout_s=0.1)).interfaces_tried == ("lan1", "lan2")
    open_in(stack, site.laptop, responder)
    result = run(site.laptop, DiscoverOptions(device_ids=frozenset({9})))
    assert [(row.beacon, row.interface) for row in result.sightings] == [(beacon, "lo")]


def test_watch_follows_interfaces_and_tells_who_left(
    site: Site, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discover_module, "SLOW_ROUND_S", 0.1)
    monkeypatch.setattr(discover_module, "DEPARTED_AFTER_S", 0.5)
    camera = make_camera(2)
    open_in(stack, site.cameras[1], Responder([camera], PORTS))
    late = site.lab.add_host("late", {})
    changes: list[Change] = []

    def plug_in() -> None:
        site.lab.plug_in(late, "lan2", "lan2", ["10.2.0.77/24"])

    def switch_off() -> None:
        camera.is_silent = True

    reached = iter([(0, plug_in), (1, switch_off), (2, None)])
    waiting_for = next(reached)

    def stop() -> bool:
        nonlocal waiting_for
        count, action = waiting_for
        if len(changes) < count or action is None:
            return len(changes) >= count
        action()
        waiting_for = next(reached)
        return False

    options = DiscoverOptions(watch=True, timeout_s=8)
    late.call(lambda: discover(options, on_change=changes.append, stop=stop))
    assert [(change.kind, change.sighting.beacon.device_id) for change in changes] == [
        ("arrived", 2000),
        ("departed", 2000),
    ]
