"""Batches: planned, interrupted, gone on with, failed in part; and the files that go with them."""

import json
import signal
import stat
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli import RunHere, make_environment
from tests.lan import Host, open_lab
from tests.simulator.viewer import SMALL
from tests.warm import V380
from v380cli.errors import StorageError
from v380cli.models import Secret
from v380cli.simulator.camera import CameraSpec
from v380cli.simulator.faults import parse_fault
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.radio import HotspotSpec
from v380cli.simulator.server import Simulator
from v380cli.store.batch_state import BatchState, Entry, Status

FIRST_ID, COUNT = 20000000, 20
PSK, NEW_PASSWORD = "Sesame-4711", "fresh-0815"
TIMEOUT_S = 60.0
SECRETS = (PSK, NEW_PASSWORD)


class Bench:
    """A machine of its own whose loopback has cameras out of the box."""

    def __init__(self, host: Host, folder: Path) -> None:
        self.host = host
        self.folder = folder
        self.csv = folder / "cameras.csv"
        self.state = folder / "cameras.csv.state"

    def write(self, cameras: Sequence[SimulatedCamera]) -> None:
        """A row for each camera, named by its number."""
        lines = ["id,address,name,ssid,psk,new_password"]
        for number, camera in enumerate(cameras):
            where = f"{camera.spec.host}:{camera.port}"
            lines.append(f"{camera.spec.device_id},{where},cam-{number},home,{PSK},{NEW_PASSWORD}")
        self.csv.write_text("\n".join(lines) + "\n")
        self.csv.chmod(0o600)

    def start(self, *args: str) -> "subprocess.Popen[str]":
        command = [*V380, "provision", "batch", str(self.csv), "--interface", "lo", *args]
        return self.host.start(
            command,
            env=make_environment(self.folder / "data"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *args: str) -> tuple[int, list[dict[str, Any]], str]:
        """Exit code, the rows of the JSON, and what was said."""
        process = self.start("--json", *args)
        output, talk = process.communicate(timeout=TIMEOUT_S)
        assert not any(secret in output + talk for secret in SECRETS)
        return process.returncode, json.loads(output), talk

    def count(self, status: str) -> int:
        if not self.state.exists():
            return 0
        cameras = json.loads(self.state.read_text())["cameras"].values()
        return [camera["status"] for camera in cameras].count(status)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_lab() as lab:
        yield Bench(lab.add_host("bench", {}), tmp_path)


def make_camera(
    number: int, *faults: str, psk: str = PSK, join_delay_s: float = 0.05
) -> CameraSpec:
    home = HotspotSpec(
        home_host=f"127.0.1.{number + 1}", psk=Secret(psk), join_delay_s=join_delay_s
    )
    return replace(
        SMALL,
        device_id=FIRST_ID + number,
        picture_id=FIRST_ID,
        password=Secret(),
        host=f"127.0.0.{number + 1}",
        hotspot=home,
        faults=tuple(map(parse_fault, faults)),
    )


@pytest.fixture
def simulate(bench: Bench) -> Iterator[Any]:
    running: list[Simulator] = []

    def start(specs: Sequence[CameraSpec]) -> list[SimulatedCamera]:
        simulator = Simulator(specs)
        bench.host.call(simulator.start)
        running.append(simulator)
        return simulator.cameras

    yield start
    for simulator in running:
        simulator.stop()


def test_a_batch_of_twenty_interrupted_and_gone_on_with(bench: Bench, simulate: Any) -> None:
    cameras = simulate([make_camera(number) for number in range(COUNT)])
    bench.write(cameras)
    code, plan, _ = bench.run("--plan")
    assert (code, len(plan)) == (0, COUNT)
    assert not bench.state.exists()

    process = bench.start()
    deadline = time.monotonic() + TIMEOUT_S
    while bench.count("joined") < COUNT // 2:
        assert process.poll() is None
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGINT)
    _output, talk = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 130
    assert "interrupted" in talk
    before = bench.count("joined")
    assert COUNT // 2 <= before < COUNT

    code, rows, _ = bench.run()
    assert code == 0
    assert [row["status"] for row in rows] == ["joined"] * COUNT
    assert [row["ip"] for row in rows] == [f"127.0.1.{number + 1}" for number in range(COUNT)]
    assert [camera.radio.orders for camera in cameras] == [1] * COUNT
    listed = bench.host.start(
        [*V380, "devices", "list", "--json"],
        env=make_environment(bench.folder / "data"),
        stdout=subprocess.PIPE,
    ).communicate(timeout=TIMEOUT_S)[0]
    assert {row["name"] for row in json.loads(listed)} == {f"cam-{n}" for n in range(COUNT)}

    _code, rows, _ = bench.run("--plan")
    assert {row["note"] for row in rows} == {"nothing, it is done"}
    state = bench.state.read_text()
    assert not any(secret in state for secret in SECRETS)
    assert stat.S_IMODE(bench.state.stat().st_mode) == 0o600


def test_some_fail_and_are_tried_again(bench: Bench, simulate: Any) -> None:
    cameras = simulate(
        [
            make_camera(0),
            make_camera(1, "wrong-password*1"),
            make_camera(2, psk="another-psk"),
        ]
    )
    bench.write(cameras)
    code, rows, talk = bench.run("--timeout", "1s")
    assert code == 10
    assert [row["status"] for row in rows] == ["joined", "failed", "told"]
    assert "2 of 3 cameras" in talk
    code, rows, _ = bench.run("--timeout", "1s")
    assert code == 10
    assert [row["status"] for row in rows][:2] == ["joined", "joined"]
    assert cameras[0].radio.orders == 1


