"""`v380 capture record`: our own client listened to, and packets heard on the wire."""

import contextlib
import json
import shutil
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.bad_wire import BadWire, join_badly
from tests.cli import RunHere, make_environment
from tests.commands.recording_lab import (
    PASSWORD,
    TIMEOUT_S,
    address_args,
    find_closed_port,
    open_camera,
    wait_until,
)
from tests.lan import Host, open_lab
from tests.test_redaction import list_spellings
from tests.warm import COLD_V380, V380, Process, run_process
from v380cli.explain.capture_file import CaptureReader, CaptureWriter
from v380cli.explain.packets import LINK_ETHERNET
from v380cli.simulator.camera import Pace
from v380cli.wire.live import StreamStartRequest

ENV = {"V380_PASSWORD": PASSWORD}
DEVICE_ID = "87654321"
LOG_IN = {1167, 1168}
MARK = b"this is the end of the capture"
START_OF_STREAM = StreamStartRequest().encode()[:8]


def explain(run: RunHere, file: Path, *options: str) -> list[dict[str, Any]]:
    done = run("capture", "explain", str(file), "--json", *options)
    assert done.returncode == 0, done.stderr
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told


def count_messages(told: list[dict[str, Any]]) -> Counter[tuple[int, int]]:
    """How often each number came in each size."""
    return Counter((each["opcode"], each["bytes"]) for each in told if each["opcode"])


def test_a_visit_is_recorded_without_a_person_in_it(run_here: RunHere, tmp_path: Path) -> None:
    file = tmp_path / "visit.pcapng"
    with open_camera(pace=Pace.CAMERA) as camera:
        args = ("--tap", "--duration", "1", "-o", str(file), *address_args(camera))
        done = run_here("capture", "record", *args, "--json", env=ENV)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["size_bytes"] == file.stat().st_size
    assert file.stat().st_mode & 0o777 == 0o600
    data = file.read_bytes()
    for secret in (DEVICE_ID, PASSWORD, "admin"):
        assert [s for s in list_spellings(secret) if s in data] == []
    told = explain(run_here, file, "--port", str(camera.port))
    assert {1167, 1168, 319, 419, 301, 401, 303, 361} <= {each["opcode"] for each in told}
    assert [each["problems"] for each in told if each["problems"]] == []
    stream = next(each for each in told if each["message"] == "live stream")
    assert stream["fields"]["codec"] == "h264"
    assert {"7", "8", "5"} <= set(stream["fields"]["nal_types"])


def test_a_camera_that_lets_nobody_in_is_worth_a_capture(run_here: RunHere, tmp_path: Path) -> None:
    file = tmp_path / "refused.pcapng"
    with open_camera() as camera:
        args = ("--tap", "-o", str(file), *address_args(camera))
        done = run_here("capture", "record", *args, env={"V380_PASSWORD": "not-this-one"})
    assert done.returncode == 5
    assert DEVICE_ID not in done.stderr
    told = explain(run_here, file, "--port", str(camera.port))
    assert told[-1]["fields"]["result"] == 1012


def test_nothing_is_left_of_a_capture_of_nothing(run_here: RunHere, tmp_path: Path) -> None:
    file = tmp_path / "nothing.pcapng"
    target = f"127.0.0.1:{find_closed_port()}"
    args = ("--tap", "-o", str(file), target, "--id", DEVICE_ID)
    assert run_here("capture", "record", *args, env=ENV).returncode == 4
    assert not file.exists()


def test_what_is_there_is_not_written_over(run_here: RunHere, tmp_path: Path) -> None:
    file = tmp_path / "other.txt"
    file.write_text("mine")
    args = ("--tap", "-o", str(file), "127.0.0.1:9", "--id", DEVICE_ID)
    assert run_here("capture", "record", *args, env=ENV).returncode == 9
    assert file.read_text() == "mine"


def test_raw_needs_a_yes(run_here: RunHere, tmp_path: Path) -> None:
    file = tmp_path / "raw.pcapng"
    with open_camera() as camera:
        args = ("--tap", "--duration", "1", "-o", str(file), "--raw", *address_args(camera))
        assert run_here("capture", "record", *args, env=ENV).returncode == 2
        assert not file.exists()
        assert run_here("capture", "record", *args, "--yes", env=ENV).returncode == 0
    told = explain(run_here, file, "--raw", "--yes", "--port", str(camera.port))
    assert told[0]["fields"]["device_id"] == int(DEVICE_ID)


@dataclass(frozen=True)
class Site:
    """A camera in software and a laptop, and what each of them can run."""

    laptop: Host
    env: dict[str, str]
    wire: BadWire | None = None  # between them


@contextlib.contextmanager
def open_site(data_dir: Path, *, is_bad: bool = False) -> Iterator[Site]:
    """Both in one LAN; or in two, and what joins them is bad."""
    far = "lan2" if is_bad else "lan1"
    with open_lab() as lab, contextlib.ExitStack() as stack:
        for lan in {"lan1", far}:
            lab.add_lan(lan)
        laptop = lab.add_host("laptop", {"lan1": ["10.1.0.2/24"]})
        home = lab.add_host("camera", {far: ["10.1.0.50/24"]})
        wire = None
        if is_bad:
            cable = lab.add_host("cable", {"lan1": [], "lan2": []})
            wire = stack.enter_context(join_badly(cable, "lan1", "lan2"))
        command = ["--id", DEVICE_ID, "--host", "10.1.0.50", "--expose", "--size", "192x128"]
        env = make_environment(data_dir, ENV)
        process = home.start(
            [*V380, "simulate", *command, "--json"], env=env, stdout=subprocess.PIPE
        )
        assert process.stdout
        assert process.stdout.readline()
        yield Site(laptop, env, wire)


