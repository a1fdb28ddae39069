"""Simulated cameras answer probes on loopback, each for itself."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from tests.simulator.viewer import SMALL, TIMEOUT_S
from v380cli.models import Beacon
from v380cli.simulator.responder import AnswerTo, DiscoverySpec
from v380cli.simulator.server import Simulator
from v380cli.wire.discovery import decode_beacon, encode_probe

BROADCAST = "127.255.255.255"
ONE = replace(SMALL, device_id=111, config_id=7)
OTHER = replace(SMALL, device_id=222, host="127.0.0.2")


class Site:
    """A prober, and cameras that answer it on ports of this test's own."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.prober = self.open_socket("127.0.0.1")
        self.listener = self.open_socket("127.0.0.1")
        self._probe_port = _find_free_port()

    def open_socket(self, host: str, port: int = 0) -> socket.socket:
        sock = self._stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.bind((host, port))
        sock.settimeout(TIMEOUT_S)
        return sock

    def start(self, answer_to: AnswerTo) -> Simulator:
        spec = DiscoverySpec(
            probe_port=self._probe_port,
            reply_port=self.listener.getsockname()[1],
            answer_to=answer_to,
        )
        return self._stack.enter_context(Simulator([ONE, OTHER], discovery=spec))

    def probe(self, host: str, probe: bytes) -> None:
        self.prober.sendto(probe, (host, self._probe_port))


def _find_free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture
def site() -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(stack)


def receive_beacons(sock: socket.socket, count: int) -> dict[int, tuple[Beacon, str]]:
    """By device id: the beacon, and the address that it came from."""
    beacons = {}
    for _ in range(count):
        data, (sender, _port) = sock.recvfrom(2048)
        beacon = decode_beacon(data)
        beacons[beacon.device_id] = beacon, sender
    return beacons


def test_a_broadcast_finds_all_cameras_at_the_reply_port(site: Site) -> None:
    simulator = site.start(AnswerTo.REPLY_PORT)
    site.probe(BROADCAST, encode_probe())
    beacons = receive_beacons(site.listener, 2)
    assert beacons.keys() == {111, 222}
    one, sender = beacons[111]
    assert (one.ip, one.port, one.config_id) == ("127.0.0.1", simulator.cameras[0].port, 7)
    assert (one.kind, one.mac, one.netmask) == ("NVDEVRESULT", "02:00:00:00:00:6f", "255.0.0.0")
    assert (sender, beacons[222][1]) == ("127.0.0.1", "127.0.0.2")


def test_unicast_reaches_only_the_camera_at_that_address(site: Site) -> None:
    site.start(AnswerTo.SENDER)
    site.probe("127.0.0.2", encode_probe("LVDEVSEARCH"))
    site.probe("127.0.0.1", encode_probe())
    kinds = {
        device_id: beacon.kind for device_id, (beacon, _) in receive_beacons(site.prober, 2).items()
    }
    assert kinds == {111: "NVDEVRESULT", 222: "LVDEVRESULT"}
    site.prober.settimeout(0.05)
    with pytest.raises(TimeoutError):
        site.prober.recv(1)


def test_answers_can_be_broadcast(site: Site) -> None:
    site.start(AnswerTo.BROADCAST)
    everyone = site.open_socket(BROADCAST, site.listener.getsockname()[1])
    site.probe(BROADCAST, encode_probe())
    assert receive_beacons(everyone, 2).keys() == {111, 222}


def test_a_search_for_one_id_is_answered_by_that_camera(site: Site) -> None:
    site.start(AnswerTo.SENDER)
    site.probe(BROADCAST, encode_probe("NVGROUPSEARCH", "222"))
    assert receive_beacons(site.prober, 1).keys() == {222}
    site.prober.settimeout(0.05)
    with pytest.raises(TimeoutError):
        site.prober.recv(1)


def test_a_camera_that_was_given_an_address_tells_it(site: Site) -> None:
    camera = site.start(AnswerTo.SENDER).cameras[1]
    camera.radio.settle("127.0.0.77")
    site.probe(BROADCAST, encode_probe("NVGROUPSEARCH", "222"))
    assert receive_beacons(site.prober, 1)[222][0].kind == "NVSEARCHRESULT"
    site.probe(BROADCAST, encode_probe())
    assert receive_beacons(site.prober, 2)[222][0].ip == "127.0.0.77"


@pytest.mark.parametrize("probe", [b"", b"\xff" * 9, b"NVDEVSEARCH^99", b"NVDEVRESULT^200^"])
def test_what_is_no_probe_gets_no_answer_and_does_no_harm(site: Site, probe: bytes) -> None:
    site.start(AnswerTo.SENDER)
    site.probe("127.0.0.1", probe)
    site.probe("127.0.0.1", encode_probe())  # heard after it, answered alone
    assert receive_beacons(site.prober, 1).keys() == {111}
