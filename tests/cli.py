"""The command `v380` as a process of its own, the way a script meets it."""

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import typer

from tests.shapes import check_output
from tests.warm import TIMEOUT_S, V380, run_process
from v380cli.app import app
from v380cli.commands import _boundary

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
        environment = make_environment(self.data_dir, env)
        done = run_process([*V380, *args], input=stdin, env=environment, timeout=timeout_s)
        check_output(args, done.stdout)
        return done


@dataclass(frozen=True)
class RunHere(RunV380):
    """The same in this process, which takes a tenth of the time; the log shows nothing."""

    def __call__(
        self,
        *args: str,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> subprocess.CompletedProcess[str]:
        out, err = io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, make_environment(self.data_dir, env), clear=True),
            mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()))),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = _boundary.run(typer.main.get_command(app), args)
        check_output(args, out.getvalue())
        return subprocess.CompletedProcess(args, code, out.getvalue(), err.getvalue())


def read_help(*words: str) -> str:
    """The page that `v380 WORDS --help` prints."""
    done = RunHere(Path("/nonexistent"))(*words, "--help")
    assert done.returncode == 0, done.stderr
    return done.stdout


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
