"""Cameras beyond loopback, in a LAN of the test's own: broadcast, multicast, wildcard host."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest

from tests.lan import Host, open_lab
from tests.simulator.viewer import SMALL, TIMEOUT_S
from v380cli.models import Beacon
from v380cli.simulator import responder
from v380cli.simulator.ear import Ear
from v380cli.simulator.responder import AnswerTo, DiscoverySpec
from v380cli.simulator.server import Simulator
from v380cli.wire.discovery import (
    MULTICAST_GROUP,
    MULTICAST_PORT,
    PROBE_PORT,
    decode_beacon,
    encode_probe,
)

CAMERA_IP, LAPTOP_IP, BROADCAST = "10.9.0.5", "10.9.0.2", "10.9.0.255"


@pytest.fixture(scope="module", params=["0.0.0.0", CAMERA_IP], ids=["wildcard", "address"])
def laptop(request: pytest.FixtureRequest) -> Iterator[Host]:
    """A machine in one LAN with a simulated camera that listens at `request.param`."""
    with open_lab() as lab, ExitStack() as stack:
        lab.add_lan("lan")
        cameras = lab.add_host("cameras", {"lan": [f"{CAMERA_IP}/24"]})
        laptop = lab.add_host("laptop", {"lan": [f"{LAPTOP_IP}/24"]})
        spec = replace(SMALL, host=request.param, netmask="255.255.255.0")
        simulator = Simulator([spec], discovery=DiscoverySpec(answer_to=AnswerTo.SENDER))
        cameras.call(simulator.start)
        stack.callback(simulator.stop)
        yield laptop


def probe(target: tuple[str, int], times: int = 1) -> Beacon:
    """Ask from this machine; the first answer."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(LAPTOP_IP))
        sock.bind((LAPTOP_IP, 0))
        sock.settimeout(TIMEOUT_S)
        for _ in range(times):
            sock.sendto(encode_probe(), target)
        return decode_beacon(sock.recv(2048))


@pytest.mark.parametrize(
    "target",
    [(BROADCAST, PROBE_PORT), (CAMERA_IP, PROBE_PORT), (MULTICAST_GROUP, MULTICAST_PORT)],
    ids=["broadcast", "unicast", "multicast"],
)
def test_it_answers_with_its_address_on_the_lan(laptop: Host, target: tuple[str, int]) -> None:
    beacon = laptop.call(lambda: probe(target))
    assert (beacon.device_id, beacon.ip) == (SMALL.device_id, CAMERA_IP)
    assert beacon.netmask == "255.255.255.0"


def test_a_prober_without_a_way_back_does_no_harm(
    laptop: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel has no route to everyone that it hears."""
    find_local_address, unreachable = responder._find_local_address, [OSError("no route")]

    def fail_once(prober: tuple[str, int]) -> str:
        if unreachable:
            raise unreachable.pop()
        return find_local_address(prober)

    monkeypatch.setattr(responder, "_find_local_address", fail_once)
    beacon = laptop.call(lambda: probe((CAMERA_IP, PROBE_PORT), times=2))
    assert beacon.ip == CAMERA_IP


def test_an_interface_that_goes_down_leaves_smartlink_unheard() -> None:
    with open_lab() as lab:
        lab.add_lan("lan")
        host = lab.add_host("cameras", {"lan": [f"{CAMERA_IP}/24"]})
        ear = host.call(lambda: Ear("lan", []))
        with closing(ear.sock):
            host.ip("link set lan down")
            ear.hear()
