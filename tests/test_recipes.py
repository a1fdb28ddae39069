"""The README's recipes for cron and systemd: their commands run as these programs run them."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.cli import RunV380, make_environment
from tests.readback import count_pictures
from v380cli.models import Secret
from v380cli.simulator.camera import CameraSpec
from v380cli.simulator.server import Simulator

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
DEADLINE_S = 20.0


@pytest.fixture
def home(run_v380: RunV380, tmp_path: Path) -> Iterator[Path]:
    """A home directory with v380 in it; the device list has a camera called `porch`."""
    spec = CameraSpec(
        device_id=12345678, password=Secret("example"), width=320, height=240, loop_s=2.0
    )
    (tmp_path / ".local/bin").mkdir(parents=True)
    (tmp_path / ".local/bin/v380").symlink_to(Path(sys.executable).parent / "v380")
    with Simulator([spec], discovery=None) as simulator:
        address = f"127.0.0.1:{simulator.cameras[0].port}"
        options = ["--id", "12345678", "--address", address, "--password-stdin"]
        added = run_v380("devices", "add", "porch", *options, stdin="example\n")
        assert added.returncode == 0, added.stderr
        yield tmp_path


def read_recipe(name: str) -> str:
    """The fenced block under the comment of this name."""
    after = README.split(f"<!-- test: {name} -->\n```", 1)[1]
    return after.split("\n", 1)[1].split("```", 1)[0]


def wait_for_part(home: Path) -> None:
    """Until a recording is under way."""
    deadline = time.monotonic() + DEADLINE_S
    while not any(part.stat().st_size for part in home.glob("video/**/*.part")):
        assert time.monotonic() < deadline, "no recording began"
        time.sleep(0.05)


def stop_recording(process: subprocess.Popen[bytes], home: Path) -> int:
    """End it as the system does, once it records; returns its exit code."""
    wait_for_part(home)
    process.send_signal(signal.SIGTERM)
    return process.wait(DEADLINE_S)


def test_cron_records(home: Path, data_dir: Path) -> None:
    lines = read_recipe("cron").splitlines()
    path = next(line for line in lines if line.startswith("PATH="))
    command = next(line for line in lines if "v380 record" in line).split(maxsplit=5)[5]
    assert "%" not in command, "cron takes a percent sign for the end of the command"
    assert path.removeprefix("PATH=").split(":")
    environment = make_environment(data_dir, {"HOME": str(home)})
    environment["PATH"] = f"{home}/.local/bin:{os.environ['PATH']}"
    # sh replaces itself, so that the signal meets v380 and not the shell around it
    with subprocess.Popen(["/bin/sh", "-c", f"exec {command}"], env=environment) as process:
        assert stop_recording(process, home) == 143
    files = list(home.glob("video/porch/*.mp4"))
    assert len(files) == 1
    assert count_pictures(files[0])


def test_systemd_records_and_stops_cleanly(home: Path, data_dir: Path) -> None:
    unit = ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment]
    unit.read_string(read_recipe("systemd"))
    service = unit["Service"]
    command = shlex.split(service["ExecStart"].replace("%h", str(home)))
    environment = make_environment(data_dir)
    with subprocess.Popen(command, env=environment) as process:
        code = stop_recording(process, home)
    assert str(code) in service["SuccessExitStatus"].split()
    assert not list(home.glob("video/**/*.part"))
    files = list(home.glob("video/porch/*/*.mp4"))
    assert len(files) == 1
    assert count_pictures(files[0])


def test_systemd_gives_up_on_a_refused_log_in(home: Path, data_dir: Path) -> None:
    unit = ConfigParser(interpolation=None)
    unit.read_string(read_recipe("systemd"))
    command = [str(home / ".local/bin/v380"), "record", "porch", "--username", "nobody"]
    done = subprocess.run(command, env=make_environment(data_dir), check=False, timeout=DEADLINE_S)
    assert str(done.returncode) in unit["Service"]["RestartPreventExitStatus"].split()
