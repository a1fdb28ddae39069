"""What `conftest.py` does to a whole run, seen from outside."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guard import network_guard
from tests.guard.test_network_guard import OUTSIDE

PROJECT = Path(__file__).parents[2]
CAMERA_TEST = """
import socket
import pytest

@pytest.mark.real_camera
def test_camera(camera_address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        pass
    with pytest.raises(OSError):
        closed.sendto(b"", (camera_address, 9))
"""
LEAVING_TEST = """
import subprocess

def test_leaves_a_process():
    global process
    process = subprocess.Popen(["sleep", "5"], start_new_session=True)
"""


def run_pytest(folder: Path, test: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a test file, which lies elsewhere, as if it were one of this project."""
    file = folder / "test_elsewhere.py"
    file.write_text(test)
    unguarded = {k: v for k, v in os.environ.items() if k != network_guard.HOME_VARIABLE}
    settings = ["-c", "pyproject.toml", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *settings, *options, str(file)],
        cwd=PROJECT,
        env=unguarded,  # it guards itself
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_process_left_behind_fails_the_run(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, LEAVING_TEST)
    assert done.returncode == 1
    assert "['sleep 5 '] == []" in done.stdout


@pytest.mark.parametrize(
    ("options", "outcome"), [([], "1 skipped"), ([f"--camera={OUTSIDE}"], "1 passed")]
)
def test_a_real_camera_is_asked_only_when_it_is_given(
    tmp_path: Path, options: list[str], outcome: str
) -> None:
    done = run_pytest(tmp_path, CAMERA_TEST, *options)
    assert done.returncode == 0
    assert outcome in done.stdout
