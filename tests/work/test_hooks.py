"""The user's command: what it is told, and how it may end."""

import json
import os
import shlex
import sys
import threading
from pathlib import Path

import pytest

from tests.commands.recording_lab import wait_until
from v380cli.errors import InvalidInput
from v380cli.work.hooks import Hook, HookFailed

TELL_ALL = """
import json, os, sys
told = {"words": sys.argv[2:], "path": os.environ["V380_PATH"], "stdin": sys.stdin.read()}
open(sys.argv[1], "w").write(json.dumps(told))
"""


def make_command(script: str, *words: str) -> str:
    return shlex.join([sys.executable, "-c", script, *words])


def test_it_is_told_three_times(tmp_path: Path) -> None:
    """In its words, in its environment and on its standard input."""
    told = tmp_path / "told"
    hook = Hook(make_command(TELL_ALL, str(told), "{camera}:{path}", "{other} {}", "{camera}"))
    hook.run({"camera": "front door", "path": "/clips/a b.mp4"}, '{"id": 7}')
    assert json.loads(told.read_text()) == {
        "words": ["front door:/clips/a b.mp4", "{other} {}", "front door"],
        "path": "/clips/a b.mp4",
        "stdin": '{"id": 7}',
    }


def test_a_value_is_never_read_by_a_shell(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    Hook("true {camera}").run({"camera": f"; touch {trap} $(touch {trap})"}, "{}")
    assert not trap.exists()


def test_what_it_does_not_read_is_no_failure() -> None:
    Hook("true").run({}, "x" * (1 << 20))


def test_what_it_prints_is_not_on_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    Hook("echo {camera}").run({"camera": "porch"}, "{}")
    assert capfd.readouterr() == ("", "porch\n")


@pytest.mark.parametrize(
    ("command", "end"),
    [("false", "failed with exit code 1"), ("sh -c 'kill -9 $$'", "was ended by signal 9")],
)
def test_its_failure_is_told(command: str, end: str) -> None:
    with pytest.raises(HookFailed, match=end):
        Hook(command).run({}, "{}")


def test_its_time_is_bounded_with_all_that_it_started(tmp_path: Path) -> None:
    children = tmp_path / "children"
    command = shlex.join(["sh", "-c", f"sleep 3600 & echo $! $$ > {children}; wait"])
    with pytest.raises(HookFailed, match="did not finish"):
        Hook(command, timeout_s=3.0).run({}, "{}")
    wait_until(lambda: not any(is_running(pid) for pid in children.read_text().split()))


def is_running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_can_be_stopped(tmp_path: Path) -> None:
    began = tmp_path / "began"
    os.mkfifo(began)
    hook = Hook(shlex.join(["sh", "-c", f"echo > {began}; exec sleep 3600"]))
    failures: list[str] = []

    def run() -> None:
        with pytest.raises(HookFailed) as caught:
            hook.run({}, "{}")
        failures.append(caught.value.message)

    thread = threading.Thread(target=run)
    thread.start()
    began.read_text()
    hook.stop()
    thread.join()
    assert failures == ["sh was ended by signal 9"]


@pytest.mark.parametrize("command", ["", "   ", "echo 'open", "there-is-no-such-program {path}"])
def test_a_command_that_cannot_be_run_is_refused_at_once(command: str) -> None:
    with pytest.raises(InvalidInput):
        Hook(command)
