"""The command `v380` as a process of its own, the way a script meets it."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

V380 = (sys.executable, "-m", "v380cli")
TIMEOUT_S = 30.0
SESSION_VARIABLE = "TEST_SESSION"  # set by conftest.py; names every process of one test run


def make_environment(data_dir: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of the tests without the user's own settings."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("V380_") and name != "NO_COLOR"
    }
    return {**inherited, "V380_DATA_DIR": str(data_dir), **(extra or {})}


@dataclass(frozen=True)
class RunV380:
    """Run `v380` to its end; stdin is what is given, never the terminal."""

    data_dir: Path

    def __call__(
        self,
        *args: str,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*V380, *args],
            input=stdin,
            env=make_environment(self.data_dir, env),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )


def parse_command_names(help_page: str) -> list[str]:
    """The names under "Commands:" on a help page."""
    _, _, rest = help_page.partition("\nCommands:\n")
    return re.findall(r"^  ([a-z][\w-]*)", rest.partition("\n\n")[0], re.MULTILINE)


def list_children() -> list[str]:
    """The command lines of all processes that descend from this test run, orphans included."""
    mark = f"{SESSION_VARIABLE}={os.environ[SESSION_VARIABLE]}".encode()
    lines = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ")
                lines.append(command.decode(errors="replace"))
        except OSError:  # it has gone, or belongs to someone else
            continue
    return lines
