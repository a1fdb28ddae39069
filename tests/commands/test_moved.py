"""A camera of the device list that has another address by now, on a LAN in network namespaces."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli import make_environment
from tests.commands.recording_lab import PASSWORD, SMALL, TIMEOUT_S, add_to_list
from tests.lan import open_lab
from tests.sounds import make_voice, write_wave
from tests.warm import V380
from v380cli.models import Device
from v380cli.simulator.camera import Pace
from v380cli.simulator.card import CardSpec, CardState
from v380cli.simulator.server import Simulator
from v380cli.store.database import open_device_list

EMPTY_CARD = CardSpec(state=CardState.OK)
OLD, NEW, PORT = "10.1.0.100", "10.1.0.101", 8800

WRONG = "not its password"

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(data_dir: Path, tmp_path: Path) -> Iterator[Ask]:
    """Runs a command on the laptop of a LAN whose camera `front` has moved.

    Returns its exit code and what it wrote on stdout and on stderr.
    """
    simulator = Simulator([replace(SMALL, pace=Pace.CAMERA, host=NEW, port=PORT, card=EMPTY_CARD)])
    with open_lab() as lab:
        lab.add_lan("lan1")
        laptop = lab.add_host("laptop", {"lan1": ["10.1.0.2/24"]})
        cameras = lab.add_host("cameras", {"lan1": [f"{NEW}/24", f"{OLD}/24"]})
        cameras.call(simulator.start)

        def run(*words: str, password: str = PASSWORD) -> tuple[int, str, str]:
            add_to_list(Device(name="front", device_id=SMALL.device_id, host=OLD, port=PORT))
            process = laptop.start(
                [*V380, *words],
                env=make_environment(data_dir, {"V380_PASSWORD": password}),
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            out, talk = process.communicate(timeout=TIMEOUT_S)
            return process.returncode, out, talk

        try:
            yield run
        finally:
            simulator.stop()


def read_host() -> str:
    with open_device_list() as devices:
        (record,) = devices.list_devices()
    return record.device.host


def test_it_is_recorded_from_its_new_address_which_is_learnt(ask: Ask) -> None:
    code, out, talk = ask("record", "front", "--duration", "1", "--json")
    assert (code, talk) == (0, "")
    (document,) = json.loads(out)
    assert (document["device"], document["address"]) == ("front", f"{NEW}:{PORT}")
    assert len(document["files"]) == 1
    assert read_host() == NEW


@pytest.mark.parametrize(
    "words",
    [
        ["ptz", "front", "left"],
        ["preset", "front", "set", "1"],
        ["talk", "front", "voice.wav"],
        ["settings", "get", "front", "clock"],
        ["info", "front"],
        ["snapshot", "front"],
        ["recordings", "list", "front", "--json"],
        ["recordings", "sync", "front", "-o", "mirror"],
    ],
    ids=lambda words: "-".join(words[:2]),
)
def test_it_is_told_and_asked_there_too(ask: Ask, tmp_path: Path, words: list[str]) -> None:
    write_wave(tmp_path / "voice.wav", make_voice(0.2))
    code, _, talk = ask(*words)
    assert (code, talk) == (0, "")
    assert read_host() == NEW


@pytest.mark.parametrize(
    "words",
    [["record", "front"], ["snapshot", "front"], ["info", "front"], ["light", "front", "on"]],
    ids=lambda words: words[0],
)
def test_who_answers_in_its_name_and_refuses_us_is_not_learnt(ask: Ask, words: list[str]) -> None:
    code, _, talk = ask(*words, password=WRONG)
    assert code == 5
    assert NEW in talk
    assert "another device may be answering" in " ".join(talk.split())
    assert read_host() == OLD
