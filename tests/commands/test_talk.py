"""`v380 talk`: what it takes, what it says of it, and how it ends."""

import json
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli import RunV380, make_environment
from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    PASSWORD,
    TIMEOUT_S,
    add_to_list,
    address_args,
    make_device,
    open_camera,
    start_v380,
    wait_until,
)
from tests.sounds import correlate, make_voice, read_wave, write_wave
from tests.warm import V380, run_process
from v380cli.simulator.camera import ALL_ABILITIES, VARIANTS
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.store.database import open_device_list
from v380cli.wire.abilities import Abilities

VOICE = make_voice(0.5)
LONG_S = 60.0
MUTE = Abilities(**{name: getattr(ALL_ABILITIES, name) for name in ("audio", "ptz")})

Run = Callable[..., Done]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("V380_PASSWORD", PASSWORD)
    write_wave(tmp_path / "voice.wav", VOICE)
    write_wave(tmp_path / "long.wav", make_voice(LONG_S))
    return tmp_path


@pytest.fixture
def camera(folder: Path) -> Iterator[SimulatedCamera]:
    with open_camera(talk_folder=folder) as camera:
        yield camera


def read_heard(camera: SimulatedCamera) -> bytes:
    """What the camera has heard of `VOICE`, by what it wrote, which it may still be about."""
    (path,) = Path().glob(f"talk-{camera.spec.device_id}-*.wav")
    wait_until(lambda: path.stat().st_size > len(VOICE))
    return read_wave(path)


def run_with_stdin(
    data_dir: Path, camera: SimulatedCamera, data: bytes, *args: str
) -> "subprocess.CompletedProcess[bytes]":
    words = ["talk", *address_args(camera), *args]
    environment = make_environment(data_dir, {"V380_PASSWORD": PASSWORD})
    return run_process([*V380, *words], input=data, env=environment, text=False)


def test_a_file_is_said_and_the_result_told(v380: Run, camera: SimulatedCamera) -> None:
    done = v380("talk", *address_args(camera), "voice.wav", "--json")
    assert (done.code, done.err) == (0, "")
    assert done.json == {
        "device": str(camera.spec.device_id),
        "seconds": 0.505,
        "blocks": 8,
        "late_blocks": done.json["late_blocks"],
        "codec": "ima_adpcm",
        "encrypted": True,
        "form": 377,
        "cut_off": False,
    }
    assert correlate(read_heard(camera), VOICE) > 0.95


def test_a_camera_of_the_list_and_its_way_to_log_in(v380: Run, folder: Path) -> None:
    old = VARIANTS["legacy"]
    with open_camera(
        accepts=old.accepts, device_version=old.device_version, talk_folder=folder
    ) as camera:
        add_to_list(make_device(camera, name="porch"))
        done = v380("talk", "-d", "porch", "voice.wav", "--json")
    assert (done.code, done.json["form"], done.json["encrypted"]) == (0, 177, False)
    with open_device_list() as devices:
        record = devices.find_by_name("porch")
    assert record
    assert record.device.login_variant == "legacy"


def test_a_person_gets_a_row(v380: Run, camera: SimulatedCamera) -> None:
    done = v380("talk", *address_args(camera), "voice.wav")
    assert done.code == 0
    name, seconds, _late, encrypted = done.out.rstrip("\n").split("\t")
    assert (name, seconds, encrypted) == (str(camera.spec.device_id), "0.505", "yes")


@pytest.mark.parametrize("form", ["pcm", "wav"])
def test_standard_input(data_dir: Path, folder: Path, camera: SimulatedCamera, form: str) -> None:
    data = VOICE if form == "pcm" else (folder / "voice.wav").read_bytes()
    result = run_with_stdin(data_dir, camera, data, "-")
    assert (result.returncode, result.stderr) == (0, b"")
    assert correlate(read_heard(camera), VOICE) > 0.95


