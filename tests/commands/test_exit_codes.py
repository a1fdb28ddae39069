"""Every command that talks to a camera fails alike: an exit code, a sentence, and no traceback.

A new command gets a row in COMMANDS.
"""

import contextlib
import json
import os
import pty
import re
import signal
import socket
import sys
import threading
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    PASSWORD,
    SMALL,
    TIMEOUT_S,
    find_closed_port,
    open_cameras,
    start_v380,
)
from v380cli.simulator.faults import parse_fault
from v380cli.work.settings.reading import FILE_KIND, FILE_VERSION

Run = Callable[..., Done]

PSK = "distinctive-psk"
SOUND = "sound.wav"
ID = "20261120-080105-2"
DUMP = {"kind": FILE_KIND, "version": FILE_VERSION, "settings": {"clock": {"zone": 1}}}


@dataclass(frozen=True)
class Row:
    """A command line; `{camera}` is where the words go that name a camera."""

    words: str
    has_json: bool = True
    knows_names: bool = True  # takes a name of the device list, too

    def spell(self, *camera: str) -> list[str]:
        return [
            word
            for part in self.words.split()
            for word in (camera if part == "{camera}" else [part])
        ]


ROWS = [
    Row("info {camera}"),
    Row("record {camera} --duration 1 --no-reconnect --output out.mp4"),
    Row("snapshot {camera} --output out.jpg"),
    Row("stream {camera} --format ts --output /dev/null"),
    Row("recordings list {camera}"),
    Row("recordings download {camera} --date today --output out"),
    Row("recordings sync {camera} --output out"),
    Row(f"recordings play {{camera}} {ID} --output -", has_json=False),
    Row("talk {camera} sound.wav"),
    Row("ptz {camera} left"),
    Row("preset {camera} go 1"),
    Row("preset {camera} set 1"),
    Row("preset {camera} list"),
    Row("light {camera} on"),
    Row("image {camera} color"),
    Row("zoom {camera} in"),
    Row("track {camera} on"),
    Row("settings get {camera}"),
    Row("settings set {camera} clock now"),
    Row("settings dump {camera}", has_json=False),
    Row("settings apply {camera} dump.json"),
    Row("settings firmware {camera}"),
    Row(
        "provision ap --ssid home --interface lo --timeout 1 --address {camera}", knows_names=False
    ),
    Row("provision scan --via-camera --address {camera}", knows_names=False),
]
OTHERS_WITH_NAMES = [
    Row("serve {camera} --rtsp 127.0.0.1:0"),
    Row("devices show {camera}"),
    Row("devices edit {camera} --quality sd", has_json=False),
    Row("devices remove {camera} --yes", has_json=False),
    Row("devices label {camera}", has_json=False),
]


def name_row(row: Row) -> str:
    return " ".join(word for word in row.words.split("{")[0].split() if word[0] != "-")


each_row = pytest.mark.parametrize("row", ROWS, ids=name_row)


@dataclass(frozen=True)
class Places:
    """The words that name a camera which fails in one way."""

    good: tuple[str, ...]
    unsupported: tuple[str, ...]
    nobody: tuple[str, ...]


@pytest.fixture(scope="module")
def places() -> Iterator[Places]:
    old = replace(SMALL, device_id=11, faults=(parse_fault("unsupported"),))
    with open_cameras(SMALL, old) as cameras:
        good, unsupported = [
            (f"{camera.host}:{camera.port}", "--id", str(camera.spec.device_id))
            for camera in cameras
        ]
        nobody = (f"127.0.0.1:{find_closed_port()}", "--id", "12345678")
        yield Places(good, unsupported, nobody)


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a sound in it, and the secrets of the cameras."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("V380_PASSWORD", PASSWORD)
    monkeypatch.setenv("V380_PSK", PSK)
    (tmp_path / "dump.json").write_text(json.dumps(DUMP), encoding="utf-8")
    with wave.open(SOUND, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(8000))


def check(v380: Run, row: Row, code: int, word: str, *camera: str) -> None:
    """Run it for a person and for a script: the same exit code, one sentence, one document."""
    done = v380(*row.spell(*camera))
    assert done.code == code, done.err
    assert done.out == ""
    check_talk(done.err)
    if row.has_json:
        done = v380(*row.spell(*camera), "--json")
        assert done.code == code
        assert done.json["error"].keys() == {"code", "message", "hint"}
        assert done.json["error"]["code"] == word
        assert_no_secret(done.out + done.err)


def check_talk(talk: str) -> None:
    assert len([line for line in talk.splitlines() if line.startswith("v380: ")]) == 1, talk
    assert "Traceback" not in talk
    assert_no_secret(talk)


def assert_no_secret(text: str) -> None:
    assert [secret for secret in (PASSWORD, "wrong-4711", PSK) if secret in text] == []


@pytest.mark.parametrize(
    "row", [row for row in [*ROWS, *OTHERS_WITH_NAMES] if row.knows_names], ids=name_row
)
def test_nobody_of_that_name(v380: Run, row: Row) -> None:
    check(v380, row, 3, "not_found", "nobody")


