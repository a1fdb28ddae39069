"""`v380 preset`: go, set, delete, list, by number and by name, in both framings."""

import random
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

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
from v380cli.models import Device, Via
from v380cli.simulator.camera import ALL_ABILITIES, VARIANTS, Pace
from v380cli.simulator.control_desk import Position
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.onvif import OnvifDesk, OnvifServer
from v380cli.simulator.onvif_extras import OnvifExtras
from v380cli.simulator.settings.desk import Generation
from v380cli.wire.control import PresetControl, PtzDirection, make_ptz

V380 = Callable[..., Done]


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("V380_PASSWORD", PASSWORD)


@pytest.fixture
def porch() -> Iterator[SimulatedCamera]:
    with open_camera(pace=Pace.CAMERA) as camera:
        add_to_list(make_device(camera, "porch"))
        yield camera


def test_a_position_is_set_gone_to_listed_and_deleted(porch: SimulatedCamera, v380: V380) -> None:
    porch.controls.obey(make_ptz(PtzDirection.LEFT, 5).encode())
    done = v380("preset", "porch", "set", "3", "--name", "Gate", "--json")
    assert done.json == [
        {"device": "porch", "control": "preset set 3", "sent": True, "confirmed": True}
    ]
    assert porch.controls.state.presets == {2: Position(pan=-5)}, "the app counts from 1"
    porch.controls.obey(make_ptz(PtzDirection.RIGHT, 5).encode())
    done = v380("preset", "porch", "go", "gate", "--json")
    assert (done.json[0]["control"], done.json[0]["sent"]) == ("preset go gate", True)
    wait_until(lambda: porch.controls.state.position == Position(pan=-5))
    assert porch.controls.obeyed[-1] == PresetControl(preset_id=2)
    (listed,) = v380("preset", "porch", "list", "--json").json
    assert (listed["device"], listed["room"]) == ("porch", 8)
    assert [(p["number"], p["name"]) for p in listed["presets"]] == [(3, "Gate")]
    assert v380("preset", "porch", "list").out.startswith("3\tGate\t2")
    done = v380("preset", "delete", "porch", "GATE")
    assert done.out == "porch: preset delete 3, confirmed by the camera\n"
    assert porch.controls.state.presets == {}
    assert v380("preset", "porch", "list", "--json").json[0]["presets"] == []


def test_both_orders_of_the_words_are_one(porch: SimulatedCamera, v380: V380) -> None:
    for words in ("porch go 2", "go porch 2", "-d porch go 2"):
        assert v380("preset", *words.split()).code == 0
    wait_until(lambda: len(porch.controls.obeyed) == 3)
    assert set(porch.controls.obeyed) == {PresetControl(preset_id=1)}


def test_an_old_camera_and_one_of_no_list(v380: V380) -> None:
    legacy = VARIANTS["legacy"]
    with open_camera(
        accepts=legacy.accepts, device_version=legacy.device_version, settings=Generation.LEGACY
    ) as camera:
        assert v380("preset", *address_args(camera), "set", "1").code == 0
        assert camera.controls.state.presets == {0: Position()}
        (listed,) = v380("preset", *address_args(camera), "list", "--json").json
        assert (listed["room"], listed["presets"]) == (8, []), "nothing is remembered of strangers"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("porch", "say go, set, delete or list"),
        ("porch go", "say a camera and a position"),
        ("-d porch go", "say a camera and a position"),
        ("go", "say a camera and a position"),
        ("porch go gate", "'gate' is not a position"),
        ("porch go 0", "'0' is not a position"),
        ("porch go 256", "'256' is not a position"),
        ("porch go 10000", "'10000' is not a position"),
        ("porch go 2 --name gate", "--name goes with set"),
        ("set 2", "say a camera and a position"),
        ("list", "name a camera"),
    ],
)
def test_a_mistake_is_exit_2(porch: SimulatedCamera, v380: V380, words: str, message: str) -> None:
    done = v380("preset", *words.split(), "--json")
    assert done.code == 2
    assert message in done.json["error"]["message"]


def test_what_there_is_no_room_for_is_exit_7(porch: SimulatedCamera, v380: V380) -> None:
    for action in ("go", "set"):
        done = v380("preset", "porch", action, "9", "--json")
        assert (done.code, done.json["error"]["code"]) == (7, "not_able")
    assert v380("preset", "porch", "set", "9", "--force").code == 7, "the camera's own no"
    assert v380("preset", "porch", "list", "--json").json[0]["presets"] == []