def test_standard_input_of_another_rate(data_dir: Path, camera: SimulatedCamera) -> None:
    slow = b"".join(VOICE[i : i + 2] * 2 for i in range(0, len(VOICE), 2))
    assert run_with_stdin(data_dir, camera, slow, "-", "--rate", "16000").returncode == 0
    assert correlate(read_heard(camera), VOICE) > 0.9


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")
def test_a_text(data_dir: Path, camera: SimulatedCamera) -> None:
    result = run_with_stdin(data_dir, camera, b"Hello.", "--say", "-", "--json")
    assert result.returncode == 0
    assert 0.2 < json.loads(result.stdout)["seconds"] < 3


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        ([], 2, "say one thing"),
        (["voice.wav", "--say", "hello"], 2, "say one thing"),
        (["voice.wav", "--microphone"], 2, "say one thing"),
        (["voice.wav", "--voice", "de"], 2, "--voice goes with --say"),
        (["-", "--password-stdin"], 2, "V380_PASSWORD"),
        (["voice.wav", "--limit", "soon"], 2, "not a valid duration"),
        (["--say", " "], 2, "no text"),
        (["missing.wav"], 9, "cannot read missing.wav"),
        (["http://127.0.0.1:1/a.mp3"], 9, "cannot read"),
        (["text.txt"], 8, "no sound in text.txt"),
    ],
)
def test_what_cannot_be_said(
    v380: Run, folder: Path, args: list[str], code: int, sentence: str
) -> None:
    (folder / "text.txt").write_text("no sound, but words\n" * 100)
    # nobody is there: it must end before it asks the camera
    done = v380("talk", "127.0.0.1:9", "--id", "5", *args)
    assert (done.code, done.out) == (code, "")
    assert sentence in done.err


def test_one_camera_at_a_time(v380: Run, camera: SimulatedCamera) -> None:
    for name in ("porch", "hall"):
        add_to_list(make_device(camera, name=name), "all")
    done = v380("talk", "@all", "voice.wav")
    assert done.code == 2
    assert "one camera" in done.err


@pytest.mark.parametrize(
    ("fault", "changes", "code", "error"),
    [
        ("talk-refused", {}, 7, "busy"),
        ("talk-hang-up@0.1s", {}, 4, "network"),
        ("wrong-password", {}, 5, "credentials_refused"),
        ("", {"abilities": MUTE}, 7, "refused"),
    ],
)
def test_a_camera_that_does_not_want_to(
    v380: Run, fault: str, changes: dict[str, Any], code: int, error: str
) -> None:
    with open_camera(*filter(None, [fault]), **changes) as camera:
        done = v380("talk", *address_args(camera), "long.wav", "--json")
    assert (done.code, done.json["error"]["code"]) == (code, error)
    assert PASSWORD not in done.out + done.err


def test_force_asks_all_the_same(v380: Run) -> None:
    with open_camera(abilities=MUTE) as camera:
        assert v380("talk", *address_args(camera), "voice.wav", "--force").code == 0


def test_the_limit_ends_it_and_says_so(v380: Run, camera: SimulatedCamera) -> None:
    done = v380("talk", *address_args(camera), "long.wav", "--limit", "0.3s", "--json")
    assert done.code == 0
    assert done.json["cut_off"]
    assert done.json["seconds"] < 0.4
    assert "--limit" in done.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_what_was_said_is_told(
    data_dir: Path, camera: SimulatedCamera, number: signal.Signals
) -> None:
    with start_v380(data_dir, "talk", *address_args(camera), "long.wav", "--json") as process:
        wait_until(lambda: any(talk.sequences for talk in camera.heard_talks))
        process.send_signal(number)
        out, talk = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, talk) == (128 + number, "")
    assert 0 < json.loads(out)["seconds"] < 30


def test_a_signal_ends_the_wait_for_standard_input(data_dir: Path, camera: SimulatedCamera) -> None:
    args = ["talk", *address_args(camera), "-"]
    with start_v380(data_dir, *args, stdin=subprocess.PIPE) as process:
        wait_until(lambda: any(talk.keep_alive_times_s for talk in camera.heard_talks))
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT_S) == 130
        assert process.stdout
        assert process.stdout.read() == ""
        assert process.stderr
        assert process.stderr.read() == "interrupted before anything was said\n"


def test_simulate_makes_the_folder_for_what_it_hears(run_v380: RunV380, folder: Path) -> None:
    tiny = ("--size", "192x128", "--bitrate", "100k", "--port", "0", "--duration", "0.1")
    assert run_v380("simulate", *tiny, "--save-talk", "heard/here").returncode == 0
    assert (folder / "heard" / "here").is_dir()
    result = run_v380("simulate", *tiny, "--save-talk", "voice.wav")
    assert result.returncode == 9
    assert "voice.wav" in result.stderr
