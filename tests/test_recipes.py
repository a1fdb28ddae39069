"""The pages' recipes for cron and systemd: their commands run as these programs run them."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from configparser import ConfigParser, SectionProxy
from pathlib import Path

import pytest

from tests.cli import RunV380, make_environment
from tests.readback import count_pictures
from v380cli.models import Secret
from v380cli.simulator.camera import CameraSpec
from v380cli.simulator.server import Simulator

PROJECT = Path(__file__).parents[1]
README, SERVICES = PROJECT / "README.md", PROJECT / "docs/services.md"
CRON_PATH = "/usr/bin:/bin"  # crontab(5)
BLOCK_START = "<!-- test: {} -->\n```"
BASIC_TARGETS = ("sysinit", "basic", "shutdown", "network-online", "multi-user")
DEADLINE_S = 60.0


@pytest.fixture
def home(run_v380: RunV380, tmp_path: Path) -> Iterator[Path]:
    """A home and a root directory with v380 in both; the device list has a camera, `porch`."""
    spec = CameraSpec(
        device_id=12345678, password=Secret("example"), width=320, height=240, loop_s=2.0
    )
    for folder in (".local/bin", "usr/local/bin"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "v380").symlink_to(Path(sys.executable).parent / "v380")
    with Simulator([spec], discovery=None) as simulator:
        address = f"127.0.0.1:{simulator.cameras[0].port}"
        options = ["--id", "12345678", "--address", address, "--password-stdin"]
        added = run_v380("devices", "add", "porch", *options, stdin="example\n")
        assert added.returncode == 0, added.stderr
        yield tmp_path


def read_recipe(page: Path, name: str) -> str:
    """The fenced block under the comment of this name."""
    after = page.read_text(encoding="utf-8").split(BLOCK_START.format(name), 1)[1]
    return after.split("\n", 1)[1].split("```", 1)[0]


def read_service(unit: str) -> SectionProxy:
    parser = ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read_string(unit)
    return parser["Service"]


def wait_for_part(folder: Path) -> None:
    """Until a recording is under way."""
    deadline = time.monotonic() + DEADLINE_S
    while not any(part.stat().st_size for part in folder.parent.glob("video/**/*.part")):
        assert time.monotonic() < deadline, "no recording began"
        time.sleep(0.05)


def stop_recording(process: subprocess.Popen[bytes], folder: Path) -> int:
    """End it as the system does, once it records into the folder; returns its exit code."""
    try:
        wait_for_part(folder)
    finally:
        process.send_signal(signal.SIGTERM)
    return process.wait(DEADLINE_S)


@pytest.mark.parametrize(("page", "name"), [(README, "cron"), (SERVICES, "cron-hour")])
def test_cron_records(page: Path, name: str, home: Path, data_dir: Path) -> None:
    command = read_recipe(page, name).split(maxsplit=5)[5]
    assert "%" not in command, "cron takes a percent sign for the end of the command"
    environment = make_environment(data_dir, {"HOME": str(home), "PATH": CRON_PATH})
    # sh replaces itself, so that the signal meets v380 and not the shell around it
    with subprocess.Popen(["/bin/sh", "-c", f"exec {command}"], env=environment) as process:
        assert stop_recording(process, home / "video") == 143
    (file,) = home.glob("video/porch/*.mp4")
    assert count_pictures(file)


@pytest.mark.parametrize(
    ("name", "roots", "videos"),
    [("systemd-user", ("%h",), "video"), ("systemd-system", ("/usr", "/srv"), "srv/video")],
)
def test_systemd_records_and_stops_cleanly(
    name: str, roots: tuple[str, ...], videos: str, home: Path, data_dir: Path
) -> None:
    service = read_service(read_recipe(SERVICES, name))
    line = service["ExecStart"]
    for root in roots:
        line = line.replace(root, f"{home}{root.removeprefix('%h')}")
    with subprocess.Popen(shlex.split(line), env=make_environment(data_dir)) as process:
        code = stop_recording(process, home / videos)
    assert str(code) in service["SuccessExitStatus"].split()
    assert not list(home.glob(f"{videos}/**/*.part"))
    (file,) = home.glob(f"{videos}/porch/*/*.mp4")
    assert count_pictures(file)


def test_systemd_gives_up_on_a_refused_log_in(home: Path, data_dir: Path) -> None:
    service = read_service(read_recipe(SERVICES, "systemd-user"))
    command = [str(home / ".local/bin/v380"), "record", "porch", "--username", "nobody"]
    done = subprocess.run(command, env=make_environment(data_dir), check=False, timeout=DEADLINE_S)
    assert str(done.returncode) in service["RestartPreventExitStatus"].split()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
@pytest.mark.parametrize(
    ("name", "options"),
    [("systemd-user", ["--user"]), ("systemd-system", ["--system", "--root={root}"])],
)
def test_systemd_takes_the_unit(name: str, options: list[str], tmp_path: Path) -> None:
    """Also that what it starts is there: `v380` where the pages say that it is."""
    for program in (".local/bin/v380", "usr/local/bin/v380", "bin/kill"):
        (tmp_path / program).parent.mkdir(parents=True)
        (tmp_path / program).touch(0o755)
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    for target in BASIC_TARGETS:
        (units / f"{target}.target").write_text("[Unit]\n")
    unit = units / "v380-test.service"
    unit.write_text(read_recipe(SERVICES, name))
    words = [option.format(root=tmp_path) for option in options]
    done = subprocess.run(
        ["systemd-analyze", *words, "verify", unit.name if "--system" in words else str(unit)],
        capture_output=True,
        text=True,
        check=False,
        env={"XDG_RUNTIME_DIR": str(tmp_path), "PATH": os.defpath, "HOME": str(tmp_path)},
    )
    assert unit.name not in done.stderr
