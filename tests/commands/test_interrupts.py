"""Ctrl-C ends `v380` at any moment without a traceback; what the shell had ignored stays so."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.cli import make_environment
from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    TIMEOUT_S,
    address_args,
    open_camera,
    start_v380,
    wait_until,
)
from tests.readback import count_pictures
from tests.warm import COLD_V380
from v380cli.simulator.camera import Pace
from v380cli.work.doctor import machine
from v380cli.work.doctor.finding import Found, fail

INTERRUPTED = """
import atexit, os, signal, sys

class Interrupt:
    def find_spec(self, name, *_):
        if name == moment:
            os.kill(os.getpid(), signal.SIGINT)

moment = sys.argv[1]
sys.argv[:] = ["v380", "devices", "list"]
sys.meta_path.insert(0, Interrupt())
from v380cli.__main__ import main
if moment == "the end":
    atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))
main()
"""
NOBODY = "127.0.0.1:1 --id 12345678"
MOMENTS = [
    *("v380cli.app", "typer", "v380cli.commands._boundary", "v380cli.commands.devices"),
    *("v380cli.store.database", "sqlite3", "the end"),
]


@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_while_something_is_imported(data_dir: Path, moment: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, moment],
        env=make_environment(data_dir),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_that_was_ignored_from_the_start_stays_so(
    data_dir: Path, tmp_path: Path, number: signal.Signals
) -> None:
    ignore = partial(signal.signal, number, signal.SIG_IGN)
    clip, part = tmp_path / "clip.ts", tmp_path / "clip.ts.part"
    with open_camera(pace=Pace.CAMERA) as camera:
        args = [*address_args(camera), "-o", str(clip)]
        with start_v380(data_dir, "record", *args, program=COLD_V380, preexec_fn=ignore) as process:
            wait_until(lambda: part.exists() and part.stat().st_size > 0)
            size_bytes = part.stat().st_size
            process.send_signal(number)
            wait_until(lambda: part.stat().st_size > size_bytes + 10_000)
            process.send_signal(signal.SIGTERM)
            _, talk = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 143
    assert count_pictures(clip) > 0
    advice = f"this ends it: kill {process.pid}\n"
    assert talk.endswith(advice) if number == signal.SIGINT else talk == ""


@pytest.mark.parametrize("command", ["doctor", f"doctor {NOBODY}", f"report {NOBODY}"])
def test_an_examination_that_is_broken_off_says_nothing_else(
    v380: Callable[..., Done], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def break_off(_folder: Path) -> Found:
        os.kill(os.getpid(), signal.SIGINT)
        return fail("what is found then is worth nothing")

    monkeypatch.setattr(machine, "CHECKS", (("clock", break_off),))
    assert v380(*command.split()) == (130, "", "interrupted\n")


@pytest.mark.parametrize(
    "command",
    [
        "discover --watch --interface lo",
        f"record {NOBODY}",
        f"snapshot {NOBODY} --every 1",
        f"stream {NOBODY} -o clip.ts",
    ],
)
def test_what_runs_until_it_is_told_to_says_how(
    data_dir: Path, tmp_path: Path, command: str
) -> None:
    ignore = partial(signal.signal, signal.SIGINT, signal.SIG_IGN)
    with start_v380(
        data_dir, *command.split(), program=COLD_V380, preexec_fn=ignore, cwd=tmp_path
    ) as process:
        assert process.stderr
        assert any(f"kill {process.pid}" in line for line in process.stderr)
        process.terminate()
        process.communicate(timeout=TIMEOUT_S)


def test_nothing_is_said_of_what_ends_by_itself(data_dir: Path, tmp_path: Path) -> None:
    ignore = partial(signal.signal, signal.SIGINT, signal.SIG_IGN)
    args = ["record", *NOBODY.split(), "--duration", "1"]
    with start_v380(data_dir, *args, program=COLD_V380, preexec_fn=ignore) as process:
        _, talk = process.communicate(timeout=TIMEOUT_S)
    assert "kill" not in talk
