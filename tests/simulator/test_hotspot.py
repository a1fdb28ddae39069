"""A simulated camera out of the box, by raw sockets: where it answers, and when."""

import socket
from dataclasses import replace

from tests.commands.recording_lab import wait_until
from tests.simulator.viewer import SMALL, ask, make_login
from v380cli.models import Secret
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.radio import HotspotSpec, Radio
from v380cli.simulator.responder import AnswerTo, DiscoverySpec
from v380cli.simulator.server import Simulator
from v380cli.wire.discovery import decode_beacon, encode_probe
from v380cli.wire.login import LoginReply
from v380cli.wire.provisioning import WifiSettings

HOTSPOT, HOME = "127.0.0.1", "127.0.0.101"
PROBE_PORT, HOTSPOT_PORT = 24501, 24502  # below those that systems hand out
WIFI = WifiSettings(ssid="home", psk=Secret("secret99"))
SPEC = replace(
    SMALL, host=HOTSPOT, hotspot=HotspotSpec(home_host=HOME, psk=WIFI.psk, join_delay_s=0)
)
PORTS = DiscoverySpec(
    probe_port=PROBE_PORT,
    hotspot_port=HOTSPOT_PORT,
    multicast_port=24503,
    answer_to=AnswerTo.SENDER,
)


def find(host: str, port: int) -> str:
    """The address in the answer of who hears probes there, or empty."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.3)
        sock.sendto(encode_probe(), (host, port))
        try:
            return decode_beacon(sock.recv(2048)).ip
        except TimeoutError:
            return ""


def log_in(camera: SimulatedCamera, host: str) -> bool:
    """Whether anybody is served there."""
    with socket.create_connection((host, camera.port), timeout=60) as sock:
        sock.sendall(make_login())
        try:
            return bool(sock.recv(1))
        except ConnectionError:
            return False


def test_it_is_in_one_network_at_a_time() -> None:
    with Simulator([SPEC], discovery=PORTS) as simulator:
        camera = simulator.cameras[0]
        assert find(HOTSPOT, HOTSPOT_PORT) == HOTSPOT
        assert find(HOME, PROBE_PORT) == ""
        assert (log_in(camera, HOTSPOT), log_in(camera, HOME)) == (True, False)
        camera.radio.tell(WIFI)
        wait_until(lambda: find(HOTSPOT, HOTSPOT_PORT) == "")
        wait_until(lambda: find(HOME, PROBE_PORT) == HOME)
        assert (log_in(camera, HOTSPOT), log_in(camera, HOME)) == (False, True)


def test_a_wrong_psk_leaves_it_where_it_is() -> None:
    with Simulator([SPEC], discovery=PORTS) as simulator:
        camera = simulator.cameras[0]
        camera.radio.tell(WifiSettings(ssid="home", psk=Secret("wrong-psk")))
        assert find(HOTSPOT, HOTSPOT_PORT) == HOTSPOT
        assert find(HOME, PROBE_PORT) == ""
        assert LoginReply.decode(ask(camera, make_login())).result == 1001


def test_a_network_that_is_told_again_is_joined_no_later() -> None:
    now_s = [0.0]
    spec = HotspotSpec(home_host=HOME, psk=WIFI.psk, join_delay_s=5)
    radio = Radio(spec, HOTSPOT, clock=lambda: now_s[0])
    radio.tell(WIFI)
    now_s[0] = 4.0
    radio.tell(WIFI)
    assert (radio.host, radio.orders) == ("", 2)
    now_s[0] = 5.0
    assert radio.host == HOME
