"""Cameras out of the box, in two networks: their hotspot and the home LAN."""

import contextlib
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli import make_environment
from tests.commands.recording_lab import wait_until
from tests.lan import Host, open_lab
from tests.simulator.viewer import SMALL
from tests.warm import V380
from tests.wifi_tools import HOME_UUID, WifiTools
from v380cli.models import Secret
from v380cli.simulator.faults import parse_fault
from v380cli.simulator.radio import HotspotSpec
from v380cli.simulator.server import Simulator
from v380cli.simulator.settings.desk import Generation

DEVICE_ID, NEW_PASSWORD = 12345678, "fresh-0815"
SSID, PSK = "home", "Sesame-4711"
HOTSPOT_IP, HOME_IP, LAPTOP_IP = "192.168.1.1", "10.1.0.50", "10.1.0.2"
TIMEOUT_S = 60.0
PAGE = Path(__file__).parents[2] / "docs/wifi.md"
RECIPE = re.compile(r"^<!-- lab: provision -->\n+```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Site:
    """A laptop, and a camera in the air and on the LAN; `join` is up to the laptop's nmcli."""

    def __init__(self, laptop: Host, cameras: Host, tools: WifiTools, data_dir: Path) -> None:
        self.laptop = laptop
        self.cameras = cameras
        self.tools = tools
        self.data_dir = data_dir
        self._simulator: Simulator | None = None

    def start_camera(
        self, *, psk: str = PSK, smartlink_interface: str = "", **changes: Any
    ) -> None:
        """Start a camera in software, as `v380 simulate --hotspot` does."""
        hotspot = HotspotSpec(
            home_host=HOME_IP,
            ssid=SSID,
            psk=Secret(psk),
            join_delay_s=0.3,
            smartlink_interface=smartlink_interface,
        )
        spec = replace(SMALL, device_id=DEVICE_ID, password=Secret(), host=HOTSPOT_IP, port=8800)
        self._simulator = Simulator([replace(spec, hotspot=hotspot, **changes)])
        self.cameras.call(self._simulator.start)

    def close(self) -> None:
        if self._simulator:
            self._simulator.stop()

    def start(self, *args: str, env: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
        """Start `v380 provision ARGS` on the laptop; the PSK is in V380_PSK."""
        return self.laptop.start(
            [*V380, "provision", *args],
            env=self._environment({"V380_PSK": PSK, **(env or {})}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *args: str, env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of `v380 provision ARGS`; no secret may be in either."""
        process = self.start(*args, env=env)
        output, talk = process.communicate(timeout=TIMEOUT_S)
        assert PSK not in output + talk
        assert NEW_PASSWORD not in output + talk
        return process.returncode, output, talk

    def run_shell(self, script: str) -> "subprocess.CompletedProcess[str]":
        environment = self._environment({})
        environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
        (self.data_dir.parent / "psk.txt").write_text(f"{PSK}\n")
        process = self.laptop.start(
            ["bash", "-euo", "pipefail", "-c", script],
            env=environment,
            cwd=self.data_dir.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        output, talk = process.communicate(timeout=TIMEOUT_S)
        return subprocess.CompletedProcess("sh", process.returncode, output, talk)

    def is_in_hotspot(self) -> bool:
        """Whether the laptop's Wi-Fi is up, which its nmcli does with `ip link`."""
        command = ["ip", "-n", self.laptop.namespace, "-br", "link", "show", "dev", "air"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return "LOWER_UP" in done.stdout

    def _environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        return make_environment(self.data_dir, {**self.tools.make_environment(), **extra})


@pytest.fixture
def site(tmp_path: Path, data_dir: Path) -> Iterator[Site]:
    tools = WifiTools(tmp_path / "bin")
    tools.install("nmcli")
    with open_lab() as lab:
        lab.add_lan("air")
        lab.add_lan("lan")
        cameras = lab.add_host("cams", {"air": [f"{HOTSPOT_IP}/24"], "lan": [f"{HOME_IP}/24"]})
        laptop = lab.add_host("laptop", {"air": ["192.168.1.7/24"], "lan": [f"{LAPTOP_IP}/24"]})
        with contextlib.closing(Site(laptop, cameras, tools, data_dir)) as site:
            yield site


@pytest.fixture
def joining_site(site: Site) -> Site:
    """The laptop is in the hotspot between `nmcli connection up` and the way home only."""
    site.laptop.ip("link set air down")
    for step, state in (("join", "up"), ("home", "down")):
        # the namespace is where v380, and with it nmcli, runs
        commands = f"ip link set air {state}\n"
        if state == "up":
            commands += "ip address replace 192.168.1.7/24 broadcast + dev air\n"
        site.tools.write(f"on-{step}", commands)
    return site


def wait_for_line(process: "subprocess.Popen[str]", start: str) -> None:
    assert process.stderr
    for line in process.stderr:
        if line.startswith(start):
            return
    pytest.fail(f"no line {start!r}")


def test_out_of_the_box_in_one_command(joining_site: Site) -> None:
    site = joining_site
    site.start_camera()
    code, output, talk = site.run(
        "ap", "--ssid", SSID, "--join", "--save", "--name", "porch", "--json"
    )
    assert code == 0, talk
    document: dict[str, Any] = json.loads(output)
    assert document.pop("seconds") < 20
    assert document == {
        "id": DEVICE_ID,
        "ip": HOME_IP,
        "mac": "02:00:00:bc:61:4e",
        "ssid": SSID,
        "method": "ap",
        "joined": True,
    }
    assert not site.is_in_hotspot()
    assert f"waiting for camera {DEVICE_ID}" in talk
    listed = site.run_shell("v380 devices show porch --json")
    assert HOME_IP in listed.stdout


def test_without_join_it_says_what_to_join_and_waits(site: Site) -> None:
    site.laptop.ip("link set air down")
    site.start_camera()
    process = site.start("ap", "--ssid", SSID, "--id", str(DEVICE_ID))
    wait_for_line(process, f"join the Wi-Fi MV{DEVICE_ID}")
    site.laptop.ip("link set air up")
    output, _talk = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0
    assert output.split("\t")[:2] == [str(DEVICE_ID), HOME_IP]


def test_a_new_device_password_in_the_same_visit(site: Site) -> None:
    site.start_camera()
    options = ["--set-password", "--save", "--name", "porch"]
    code, _output, talk = site.run(
        "ap", "--ssid", SSID, *options, env={"V380_NEW_PASSWORD": NEW_PASSWORD}
    )
    assert code == 0, talk
    recorded = site.run_shell("v380 record porch --duration 1s --output porch.mp4")
    assert recorded.returncode == 0, recorded.stderr


def test_a_wrong_psk_is_not_success(joining_site: Site) -> None:
    site = joining_site
    site.start_camera(psk="another-psk")
    code, output, talk = site.run("ap", "--ssid", SSID, "--join", "--timeout", "2s", "--json")
    assert code == 3
    assert json.loads(output)["joined"] is False
    assert "the camera took the network" in talk
    assert "1. the PSK is wrong" in talk
    assert not site.is_in_hotspot()


def test_an_ssid_that_the_camera_does_not_see(site: Site) -> None:
    site.start_camera()
    code, _output, talk = site.run("ap", "--ssid", "office", "--timeout", "1s")
    assert code == 3
    assert "warning: the camera does not see a network 'office'" in talk
    assert "1. the camera does not see that network" in talk


@pytest.mark.parametrize(
    ("fault", "code"), [("setting-refused:1016", 7), ("wrong-password", 5), ("wrong-id", 7)]
)
def test_after_a_refusal_the_laptop_is_home_again(
    joining_site: Site, fault: str, code: int
) -> None:
    joining_site.start_camera(faults=(parse_fault(fault),))
    assert joining_site.run("ap", "--ssid", SSID, "--join")[0] == code
    assert not joining_site.is_in_hotspot()


def test_a_hotspot_without_a_camera(joining_site: Site) -> None:
    joining_site.tools.write("fail-join")
    code, _output, talk = joining_site.run("ap", "--ssid", SSID, "--join")
    assert code == 4
    assert "activation failed" in talk
    assert not joining_site.is_in_hotspot()


SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_while_the_hotspot_is_joined(
    joining_site: Site, number: signal.Signals, code: int
) -> None:
    joining_site.tools.write("hang-join")
    process = joining_site.start("ap", "--ssid", SSID, "--join")
    joining_site.tools.wait_for("hanging")
    process.send_signal(number)
    _output, talk = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == code
    assert "was told no network" in talk
    assert any(HOME_UUID in call for call in joining_site.tools.list_calls())


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_while_the_camera_is_looked_for(
    joining_site: Site, number: signal.Signals, code: int
) -> None:
    process = joining_site.start("ap", "--ssid", SSID, "--join")
    wait_for_line(process, "joining")
    wait_until(joining_site.is_in_hotspot)
    process.send_signal(number)
    _output, talk = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == code
    assert f"camera {DEVICE_ID} was told no network" in talk
    assert not joining_site.is_in_hotspot()


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_while_the_camera_joins(
    joining_site: Site, number: signal.Signals, code: int
) -> None:
    joining_site.start_camera(psk="another-psk")
    process = joining_site.start("ap", "--ssid", SSID, "--join")
    wait_for_line(process, "waiting for camera")
    process.send_signal(number)
    _output, talk = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == code
    assert f"camera {DEVICE_ID} was told the network" in talk
    assert not joining_site.is_in_hotspot()


def test_smartlink(site: Site) -> None:
    site.laptop.ip("link set air down")
    site.start_camera(smartlink_interface="lan")
    code, output, talk = site.run("smartlink", "--ssid", SSID, "--json")
    assert code == 0, talk
    document = json.loads(output)
    assert (document["id"], document["ip"], document["joined"]) == (DEVICE_ID, HOME_IP, True)
    assert document["method"] == "smartlink"


def test_smartlink_that_nobody_hears(site: Site) -> None:
    code, output, talk = site.run(
        "smartlink", "--ssid", SSID, "--timeout", "1s", "--interface", "lan", "--json"
    )
    assert code == 3
    assert json.loads(output)["joined"] is False
    assert "too new for SmartLink" in talk


def test_what_a_camera_sees(joining_site: Site) -> None:
    joining_site.start_camera(settings=Generation.LEGACY)
    code, output, talk = joining_site.run("scan", "--via-camera", "--join", "--json")
    assert code == 0, talk
    assert [network["ssid"] for network in json.loads(output)] == [SSID]
    assert not joining_site.is_in_hotspot()


def test_the_shell_recipe_of_the_page(joining_site: Site) -> None:
    recipe = RECIPE.search(PAGE.read_text(encoding="utf-8"))
    assert recipe, "the page has no block under <!-- lab: provision -->"
    joining_site.start_camera()
    done = joining_site.run_shell(recipe[1])
    assert done.returncode == 0, done.stderr
    assert f"porch is at {HOME_IP}" in done.stdout


def test_the_shell_recipe_where_the_camera_does_not_come(joining_site: Site) -> None:
    recipe = RECIPE.search(PAGE.read_text(encoding="utf-8"))
    assert recipe
    joining_site.start_camera(psk="another-psk")
    done = joining_site.run_shell(recipe[1])
    assert done.returncode == 3
    assert "wrong PSK" in done.stderr
