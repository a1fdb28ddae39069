"""What a person waits for most often loads nothing heavy.

Asserted by absent modules: milliseconds differ between machines (see tests/bench/bench_startup.py).
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli import RunV380, make_environment

HEAVY = {
    *{"av", "cv2", "numpy", "scapy", "cryptography", "keyring"},
    *{"asyncio", "rich", "pydantic", "netifaces", "ssl", "PIL"},
}
PROBE = """
import sys
from v380cli.app import main
modules_file, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = "v380"
try:
    main()
finally:
    with open(modules_file, "w") as file:
        file.write("\\n".join(sys.modules))
"""
# What the scripts under completions/ ask for; commands and options they know by heart.
ASK_CAMERAS = {
    "_V380_COMPLETE": "complete_bash",
    "COMP_WORDS": "v380 devices show ",
    "COMP_CWORD": "3",
}


def run_and_list_modules(
    args: list[str], data_dir: Path, env: Mapping[str, str]
) -> tuple[str, set[str]]:
    """What `v380 ARGS` prints, and the top-level modules that were loaded at its end."""
    modules_file = data_dir.with_name("modules.txt")
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(modules_file), *args],
        env=make_environment(data_dir, env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    modules = modules_file.read_text().splitlines()
    return done.stdout, {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize(
    ("args", "expected"),
    [(["--help"], "record"), (["--version"], "v380 "), (["devices", "list"], "")],
    ids=["help", "version", "devices list"],
)
def test_what_is_run_most_loads_nothing_heavy(
    args: list[str], expected: str, data_dir: Path
) -> None:
    output, modules = run_and_list_modules(args, data_dir, {})
    assert expected in output
    assert modules & HEAVY == set()


def test_a_tab_loads_nothing_heavy(run_v380: RunV380, data_dir: Path) -> None:
    assert run_v380("devices", "add", "porch", "--id", "12345678", "--no-check").returncode == 0
    output, modules = run_and_list_modules([], data_dir, ASK_CAMERAS)
    assert "porch" in output
    assert modules & HEAVY == set()
