"""`v380 discover` as a script or a person meets it, on a LAN in network namespaces."""

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.camera.responder import FakeCamera, Responder
from tests.cli import RunV380, make_environment
from tests.lan import Host, open_lab
from tests.warm import V380
from v380cli.camera.discover import Ports
from v380cli.models import Beacon
from v380cli.wire.discovery import encode_beacon

CAMERA = Beacon(
    device_id=12345678,
    ip="10.1.0.100",
    mac="e0:7c:62:00:00:01",
    netmask="255.255.255.0",
    gateway="10.1.0.1",
    version="200",
)
DOCUMENT = {
    "id": 12345678,
    "name": "",
    "ip": "10.1.0.100",
    "mac": "e0:7c:62:00:00:01",
    "netmask": "255.255.255.0",
    "gateway": "10.1.0.1",
    "port": 8800,
    "interface": "lan1",
    "version": "200",
    "config_id": 0,
    "known": False,
    "claimed_ip": "10.1.0.100",
    "answered_by": ["nvdev"],
    "also_on": [],
    "conflict": False,
    "device_version": None,
}
TIMEOUT_S = 60.0


class Laptop:
    """Where the command runs; the cameras are on another machine of the same LAN."""

    def __init__(self, host: Host, cameras: Host, data_dir: Path) -> None:
        self._host = host
        self._cameras = cameras
        self._data_dir = data_dir

    def start(self, *args: str, **options: Any) -> "subprocess.Popen[str]":
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        environment = make_environment(self._data_dir)
        return self._host.start([*V380, "discover", *args], env=environment, **pipes)

    def __call__(self, *args: str) -> "subprocess.CompletedProcess[str]":
        process = self.start(*args)
        output, talk = process.communicate(timeout=TIMEOUT_S)
        return subprocess.CompletedProcess(args, process.returncode, output, talk)

    @contextmanager
    def beside(self, *beacons: Beacon) -> Iterator[None]:
        """Switch these cameras on for a while."""
        cameras = [FakeCamera([encode_beacon(beacon)], beacon.ip) for beacon in beacons]
        responder = Responder(cameras, Ports())
        self._cameras.call(responder.__enter__)
        try:
            yield
        finally:
            responder.__exit__(None, None, None)


@pytest.fixture(scope="module")
def hosts() -> Iterator[tuple[Host, Host]]:
    with open_lab() as lab:
        lab.add_lan("lan1")
        laptop = lab.add_host("laptop", {"lan1": ["10.1.0.2/24"]})
        cameras = lab.add_host("cameras", {"lan1": ["10.1.0.100/24", "10.1.0.101/24"]})
        yield laptop, cameras


@pytest.fixture
def laptop(hosts: tuple[Host, Host], data_dir: Path) -> Laptop:
    return Laptop(*hosts, data_dir)


def test_json_is_a_list_of_what_was_found(laptop: Laptop) -> None:
    with laptop.beside(CAMERA):
        done = laptop("--json", "--count", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [DOCUMENT]


def test_jsonl_is_a_line_per_event(laptop: Laptop) -> None:
    with laptop.beside(CAMERA):
        done = laptop("--jsonl", "--id", "12345678")
    (event,) = map(json.loads, done.stdout.splitlines())
    assert event.pop("event") == "arrived"
    assert event.pop("time")[-6] in "+-"
    assert event == DOCUMENT


def test_pipe_gets_a_plain_line_per_camera(laptop: Laptop) -> None:
    with laptop.beside(CAMERA):
        done = laptop("--count", "1")
    assert done.stdout == "\t12345678\t10.1.0.100\te0:7c:62:00:00:01\tlan1\t200\tnvdev\t\n"


def test_terminal_gets_a_table(laptop: Laptop) -> None:
    reader, writer = pty.openpty()
    with laptop.beside(CAMERA):
        process = laptop.start("--timeout", "0.4", stdout=writer, stderr=writer)
        assert process.wait(TIMEOUT_S) == 0
    screen = os.read(reader, 65536).decode()
    os.close(reader)
    os.close(writer)
    assert screen.count("answered") >= 2  # the live table, and the one that stays
    assert screen.count("12345678") >= 2


def test_nobody_answers(laptop: Laptop) -> None:
    done = laptop("--json", "--timeout", "0.1")
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["message"]) == (3, "no camera answered")
    for reason in ("lan1", "guest Wi-Fi", "VLAN", "UDP 10009"):
        assert reason in error["hint"]
    done = laptop("--timeout", "0.1")
    assert (done.returncode, done.stdout) == (3, "")
    assert "no camera answered" in done.stderr


