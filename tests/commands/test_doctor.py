"""`v380 doctor` names what stands in the way, and names it first."""

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli import make_environment
from tests.lan import Host, Lab, open_lab
from tests.simulator.viewer import SMALL
from tests.warm import V380
from v380cli.models import Secret
from v380cli.simulator.camera import Pace
from v380cli.simulator.onvif import OnvifDesk, OnvifServer
from v380cli.simulator.server import Simulator

CAMERA_IP, LAPTOP_IP, FAR_IP = "10.1.0.50", "10.1.0.2", "10.2.0.50"
DEVICE_ID, PASSWORD = 12345678, "tell-nobody-4711"
TIMEOUT_S = 120.0


class Site:
    """A laptop and a camera in software, on one LAN."""

    def __init__(self, lab: Lab, data_dir: Path) -> None:
        lab.add_lan("lan")
        self.laptop = lab.add_host("laptop", {"lan": [f"{LAPTOP_IP}/24"]})
        self.camera = lab.add_host("camera", {"lan": [f"{CAMERA_IP}/24"]})
        self._data_dir = data_dir
        self._simulator: Simulator | None = None

    def start_camera(self) -> None:
        spec = replace(SMALL, device_id=DEVICE_ID, password=Secret(PASSWORD), host=CAMERA_IP)
        self._simulator = Simulator([replace(spec, port=8800, pace=Pace.CAMERA)])
        self.camera.call(self._simulator.start)

    def close(self) -> None:
        if self._simulator:
            self._simulator.stop()

    def examine(self, *args: str, password: str = PASSWORD) -> tuple[int, list[dict[str, Any]]]:
        """Exit code and findings of `v380 doctor ARGS`."""
        process = self.laptop.start(
            [*V380, "doctor", *args, "--json"],
            env=make_environment(self._data_dir, {"V380_PASSWORD": password}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = process.communicate(timeout=TIMEOUT_S)
        assert PASSWORD not in out + err
        assert out, err
        return process.returncode, json.loads(out)


@pytest.fixture
def site(data_dir: Path) -> Iterator[Site]:
    with open_lab() as lab, contextlib.closing(Site(lab, data_dir)) as site:
        yield site


def find(findings: list[dict[str, Any]], check: str) -> dict[str, Any]:
    return next(finding for finding in findings if finding["check"] == check)


def test_a_healthy_camera(site: Site) -> None:
    site.start_camera()
    code, findings = site.examine(CAMERA_IP)
    failed = [finding for finding in findings if finding["state"] == "fail"]
    assert (code, failed) == (0, [])
    for check in ("interfaces", "disk", "codecs", "discovery", "tcp", "login", "stream"):
        assert find(findings, check)["state"] == "ok", find(findings, check)
    assert "ceshi.ini" in find(findings, "rtsp")["hint"]


def test_a_wrong_password(site: Site) -> None:
    site.start_camera()
    code, findings = site.examine(CAMERA_IP, password="wrong")
    assert code == 10
    assert (findings[0]["check"], findings[0]["state"]) == ("login", "fail")


def test_no_camera(site: Site) -> None:
    code, findings = site.examine("10.1.0.77", "--id", str(DEVICE_ID))
    assert code == 10
    assert (findings[0]["check"], findings[0]["state"]) == ("tcp", "fail")


def test_a_camera_on_another_vlan(site: Site) -> None:
    code, findings = site.examine(FAR_IP, "--id", str(DEVICE_ID))
    assert code == 10
    assert findings[0]["check"] == "network"
    assert "another VLAN" in findings[0]["message"]


@pytest.mark.skipif(not shutil.which("nft"), reason="there is no nft")
def test_a_firewall_that_drops_the_answers(site: Site) -> None:
    site.start_camera()
    put_rules(
        site.laptop,
        "table inet filter { chain input { type filter hook input priority 0; "
        "udp dport 10009 drop;\n}\n}\n",
    )
    code, findings = site.examine(CAMERA_IP, "--id", str(DEVICE_ID))
    assert code == 10
    assert findings[0]["check"] == "firewall"
    assert find(findings, "discovery")["state"] == "warn"


def put_rules(host: Host, rules: str) -> None:
    process = host.start(["nft", rules], stderr=subprocess.PIPE)
    _, err = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, err


def test_a_full_disk(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "full"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        code, findings = site.examine("-o", str(folder))
    finally:
        subprocess.run(["umount", str(folder)], check=True)
    assert code == 10
    assert findings[0]["check"] == "disk"
    assert "no space left" in findings[0]["message"].lower()


def test_onvif_without_a_password_is_a_warning(site: Site) -> None:
    site.start_camera()
    with site.camera.call(lambda: OnvifServer(OnvifDesk(DEVICE_ID), CAMERA_IP)):
        code, findings = site.examine(CAMERA_IP)
    assert code == 0
    onvif = find(findings, "onvif")
    assert onvif["state"] == "warn"
    assert "everybody in this network" in onvif["hint"]
