"""`v380 report`: shown, written after a yes, and with nobody in it."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli import RunHere
from tests.commands.recording_lab import (
    PASSWORD,
    add_to_list,
    address_args,
    find_closed_port,
    make_device,
    open_camera,
)
from tests.explain.test_redacted_capture import list_all_spellings, make_session
from tests.test_redaction import SECRETS, list_spellings
from v380cli.commands import report
from v380cli.models import Secret
from v380cli.net.interfaces import list_interfaces
from v380cli.simulator import radio
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.login_desk import LoginDesk
from v380cli.store import secrets
from v380cli.wire.login import LoginReply, LoginRequest
from v380cli.wire.provisioning import WifiSettings
from v380cli.work.doctor import camera as doctor_camera
from v380cli.work.packet_file import PacketFile

ENV = {"V380_PASSWORD": PASSWORD}
OWN = ("87654321", PASSWORD, "admin")
TIME_OF_DAY = re.compile(r"\b\d\d:\d\d(?::\d\d)?\b(?![:-])")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers discovery here, and the cameras send as fast as they can."""
    monkeypatch.setattr(doctor_camera, "DISCOVERY_TIMEOUT_S", 0.05)
    monkeypatch.setattr(report, "LIVE_S", 0.3)


def list_told(data: bytes) -> list[str]:
    """The secrets that are in it, however they are spelt."""
    return [secret for secret in OWN if any(s in data for s in list_spellings(secret))]


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
    assert info["hd_stream"]["encryption"] == "64-of-80"
    assert not any(b"encryption" in parts[name] for name in ("summary.md", "messages.txt"))
    assert "id-1 login: lets us in" in parts["doctor.txt"].decode()
    assert "login request 1167" in parts["messages.txt"].decode()


@pytest.fixture
def talkative(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cameras say every secret where it belongs; what else can be said is in the session, too."""
    home = WifiSettings(ssid=SECRETS["ssid"], psk=Secret(SECRETS["psk"]))
    monkeypatch.setattr(radio, "OLD_HOME", home)
    answer, take, session = LoginDesk.answer_login, PacketFile.take, iter(make_session())

    def tell_all(desk: LoginDesk, request: LoginRequest) -> LoginReply:
        return replace(answer(desk, request), domain=SECRETS["domain"])

    def take_all(file: PacketFile, packet: Any) -> None:
        take(file, packet)
        for each in session:
            take(file, each)

    monkeypatch.setattr(LoginDesk, "answer_login", tell_all)
    monkeypatch.setattr(PacketFile, "take", take_all)
    monkeypatch.setattr(LoginDesk, "_issue_ticket", give(int(SECRETS["ticket"])))


def give(ticket: int) -> Callable[[LoginDesk, int], int]:
    """Always the same ticket."""
    issue = LoginDesk._issue_ticket
    return lambda desk, _: issue(desk, ticket)


def add_known(camera: SimulatedCamera) -> str:
    """Have it on the list with all that one may know of it; returns its name there."""
    add_to_list(replace(make_device(camera, SECRETS["name"]), mac=SECRETS["mac"]))
    return SECRETS["name"]


def test_a_report_of_all_that_can_be_said_holds_no_secret_in_any_spelling(
    run_here: RunHere, tmp_path: Path, talkative: None
) -> None:
    file = tmp_path / "report.zip"
    with open_camera(
        device_id=int(SECRETS["id"]), password=Secret(SECRETS["password"]), mac=SECRETS["mac"]
    ) as camera:
        done = run_here("report", add_known(camera), "-o", str(file), "--yes")
    assert done.returncode == 0, done.stderr
    archive = zipfile.ZipFile(file)
    parts = {name: archive.read(name) for name in archive.namelist()}
    # Not the archive's bytes: what is compressed has any three bytes by chance.
    parts["archive"] = repr(archive.infolist()).encode() + archive.comment
    parts["screen"] = (done.stdout + done.stderr).encode()
    assert b'"ssid": "ssid-' in parts["info.json"]
    assert b'"domain": "domain-' in parts["info.json"]
    assert parts["messages.txt"].count(b"5005") >= len(list_all_spellings())
    for name, data in parts.items():
        for spelling in (each.rstrip(b"\0") for each in list_all_spellings()):
            assert spelling not in data, (name, spelling)
            assert spelling.hex().encode() not in data, (name, spelling)
        if name not in ("archive", "session.pcapng"):
            times = TIME_OF_DAY.findall(data.decode())
            assert [time for time in times if not time.startswith("00:")] == [], name


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
