"""`v380 report`: shown, written after a yes, and with nobody in it."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from tests.cli import RunHere
from tests.commands.recording_lab import PASSWORD, address_args, find_closed_port, open_camera
from tests.test_redaction import list_spellings
from v380cli.net.interfaces import list_interfaces
from v380cli.store import secrets
from v380cli.work.doctor import camera as doctor_camera

ENV = {"V380_PASSWORD": PASSWORD}
SECRETS = ("87654321", PASSWORD, "admin")


@pytest.fixture(autouse=True)
def quick_discovery(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers it here."""
    monkeypatch.setattr(doctor_camera, "DISCOVERY_TIMEOUT_S", 0.05)


def list_told(data: bytes) -> list[str]:
    """The secrets that are in it, however they are spelt."""
    return [secret for secret in SECRETS if any(s in data for s in list_spellings(secret))]


def test_a_report_holds_what_the_camera_said_and_nobody(run_here: RunHere, tmp_path: Path) -> None:
    file = tmp_path / "report.zip"
    with open_camera() as camera:
        args = (*address_args(camera), "-o", str(file), "--yes")
        done = run_here("report", *args, env=ENV)
    assert done.returncode == 0, done.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    archive = zipfile.ZipFile(io.BytesIO(file.read_bytes()))
    parts = {name: archive.read(name) for name in archive.namelist()}
    assert set(parts) == {
        *("summary.md", "doctor.txt", "messages.txt"),
        *("info.json", "platform.json", "session.pcapng"),
    }
    assert {name: list_told(data) for name, data in parts.items() if list_told(data)} == {}
    assert list_told(done.stdout.encode()) == []
    for name, data in parts.items():
        assert name == "session.pcapng" or data.decode() in done.stdout
    info = json.loads(parts["info.json"])
    assert info["versions"]["app"] == "simulated_1.4.2"
    summary = parts["summary.md"].decode()
    assert "0 things that do not fit" in summary
    assert '"codec": "h264"' in summary
    assert "id-1 login: lets us in" in parts["doctor.txt"].decode()
    assert "login request 1167" in parts["messages.txt"].decode()


def test_without_a_yes_it_is_shown_only(run_here: RunHere, tmp_path: Path) -> None:
    file = tmp_path / "report.zip"
    with open_camera() as camera:
        done = run_here("report", *address_args(camera), "-o", str(file), env=ENV)
    assert done.returncode == 2
    assert "--- summary.md" in done.stdout
    assert not file.exists()


def test_a_camera_that_lets_nobody_in_is_reported(run_here: RunHere) -> None:
    with open_camera() as camera:
        done = run_here("report", *address_args(camera), env={"V380_PASSWORD": "not-this-one"})
    assert done.returncode == 0
    assert "result = 1012" in done.stdout
    assert "- fail: login: " in done.stdout
    assert list_told((done.stdout + done.stderr).encode()) == []


def test_a_camera_that_is_not_there_is_reported(run_here: RunHere) -> None:
    target = f"127.0.0.1:{find_closed_port()}"
    done = run_here("report", target, "--id", "87654321", env=ENV)
    assert done.returncode == 0, done.stderr
    assert "0 messages and streams" in done.stdout
    assert "- fail: tcp: cannot connect to address-1" in done.stdout
    assert list_told((done.stdout + done.stderr).encode()) == []


def test_nothing_is_told_of_the_machine_either(
    run_here: RunHere, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "open_keyring", lambda: None)
    target = f"127.0.0.1:{find_closed_port()}"
    done = run_here("report", target, "--id", "87654321", env=ENV)
    assert "passwords go into folder-1/" in done.stdout
    assert str(data_dir) not in done.stdout
    assert [e.name for e in list_interfaces() if e.name in done.stdout.split()] == []