def test_one_of_two_ids_is_missing(laptop: Laptop) -> None:
    with laptop.beside(CAMERA):
        done = laptop("--json", "--id", "12345678", "--id", "99", "--timeout", "0.3")
    assert (done.returncode, json.loads(done.stdout)) == (3, [DOCUMENT])
    assert "camera 99 did not answer" in done.stderr


def list_addresses(run_v380: RunV380) -> dict[str, str]:
    devices = json.loads(run_v380("devices", "list", "--json").stdout)
    return {device["name"]: device["address"] for device in devices}


def test_a_saved_camera_is_known_elsewhere_and_its_address_stays(
    laptop: Laptop, run_v380: RunV380
) -> None:
    with laptop.beside(CAMERA):
        (found,) = json.loads(laptop("--json", "--count", "1", "--save").stdout)
    assert (found["name"], found["known"]) == ("camera-12345678", True)
    assert list_addresses(run_v380) == {"camera-12345678": "10.1.0.100"}
    with laptop.beside(replace(CAMERA, ip="10.1.0.101")):
        (found,) = json.loads(laptop("--json", "--count", "1").stdout)
    assert (found["name"], found["ip"]) == ("camera-12345678", "10.1.0.101")
    assert list_addresses(run_v380) == {"camera-12345678": "10.1.0.100"}


def test_what_was_saved_is_told_with_what_it_still_needs(laptop: Laptop) -> None:
    with laptop.beside(CAMERA):
        first = laptop("--count", "1", "--save").stderr
        second = laptop("--count", "1", "--save").stderr
    assert "Saved 'camera-12345678', without a password." in first
    assert "v380 devices edit camera-12345678 --new-password" in first
    assert second == "Nothing was saved: no camera is new.\n"


def test_a_count_is_what_is_printed_and_saved(laptop: Laptop, run_v380: RunV380) -> None:
    other = replace(CAMERA, device_id=87654321, ip="10.1.0.101", mac="e0:7c:62:00:00:02")
    with laptop.beside(CAMERA, other):
        rows = json.loads(laptop("--json", "--count", "1", "--save").stdout)
    assert len(rows) == 1
    assert list_addresses(run_v380) == {rows[0]["name"]: rows[0]["ip"]}


def test_the_list_does_not_follow_an_impostor(laptop: Laptop, run_v380: RunV380) -> None:
    with laptop.beside(CAMERA):
        laptop("--save", "--count", "1")
    with laptop.beside(CAMERA, replace(CAMERA, ip="10.1.0.101")):
        rows = json.loads(laptop("--json", "--save", "--timeout", "0.6").stdout)
    assert [(row["ip"], row["conflict"]) for row in rows] == [
        ("10.1.0.100", True),
        ("10.1.0.101", True),
    ]
    assert list_addresses(run_v380) == {"camera-12345678": "10.1.0.100"}


def test_list_that_cannot_be_read_is_a_warning(laptop: Laptop, data_dir: Path) -> None:
    data_dir.mkdir(mode=0o700)
    (data_dir / "devices.db").write_bytes(b"no database" * 1000)
    with laptop.beside(CAMERA):
        done = laptop("--json", "--count", "1")
    assert (done.returncode, json.loads(done.stdout)) == (0, [DOCUMENT])
    assert done.stderr.startswith("warning: ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_a_watch_with_what_was_seen(laptop: Laptop, number: signal.Signals) -> None:
    with laptop.beside(CAMERA):
        process = laptop.start("--watch")
        assert process.stdout is not None
        assert process.stdout.readline().startswith("arrived\t\t12345678\t")
        process.send_signal(number)
        assert process.wait(TIMEOUT_S) == 128 + number
        process.communicate()


def test_listening_and_asking_exclude_each_other(laptop: Laptop) -> None:
    done = laptop("--listen", "--address", "10.1.0.100")
    assert done.returncode == 2
    assert "--listen" in done.stderr


def test_interface_that_is_not_there_is_a_usage_error(laptop: Laptop) -> None:
    done = laptop("--interface", "nope0")
    assert done.returncode == 2
    assert "nope0" in done.stderr


def test_address_asks_this_host_only(laptop: Laptop) -> None:
    with laptop.beside(CAMERA, replace(CAMERA, ip="10.1.0.101", device_id=5, mac="")):
        done = laptop("--address", "10.1.0.101", "--json", "--timeout", "0.3")
    (row,) = json.loads(done.stdout)
    assert row["id"] == 5
