"""Where a command cannot write it says so in a sentence: exit 9, or 2 for what cannot be meant."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.camera.card import ENTRIES, simulate_card
from tests.cli import make_environment
from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    PASSWORD,
    add_to_list,
    make_device,
    open_camera,
)
from tests.warm import V380, run_process
from v380cli.models import Device

Run = Callable[..., Done]

LONG = "x" * 300

COMMANDS = {
    "record": "record porch --duration 0.4 -o {}.mp4",
    "snapshot": "snapshot porch -o {}.jpg",
    "sheet": "snapshot porch --grid -o {}.png",
    "time lapse": "snapshot porch --every 0.1 --count 2 -o {}.jpg",
    "stream": "stream porch --duration 0.4 -o {}.ts",
    "elementary stream": "stream porch --duration 0.4 -o {}.h264",
    "export": "devices export {}.json",
    "label": "devices label porch -o {}.png",
    "dump": "settings dump porch -o {}.json",
    "code": "provision qr --ssid home --no-wait -o {}.svg",
    "log": "--log-file {}.log devices list",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("V380_PASSWORD", PASSWORD)
    monkeypatch.setenv("V380_PSK", "distinctive-psk")
    return tmp_path


@pytest.fixture
def porch() -> Iterator[None]:
    with open_camera() as camera:
        add_to_list(make_device(camera, "porch"))
        yield


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
@pytest.mark.parametrize("name", [LONG, f"{LONG}/x", "file/x", "folder/way"])
@pytest.mark.usefixtures("porch")
def test_where_nothing_can_be_written(v380: Run, folder: Path, name: str, command: str) -> None:
    (folder / "file").touch()
    words = command.format(name).split()
    if name == "folder/way":
        Path(next(word for word in words if word.startswith(name))).mkdir(parents=True)
    done = v380(*words)
    if name == "folder/way" and words[0] in ("record", "snapshot"):
        assert done.code == 0  # it goes into the folder
        return
    assert done.code == 9, done
    assert len([line for line in done.err.splitlines() if line.startswith("v380: ")]) == 1
    assert "Traceback" not in done.err
    assert list(folder.rglob("*.part")) == []


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
@pytest.mark.usefixtures("porch")
def test_a_name_may_be_as_long_as_names_can_be(v380: Run, folder: Path, command: str) -> None:
    """The file's own: what stands beside it while it is written may need a longer one."""
    ending = command.rpartition(".")[2].split()[0]
    name = "x" * (254 - len(ending))
    done = v380(*command.format(name).split())
    if command.startswith("record"):
        assert (done.code, list(folder.glob("x*"))) == (9, [])
        return
    assert done.code == 0, done
    assert (folder / f"{name}.{ending}").is_file()


FULL = [
    "devices list",
    "devices list --json",
    "devices export -",
    "record porch --duration 0.4 --json",
    "record porch --duration 0.4 --jsonl",
    "record porch --duration 0.4",
    "info porch --json",
    "snapshot porch -o -",
    "stream porch --duration 0.4 -o -",
    "completion bash",
    "simulate --list-faults",
    "record nobody-of-that-name --json",
    "--help",
    "--version",
]


@pytest.mark.parametrize("command", FULL)
@pytest.mark.usefixtures("porch")
def test_a_full_disk_behind_standard_output(data_dir: Path, command: str) -> None:
    with Path("/dev/full").open("w") as full:
        environment = make_environment(data_dir, {"V380_PASSWORD": PASSWORD})
        done = run_process([*V380, *command.split()], stdout=full, env=environment)
    assert done.returncode == 9, done.stderr
    assert "No space left on device" in done.stderr
    assert "bug" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["snapshot porch -o /dev/full", "stream porch -o /dev/full"])
@pytest.mark.usefixtures("porch")
def test_a_device_that_takes_nothing(v380: Run, command: str) -> None:
    done = v380(*command.split(), "--json")
    assert done.code == 9
    assert "No space left on device" in json.dumps(done.json)


@pytest.mark.parametrize(
    "command",
    [
        "stream porch -o {name}.ts",
        "recordings sync porch -o cards/{name}",
        "settings dump porch -o {id}.json",
        "devices label porch -o {name}.png",
        "report porch -o {date}.zip",
        "capture record -o {start}.pcapng",
        "capture fixture x.pcap -o {name}.json",
        "doctor -o {name}",
        "demo -o {time}.mp4",
    ],
)
def test_fields_where_they_stand_for_nothing(v380: Run, folder: Path, command: str) -> None:
    done = v380(*command.split())
    assert done.code == 2
    assert "--output" in done.err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        "record porch -o {nam}.mp4",
        "record porch -o {start:%Y}.mp4",
        "snapshot porch -o {nam}.jpg",
        "recordings download porch --all -o {nam}",
        "recordings sync porch -o cards --template {nam}",
        "watch porch --record clips/{nam}",
    ],
)
def test_fields_that_are_unknown_are_told_before_a_camera_is_asked(
    v380: Run, folder: Path, command: str
) -> None:
    add_to_list(Device(name="porch", device_id=12345678, host="127.0.0.1", port=9))
    done = v380(*command.split())
    assert done.code == 2
    assert "has no field" in done.err
    assert list(folder.glob("c*")) == []


def test_a_mirror_in_a_folder_with_braces_in_its_name(
    v380: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = folder / "{nam} of {name}"
    odd.mkdir()
    monkeypatch.chdir(odd)
    with simulate_card() as camera:
        add_to_list(make_device(camera, "porch"))
        done = v380("recordings", "sync", "porch", "-o", "cards", "--date", "2026-11-20")
    assert done.code == 0, done
    files = list(folder.rglob("*.mp4"))
    assert len(files) == len(ENTRIES)
    assert all(file.is_relative_to(odd / "cards" / "porch") for file in files)