def test_a_row_whose_psk_was_wrong_is_gone_on_with(bench: Bench, simulate: Any) -> None:
    """The camera has its new password since the first attempt."""
    cameras = simulate([make_camera(0, psk="another-psk")])
    bench.write(cameras)
    code, rows, _ = bench.run("--timeout", "1s")
    assert (code, rows[0]["status"], rows[0]["joined"]) == (3, "told", False)
    bench.csv.write_text(bench.csv.read_text().replace(PSK, "another-psk"))
    code, (row,), talk = bench.run("--timeout", "60s")
    assert (code, row["status"], row["joined"], row["method"]) == (0, "joined", True, "ap"), talk
    assert row["mac"]
    assert row["seconds"] > 0
    assert cameras[0].radio.orders == 2


def test_a_camera_that_was_told_is_looked_for_first(bench: Bench, simulate: Any) -> None:
    (camera,) = simulate([make_camera(0, join_delay_s=2.0)])
    bench.write([camera])
    code, rows, _ = bench.run("--timeout", "0.5s")
    assert (code, rows[0]["status"]) == (3, "told")
    code, rows, _ = bench.run("--timeout", "10s")
    assert (code, rows[0]["status"]) == (0, "joined")
    assert camera.radio.orders == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "first line does not name the columns"),
        ("id,ssid\n", "0 cameras"),
        ("id,wifi\n1,home\n", "there is no column 'wifi'"),
        ("id,SSID,pks\n1,home,x\n", "no column 'SSID', did you mean 'ssid'?"),
        ("id,pks\n1,x\n", "no column 'pks', did you mean 'psk'?"),
        ("id;ssid\n1;home\n", "separated by ';', and must be by ','"),
        ("1,home,reboot\n", "first line does not name the columns"),
        ("id,ssid,name\n1,home,a\n2,home,a\n", "line 3: the name 'a' is in line 2"),
        ("id,ssid\n,home\n", "line 2: say the id"),
        ("id,ssid\nx,home\n", "line 2: 'x' is not a device id"),
        ("id,ssid\n1,home,more\n", "line 2: more fields"),
        ("id,ssid\n1,home\n1,home\n", "line 3: camera 1 is in line 2"),
        ("id,ssid,psk\n1,home,short\n", "line 2: a PSK has 8 to 63"),
        ("id,ssid,psk\n1,home,secret$(reboot)\n", "line 2: the PSK has"),
        ("id,ssid,psk\n1,,Sesame-4711\n", "line 2: a PSK without an SSID"),
        ("id\n1\n", "--ssid"),
        (f"id,name\n1,{'x' * 200_000}\n", "line 2: field larger than"),
    ],
)
def test_a_file_that_is_no_batch(
    run_here: RunHere, tmp_path: Path, text: str, sentence: str
) -> None:
    file = tmp_path / "cameras.csv"
    file.write_text(text)
    done = run_here("provision", "batch", str(file), "--dry-run")
    assert done.returncode == 2, done.stderr
    assert sentence in " ".join(done.stderr.split())
    assert "reboot" not in done.stderr


def test_a_plan_with_one_network_for_all(run_here: RunHere, tmp_path: Path) -> None:
    file = tmp_path / "cameras.csv"
    file.write_text("hotspot,name\nMV12345678,porch\nV380_Pro7,hall\n")
    options = ["--ssid", "home", "--psk-stdin", "--join", "--plan", "--json"]
    done = run_here("provision", "batch", str(file), *options, stdin=f"{PSK}\n")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [(row["id"], row["note"]) for row in rows] == [
        (12345678, "join MV12345678, tell it 'home'"),
        (None, "join V380_Pro7, tell it 'home'"),
    ]


def test_a_readable_file_with_secrets_is_warned_of(run_here: RunHere, tmp_path: Path) -> None:
    file = tmp_path / "cameras.csv"
    file.write_text(f"id,ssid,psk\n1,home,{PSK}\n")
    file.chmod(0o644)
    assert "chmod 600" in run_here("provision", "batch", str(file), "--plan").stderr
    file.chmod(0o600)
    assert run_here("provision", "batch", str(file), "--plan").stderr == ""


def test_a_missing_file(run_here: RunHere) -> None:
    assert run_here("provision", "batch", "/nowhere.csv").returncode == 9


def test_the_state_is_read_back(tmp_path: Path) -> None:
    batch = tmp_path / "b.csv"
    BatchState(batch).note("1@home", Entry(status=Status.JOINED, device_id=1, ip="10.0.0.1"))
    entry = BatchState(batch).find("1@home")
    assert entry
    assert (entry.status, entry.device_id, entry.ip) == (Status.JOINED, 1, "10.0.0.1")
    assert BatchState(batch).find("1@office") is None
    assert list(tmp_path.iterdir()) == [tmp_path / "b.csv.state"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "[" * 100_000, '{"cameras": 1}', '{"cameras": {"a": {}}}']
)
def test_a_state_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "b.csv.state").write_text(text)
    with pytest.raises(StorageError, match="not the state of a batch"):
        BatchState(tmp_path / "b.csv")


@pytest.mark.parametrize("line_end", ["\r", "\r\n"])
def test_lines_may_end_as_other_systems_have_them(
    run_here: RunHere, tmp_path: Path, line_end: str
) -> None:
    file = tmp_path / "cameras.csv"
    file.write_bytes(line_end.join(["id,name", "12345678,porch", ""]).encode())
    options = ["--ssid", "home", "--psk-stdin", "--plan", "--json"]
    done = run_here("provision", "batch", str(file), *options, stdin=f"{PSK}\n")
    assert [row["name"] for row in json.loads(done.stdout)] == ["porch"]
