"""Errors become one sentence and an exit code; nothing else of them is seen."""

import inspect
import io
import json
import logging
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer

from tests.cli import make_environment
from tests.commands.conftest import Done
from tests.commands.recording_lab import PASSWORD, address_args, find_closed_port, open_camera
from tests.warm import COLD_V380, V380, run_process
from v380cli import errors
from v380cli.commands import _boundary, _options, _target, demo

CODES = {
    errors.InvalidInput: 2,
    errors.UsageError: 2,
    errors.CameraNotFound: 3,
    errors.NetworkError: 4,
    errors.NetworkTimeout: 4,
    errors.PortShut: 4,
    errors.CredentialsRefused: 5,
    errors.RemoteProtocolError: 6,
    errors.UnsupportedFirmware: 6,
    errors.UnsupportedMedia: 6,
    errors.Refused: 7,
    errors.DeviceIdRefused: 7,
    errors.CameraBusy: 7,
    errors.MediaError: 8,
    errors.DamagedMedia: 8,
    errors.StorageError: 9,
    errors.PartialFailure: 10,
    errors.Bug: 1,
    errors.LocalProtocolError: 1,
    errors.ProtocolError: 6,
    errors.V380Error: 1,
}
CRASH = """
from v380cli.app import main
from v380cli.commands import demo, record

def fail():
    raise KeyError("Sesame-4711")

demo.demo = fail
main()
"""
Run = Callable[..., Done]


def test_every_error_has_its_exit_code() -> None:
    kinds = [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.V380Error)
    ]
    assert {kind: _boundary.find_exit_code(kind("x")) for kind in kinds} == CODES
    own = [kind for kind in kinds if "code" in vars(kind)]
    assert len({kind.code for kind in own}) == len(own)


@pytest.fixture
def crash(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in a command; its message has something that nobody should see."""

    def fail(json_: _options.JsonOption = False) -> None:
        raise KeyError("Sesame-4711")

    monkeypatch.setattr(demo, "demo", fail)


def test_a_bug_is_one_sentence(data_dir: Path) -> None:
    """In a process of its own: here, pytest has set up logging."""
    done = subprocess.run(
        [sys.executable, "-c", CRASH, "demo"],
        capture_output=True,
        text=True,
        env=make_environment(data_dir),
        check=False,
    )
    sentence, advice = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence == "v380: this is a bug in v380cli: KeyError"
    assert "v380 -vv" in advice


@pytest.mark.usefixtures("crash")
def test_a_bug_as_json(v380: Run) -> None:
    done = v380("demo", "--json")
    assert (done.code, done.err) == (1, "")
    assert done.json["error"]["code"] == "bug"


@pytest.mark.usefixtures("crash")
def test_the_log_has_the_traceback_of_a_bug(v380: Run, tmp_path: Path) -> None:
    assert "Traceback" in v380("-v", "demo").err
    assert v380("--log-file", str(tmp_path / "v380.log"), "demo").code == 1
    assert "Traceback" in (tmp_path / "v380.log").read_text()


def test_ctrl_c_is_one_word(v380: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
    def be_interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_target, "resolve_targets", be_interrupted)
    assert v380("info", "porch") == (130, "", "interrupted\n")


def test_a_reader_that_has_gone_is_no_error(data_dir: Path) -> None:
    """Also not for an error, which is printed last of all."""
    for args in (["record", "nobody", "--json"], ["simulate", "--list-faults"]):
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as stdout:
            done = run_process([*V380, *args], stdout=stdout, env=make_environment(data_dir))
        assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def in_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Be in a time zone, until the test is over."""

    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    "zone", ["UTC+25", "UTC-24", "UTC+167", "SUMMER+23:30WINTER+25", "SUMMER-23WINTER,J1,J365"]
)
def test_a_zone_a_day_from_utc_is_no_bug(
    v380: Run, in_zone: Callable[[str], None], zone: str
) -> None:
    in_zone(zone)
    done = v380("events")
    assert (done.code, done.out) == (2, "")
    assert f"TZ={zone!r} is not a valid time zone" in done.err
    assert v380("events", "--json").json["error"]["code"] == "invalid_input"


def test_a_zone_just_below_a_day_from_utc_is_as_good_as_any(
    v380: Run, in_zone: Callable[[str], None]
) -> None:
    in_zone("UTC+23:59:59")
    assert v380("events").code == 0


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_are_no_bug(data_dir: Path, closed: str) -> None:
    command = [*COLD_V380, "stream", f"127.0.0.1:{find_closed_port()}", "--id", "87654321"]
    environment = make_environment(data_dir)
    done = subprocess.run(
        ["sh", "-c", f'"$@" {closed}', "sh", *command], env=environment, check=False
    )
    assert done.returncode == 4


@pytest.mark.parametrize("is_full", [False, True])
@pytest.mark.parametrize(("args", "code"), [(("info", "porch"), 3), (("devices", "list"), 0)])
def test_who_cannot_be_talked_to_gets_the_exit_code(
    data_dir: Path, args: tuple[str, ...], code: int, is_full: bool
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    if is_full:
        os.close(writer)
        writer = os.open("/dev/full", os.O_WRONLY)
    command, environment = [*COLD_V380, *args], make_environment(data_dir)
    done = subprocess.run(command, stderr=writer, env=environment, check=False)
    os.close(writer)
    assert done.returncode == code


def test_the_log_says_what_a_maintainer_wants_to_know(
    v380: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("V380_PASSWORD", PASSWORD)
    with open_camera("hang-up@1s*1") as camera:
        args = [*address_args(camera), "--duration", "30"]
        done = v380("-v", "--log-file", "v380.log", "record", *args)
        tickets = list(camera.logins.tickets)
    log = (tmp_path / "v380.log").read_text()
    assert done.code == 0
    for fact in ("31-given-zero48", "device version 31", "64-of-80", "the camera hung up"):
        assert fact in log
        assert fact in done.err
    assert "skipped_bytes" in log  # what the links brought
    assert stat.S_IMODE((tmp_path / "v380.log").stat().st_mode) == 0o600
    assert tickets
    for secret in (PASSWORD, *map(str, tickets), *(f"{ticket:x}" for ticket in tickets)):
        assert secret not in log
        assert secret not in done.err


def test_without_v_the_log_is_silent(
    v380: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("V380_PASSWORD", PASSWORD)
    with open_camera() as camera:
        args = [*address_args(camera), "--duration", "0.4", "--json"]
        done = v380("--log-file", "v380.log", "record", *args)
    assert (done.code, done.err) == (0, "")
    assert len(json.loads(done.out)) == 1
    assert logging.getLogger("v380cli").handlers


def test_the_log_is_not_written_through_a_link(v380: Run, tmp_path: Path) -> None:
    (tmp_path / "diary").write_text("mine")
    (tmp_path / "v380.log").symlink_to("diary")
    done = v380("--log-file", str(tmp_path / "v380.log"), "devices", "list")
    assert (done.code, done.out) == (9, "")
    assert (tmp_path / "diary").read_text() == "mine"


def test_a_log_file_that_cannot_be_written(v380: Run, tmp_path: Path) -> None:
    done = v380("--log-file", str(tmp_path), "devices", "list")
    assert (done.code, done.out) == (9, "")
    assert "log file" in done.err


def test_a_file_is_called_what_the_system_calls_it(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "utf-8"))
    _boundary.let_any_name_out()
    typer.echo("caf\udce9", nl=False)
    assert written.getvalue() == b"caf\xe9"