@each_row
def test_nobody_at_that_port(v380: Run, row: Row, places: Places) -> None:
    check(v380, row, 4, "network", *places.nobody)


@each_row
def test_a_wrong_password(
    v380: Run, row: Row, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("V380_PASSWORD", "wrong-4711")
    check(v380, row, 5, "credentials_refused", *places.good)


@each_row
def test_a_camera_that_takes_no_log_in_of_ours(v380: Run, row: Row, places: Places) -> None:
    check(v380, row, 6, "unsupported_firmware", *places.unsupported)


@each_row
def test_another_camera_at_that_address(v380: Run, row: Row, places: Places) -> None:
    check(v380, row, 7, "device_id_refused", places.good[0], "--id", "999")


@pytest.mark.parametrize("number", ["3000000000", "-1"])
@each_row
def test_an_id_that_no_camera_can_have(v380: Run, row: Row, number: str) -> None:
    done = v380(*row.spell("10.0.0.1"), "--id", number)
    assert done.code == 2
    assert "is not a device id" in " ".join((done.err + done.out).split())


@each_row
def test_an_option_that_is_not_there(v380: Run, row: Row) -> None:
    done = v380(*row.spell("porch"), "--no-such-option")
    assert (done.code, done.out) == (2, "")
    assert "No such option" in done.err


@pytest.fixture
def deaf_camera() -> Iterator[socket.socket]:
    """It takes a connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(TIMEOUT_S)
        yield server


# Waits for the answer to its log-in for longer than any test.
PATIENT = (
    "import runpy, v380cli.camera.login as login; login.REPLY_TIMEOUT_S = 3600; "
    "runpy.run_module('v380cli', run_name='__main__')"
)


def name_camera(server: socket.socket) -> tuple[str, ...]:
    return (f"127.0.0.1:{server.getsockname()[1]}", "--id", "12345678")


@contextlib.contextmanager
def interrupt_log_in(server: socket.socket) -> Iterator[None]:
    """Ctrl-C in this thread as soon as the camera has heard something of a log-in."""
    thread = threading.get_ident()

    def listen() -> None:
        with server.accept()[0] as link:
            assert link.recv(4)
            signal.pthread_kill(thread, signal.SIGINT)
            link.recv(1 << 16)

    listener = threading.Thread(target=listen)
    listener.start()
    yield
    listener.join()


@each_row
def test_ctrl_c(
    v380: Run, deaf_camera: socket.socket, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("v380cli.camera.login.REPLY_TIMEOUT_S", 3600.0)
    with interrupt_log_in(deaf_camera):
        done = v380(*row.spell(*name_camera(deaf_camera)))
    assert done.code == 130, done.err
    assert "Traceback" not in done.err
    assert_no_secret(done.out + done.err)


@pytest.fixture
def terminal() -> Iterator[int]:
    """What `view` wants to be on; nobody looks."""
    reader, writer = pty.openpty()
    yield writer
    os.close(writer)
    os.close(reader)


VIEW = Row("view {camera} --terminal", has_json=False)


# Runs each command line with its password, and says how it ended.
RUN_ALL = """
import json, os, sys
import typer
from v380cli.app import app
from v380cli.commands import _boundary
for password, *words in json.loads(sys.argv[1]):
    os.environ["V380_PASSWORD"] = password
    code = _boundary.run(typer.main.get_command(app), words)
    print("exit", code, file=sys.stderr)
"""


def test_view_fails_like_the_others(data_dir: Path, places: Places, terminal: int) -> None:
    lines = [
        (PASSWORD, "nobody"),
        (PASSWORD, *places.nobody),
        ("wrong-4711", *places.good),
        (PASSWORD, *places.unsupported),
        (PASSWORD, places.good[0], "--id", "999"),
    ]
    runs = json.dumps([[password, *VIEW.spell(*camera)] for password, *camera in lines])
    program = (sys.executable, "-c", RUN_ALL)
    with start_v380(data_dir, runs, program=program, stdin=terminal, stdout=terminal) as process:
        _, talk = process.communicate(timeout=TIMEOUT_S)
    talks = re.split(r"^exit (\d)\n", talk, flags=re.MULTILINE)
    assert talks[1::2] == ["3", "4", "5", "6", "7"], talk
    for each in talks[:-1:2]:
        check_talk(each)


def test_ctrl_c_in_view(data_dir: Path, deaf_camera: socket.socket, terminal: int) -> None:
    words = VIEW.spell(*name_camera(deaf_camera))
    program = (sys.executable, "-c", PATIENT)
    with (
        start_v380(data_dir, *words, program=program, stdin=terminal, stdout=terminal) as process,
        deaf_camera.accept()[0] as link,
    ):
        assert link.recv(4)
        process.send_signal(signal.SIGINT)
        _, talk = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 130, talk
    assert "Traceback" not in talk
    assert_no_secret(talk)
