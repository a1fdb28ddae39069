"""What starts warm is as good as what starts cold, and leaves as little behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli import list_children, make_environment
from tests.commands.recording_lab import wait_until
from tests.lan import open_lab
from tests.warm import COLD_V380, PROJECT, TIMEOUT_S, V380, Process, run_process

BOTH = pytest.mark.parametrize("program", [V380, COLD_V380], ids=["warm", "cold"])
SIMULATE = ("simulate", "--json", "--audio", "none", "--size", "192x128", "--port", "0")
BROADCAST = "255.255.255.255"  # to which the kernel connects nobody
KILLED = f"""
import os, signal, subprocess
from tests.warm import V380, Process
process = Process([*V380, *{SIMULATE}], stdout=subprocess.PIPE, text=True)
print(process.stdout.readline(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""

Program = Sequence[str]


@pytest.fixture
def environment(data_dir: Path) -> dict[str, str]:
    return make_environment(data_dir)


@pytest.mark.parametrize(
    ("args", "code"),
    [("--version", 0), ("devices list --json", 0), ("info nobody", 3), ("nothing", 2)],
)
def test_both_say_the_same(environment: dict[str, str], args: str, code: int) -> None:
    warm, cold = (
        run_process([*program, *args.split()], env=environment) for program in (V380, COLD_V380)
    )
    assert warm.returncode == cold.returncode == code
    assert (warm.stdout, warm.stderr) == (cold.stdout, cold.stderr)


@BOTH
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, -9)]
)
def test_it_is_a_child_that_hears_signals(
    environment: dict[str, str], program: Program, number: signal.Signals, code: int
) -> None:
    command = [*program, *SIMULATE]
    with Process[str](command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline()
        assert process.poll() is None
        parent = Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2].split()[1]
        process.send_signal(number)
        assert process.wait(TIMEOUT_S) == code
    assert parent == str(os.getpid())


@BOTH
def test_its_folder_input_and_zone_are_its_own(
    environment: dict[str, str], program: Program, tmp_path: Path
) -> None:
    (tmp_path / "here.csv").write_text("name,id\nporch,5\n")
    words = [*program, "devices", "import", "--format", "csv"]
    assert not run_process([*words, "here.csv"], env=environment, cwd=tmp_path).returncode
    assert not run_process([*words, "-"], env=environment, input="name,id\nyard,6\n").returncode
    listed = run_process([*program, "devices", "list", "--json"], env=environment).stdout
    assert [device["name"] for device in json.loads(listed)] == ["porch", "yard"]
    lost = run_process([*program, "events"], env={**environment, "TZ": "UTC-25"})
    assert "TZ='UTC-25' is not a valid time zone" in lost.stderr


@BOTH
def test_the_guard_holds_it(environment: dict[str, str], program: Program) -> None:
    done = run_process([*program, "info", BROADCAST, "--id", "5"], env=environment)
    assert done.returncode == 1
    assert "BeyondLoopback" in done.stderr


@BOTH
def test_it_is_in_a_namespace(environment: dict[str, str], program: Program) -> None:
    """Where the guard lets it ask whom it likes."""
    with open_lab() as lab:
        lab.add_lan("lan1")
        host = lab.add_host("laptop", {"lan1": ["10.1.0.2/24"]})
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [*program, "info", BROADCAST, "--id", "5"]
        process = host.start(command, env=environment, **pipes)
        _, talk = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 4
    assert "unreachable" in talk


def test_nothing_outlives_tests_that_are_killed(environment: dict[str, str]) -> None:
    before = sorted(list_children())
    done = run_process([sys.executable, "-c", KILLED], env=environment, cwd=PROJECT)
    assert (done.returncode, done.stdout[:1]) == (-signal.SIGKILL, "{")
    wait_until(lambda: sorted(list_children()) == before)


@pytest.mark.parametrize("name", ["LC_ALL", "PYTHONUTF8"])
def test_what_python_reads_at_its_start_needs_a_cold_one(
    environment: dict[str, str], name: str
) -> None:
    with pytest.raises(ValueError, match="COLD_V380"):
        run_process([*V380, "--version"], env={**environment, name: "0"})
    assert run_process([*COLD_V380, "--version"], env={**environment, name: "0"}).returncode == 0


def test_a_folder_that_is_missing_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        run_process([*V380, "--version"], env=environment, cwd=tmp_path / "missing")