def run_in(host: Host, env: dict[str, str], *args: str) -> "subprocess.CompletedProcess[str]":
    command = ["ip", "netns", "exec", host.namespace, *V380, *args]
    return run_process(command, env=env)


@contextlib.contextmanager
def listen_with_tcpdump(laptop: Host, file: Path) -> Iterator[None]:
    """All that passes while the block runs goes into the file."""
    if not shutil.which("tcpdump"):
        pytest.skip("tcpdump is not installed")
    command = ["tcpdump", "-i", "lan1", "-U", "--immediate-mode", "-Z", "root", "-w", str(file)]
    tcpdump = laptop.start(command, stderr=subprocess.PIPE)
    assert tcpdump.stderr
    assert any("listening on" in line for line in tcpdump.stderr)
    yield
    laptop.call(send_mark)
    wait_until(lambda: MARK in file.read_bytes())
    tcpdump.send_signal(signal.SIGINT)
    tcpdump.wait(TIMEOUT_S)


def send_mark() -> None:
    """The last thing that passes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(MARK, ("10.1.0.50", 9))


def cut_beginning(capture: Path, cut: Path) -> None:
    """Leave out what came before the first stream was under way."""
    with capture.open("rb") as opened:
        packets = list(CaptureReader(opened).read_packets())
    first = next(index for index, packet in enumerate(packets) if START_OF_STREAM in packet.data)
    with cut.open("wb") as out:
        writer = CaptureWriter(out, link=LINK_ETHERNET, program="test")
        for packet in packets[first + 10 :]:
            writer.write_packet(packet.time_s, packet.data)


@pytest.mark.parametrize("is_bad", [False, True], ids=["good network", "loss and reordering"])
def test_tcpdump_hears_what_the_tap_hears(
    data_dir: Path, run_here: RunHere, tmp_path: Path, is_bad: bool
) -> None:
    heard, tapped, late = tmp_path / "heard.pcap", tmp_path / "tapped.pcapng", tmp_path / "late"
    args = ("--tap", "--duration", "2", "--raw", "--yes", "-o", str(tapped), "10.1.0.50")
    with open_site(data_dir, is_bad=is_bad) as site, listen_with_tcpdump(site.laptop, heard):
        done = run_in(site.laptop, site.env, "capture", "record", *args, "--id", DEVICE_ID)
    assert done.returncode == 0, done.stderr
    if site.wire:
        assert site.wire.lost > 0
        assert site.wire.overtaken > 0
        repaired = run_here("capture", "explain", str(heard)).stderr
        assert "segments came again" in repaired
    seen, own = explain(run_here, heard), explain(run_here, tapped)
    assert count_messages(seen) == count_messages(own)
    # What gets lost while the connection is being closed is not sent again.
    assert is_bad or [each["problems"] for each in seen if each["problems"]] == []
    assert count_messages(seen)[(1168, 256)] >= 1
    cut_beginning(heard, late)
    rest = count_messages(explain(run_here, late))
    assert rest[(1168, 256)] < count_messages(seen)[(1168, 256)]
    assert rest <= count_messages(seen)


def test_our_own_ears_hear_others(data_dir: Path, run_here: RunHere, tmp_path: Path) -> None:
    file = tmp_path / "heard.pcapng"
    command = ["capture", "record", "10.1.0.50", "--id", DEVICE_ID, "--duration", "1h"]
    with (
        open_site(data_dir) as site,
        Process[str](
            ["ip", "netns", "exec", site.laptop.namespace, *V380, *command, "-o", str(file)],
            env=site.env,
        ) as process,
    ):
        try:
            wait_until(file.exists)
            wait_until(lambda: has_heard(site.laptop, site.env, file))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(TIMEOUT_S)
    assert {each["opcode"] for each in explain(run_here, file)} >= LOG_IN


def has_heard(laptop: Host, env: dict[str, str], file: Path) -> bool:
    """Ask the camera something; whether that got into the file from the beginning."""
    run_in(laptop, env, "info", "10.1.0.50", "--id", DEVICE_ID, "--no-streams")
    heard = file.read_bytes()
    return all(number.to_bytes(4, "little") in heard for number in LOG_IN)


def test_without_the_right_it_says_what_to_do(tmp_path: Path, data_dir: Path) -> None:
    if not shutil.which("setpriv"):
        pytest.skip("there is no `setpriv` command")
    file = tmp_path / "heard.pcapng"
    command = ["capture", "record", "127.0.0.1", "--id", DEVICE_ID, "-o", str(file)]
    drop = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"]
    done = subprocess.run(
        [*drop, *COLD_V380, *command],
        env=make_environment(data_dir, ENV),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 4, done.stderr
    assert "sudo" in done.stderr
    assert "--tap" in done.stderr
    assert not file.exists()