def test_a_camera_without_presets(v380: V380) -> None:
    with open_camera(abilities=replace(ALL_ABILITIES, presets=0)) as camera:
        for words in ("go 1", "set 1", "list"):
            done = v380("preset", *address_args(camera), *words.split())
            assert (done.code, "no presets" in done.err) == (7, True), words


@pytest.mark.parametrize(
    ("words", "note"),
    [("list", ""), ("set 1", ": what was under way may be done or not")],
)
def test_an_interrupt_is_told(data_dir: Path, words: str, note: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = (f"127.0.0.1:{silent.getsockname()[1]}", "--id", "5")
        with start_v380(data_dir, "preset", *where, *words.split()) as process:
            silent.settimeout(TIMEOUT_S)
            with silent.accept()[0] as peer:
                peer.recv(1)
                process.send_signal(signal.SIGINT)
                _, talk = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, talk) == (130, f"interrupted{note}\n")


def test_a_name_that_is_none_sets_nothing(porch: SimulatedCamera, v380: V380) -> None:
    assert v380("preset", "porch", "set", "1", "--name", "x" * 33).code == 2
    assert porch.controls.state.presets == {}


@pytest.fixture
def yard() -> Iterator[OnvifDesk]:
    """A camera that is reached by ONVIF, and tells its positions.

    At an address of its own, since ONVIF is looked for at one port.
    """
    host = f"127.77.{random.randrange(1, 255)}.{random.randrange(1, 255)}"
    desk = OnvifDesk(12345678, extras=OnvifExtras(presets={"4": "gate"}))
    with OnvifServer(desk, host):
        add_to_list(Device(name="yard", host=host, via=Via.RTSP))
        yield desk


def test_positions_by_onvif_are_those_that_the_camera_tells(yard: OnvifDesk, v380: V380) -> None:
    assert yard.extras
    done = v380("preset", "yard", "set", "street", "--json")
    assert done.json[0] == {
        "device": "yard",
        "control": "preset set street",
        "sent": True,
        "confirmed": True,
        "via": "onvif",
    }
    assert v380("preset", "yard", "list", "--json").json[0] == {
        "device": "yard",
        "room": None,
        "presets": [
            {"number": 4, "name": "gate", "stored": None, "token": "4"},
            {"number": 2, "name": "street", "stored": None, "token": "2"},
        ],
        "via": "onvif",
    }
    assert v380("preset", "yard", "list").out == "4\tgate\n2\tstreet\n"
    assert v380("preset", "yard", "go", "gate", "--json").json[0]["via"] == "onvif"
    assert yard.extras.visited == ["4"]
    assert v380("preset", "yard", "delete", "gate").code == 0
    assert list(yard.extras.presets) == ["2"]
    done = v380("preset", "yard", "go", "gate")
    assert (done.code, "is not a position of the camera" in done.err) == (2, True)


def test_a_camera_whose_onvif_knows_no_positions_is_not_able(yard: OnvifDesk, v380: V380) -> None:
    yard.extras = None  # as the recorded one
    for words in ("list", "go 1", "set 1", "delete 1"):
        done = v380("preset", "yard", *words.split(), "--json")
        assert (done.code, done.json["error"]["code"]) == (7, "not_able"), words


def test_the_picture_is_black_and_white_by_onvif(yard: OnvifDesk, v380: V380) -> None:
    assert yard.extras
    done = v380("image", "yard", "bw", "--json")
    assert (done.code, done.json[0]["via"]) == (0, "onvif")
    assert yard.extras.ir_cut_filter == "OFF"
    assert v380("image", "yard", "flip").code == 7


def test_a_position_that_one_of_several_lacks_moves_none(
    porch: SimulatedCamera, v380: V380
) -> None:
    assert v380("preset", "porch", "set", "3", "--name", "gate").code == 0
    add_to_list(Device(name="hall", device_id=2, host="127.0.0.9"))
    done = v380("preset", "go", "-d", "porch", "-d", "hall", "gate")
    assert done.code == 2
    assert "'gate' is not a position of hall" in done.err
    assert not porch.controls.obeyed
