"""`v380 ptz`, `light`, `image`, `zoom` and `track`: words, documents, exit codes, the way taken."""

import contextlib
import json
import os
import pty
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    PASSWORD,
    SMALL,
    TIMEOUT_S,
    add_to_list,
    address_args,
    find_closed_port,
    make_device,
    open_camera,
    open_cameras,
    start_v380,
    wait_until,
)
from tests.shapes import read_line
from v380cli.camera.access import Access
from v380cli.camera.control import open_controls
from v380cli.camera.recorder import Recorder
from v380cli.models import Device, Secret
from v380cli.net.control_socket import ask, list_sockets
from v380cli.simulator.camera import ALL_ABILITIES, VARIANTS, Pace
from v380cli.simulator.control_desk import Position
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.sinks.pipe import PipeSink
from v380cli.store.database import open_device_list
from v380cli.store.paths import find_run_dir
from v380cli.wire.abilities import Light
from v380cli.wire.control import (
    HELD_STEP,
    PTZ_STOP,
    ColorControl,
    Control,
    LightControl,
    LightSensitivityControl,
    Orientation,
    OrientationControl,
    PtzDirection,
    TrackingControl,
    ZoomControl,
    make_ptz,
)
from v380cli.work.sharing import find_remote, offer_controls

V380 = Callable[..., Done]
D = PtzDirection


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("V380_PASSWORD", PASSWORD)
    return tmp_path


@contextlib.contextmanager
def open_porch(*faults: str, **changes: Any) -> Iterator[SimulatedCamera]:
    """A camera of the list, `porch`, that sends as fast as real ones do."""
    with open_camera(*faults, **{"pace": Pace.CAMERA, **changes}) as camera:
        add_to_list(make_device(camera, "porch"))
        yield camera


@pytest.fixture
def porch() -> Iterator[SimulatedCamera]:
    with open_porch() as camera:
        yield camera


def wait_for(camera: SimulatedCamera, count: int = 1) -> list[Control]:
    wait_until(lambda: len(camera.controls.obeyed) >= count)
    return list(camera.controls.obeyed)


COMMANDS: dict[str, list[Control]] = {
    "ptz porch left --steps 3": [make_ptz(D.LEFT, 3)],
    "ptz porch down-right": [make_ptz(D.DOWN_RIGHT)],
    "ptz porch stop": [PTZ_STOP],
    "light porch on": [LightControl(switch=1001)],
    "light -d porch auto --brightness 80": [LightControl(switch=1003, brightness=80)],
    "light porch off --sensitivity high": [
        LightControl(switch=1002),
        LightSensitivityControl(sensitivity=3),
    ],
    "light porch --sensitivity low": [LightSensitivityControl(sensitivity=1)],
    "image porch color": [ColorControl(switch=1001)],
    "image porch bw": [ColorControl(switch=1002)],
    "image porch auto": [ColorControl(switch=1003)],
    "image porch flip": [OrientationControl(orientation=Orientation.REVERSE)],
    "image porch left": [OrientationControl(orientation=Orientation.LEFT)],
    "zoom porch in --steps 2": [ZoomControl(direction=1000, step=2)],
    "zoom porch out": [ZoomControl(direction=1001)],
    "track porch on": [TrackingControl(state=1100)],
    "track porch off": [TrackingControl(state=1101)],
    "track porch home": [TrackingControl(action=1001)],
}


def test_every_command_sends_its_packets(porch: SimulatedCamera, v380: V380) -> None:
    for line, controls in COMMANDS.items():
        porch.controls.obeyed.clear()
        done = v380(*line.split())
        assert (done.code, done.err) == (0, ""), line
        assert wait_for(porch, len(controls)) == controls, line


def test_the_document(porch: SimulatedCamera, v380: V380) -> None:
    done = v380("ptz", *address_args(porch), "left", "--steps", "3", "--json")
    assert done.json == [
        {"device": "porch", "control": "ptz left 3", "sent": True, "via": "own connection"}
    ]
    assert v380("light", "porch", "on").out == "porch: light on, sent\n"


def test_a_camera_that_is_not_in_the_list(v380: V380) -> None:
    with open_camera(pace=Pace.CAMERA) as camera:
        done = v380("light", *address_args(camera), "on", "--json")
        assert (done.code, done.json[0]["device"]) == (0, str(camera.spec.device_id))
        assert wait_for(camera) == [LightControl(switch=1001)]


def test_an_ability_that_lacks_is_exit_7_and_force_sends_it(v380: V380) -> None:
    with open_porch(abilities=replace(ALL_ABILITIES, zoom=0)) as camera:
        done = v380("zoom", "porch", "in", "--json")
        assert done.code == 7
        assert done.json["error"]["code"] == "not_able"
        assert "no zoom" in done.json["error"]["message"]
        assert "--force" in done.json["error"]["hint"]
        assert not camera.sent_access_units, "no stream was opened"
        assert v380("zoom", "porch", "in", "--force").code == 0


def test_an_old_camera_that_says_nothing_of_its_light(v380: V380) -> None:
    legacy = VARIANTS["legacy"]
    with open_porch(accepts=legacy.accepts, device_version=legacy.device_version) as camera:
        assert v380("light", "porch", "on").code == 0
        assert wait_for(camera)
        assert camera.controls.tell_abilities().light == Light.ON


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ptz porch", "say left, right"),
        ("ptz porch lfet", "did you mean 'left'?"),
        ("ptz left", "name a camera"),
        ("ptz porch left --steps 6", "1 to 5"),
        ("ptz porch left --steps 2 --for 2s", "not both"),
        ("ptz porch stop --for 2s", "neither"),
        ("ptz porch --calibrate", "nobody is here"),
        ("ptz porch --calibrate --steps 2", "one step of its own"),
        ("light porch", "on, off or auto"),
        ("light porch dim", "on, off or auto"),
        ("light porch --brightness 5", "on, off or auto"),
        ("light porch on --brightness 0", "1 to 255"),
        ("image porch sepia", "color, bw, auto, flip"),
        ("zoom porch", "in or out"),
        ("track porch maybe", "on, off or home"),
    ],
)
def test_a_mistake_is_exit_2_before_anything_is_asked(line: str, words: str, v380: V380) -> None:
    done = v380(*line.split(), "--json")
    assert done.code == 2
    assert words in done.json["error"]["message"]


def test_other_ends(v380: V380) -> None:
    add_to_list(Device(name="porch", device_id=7, host="127.0.0.1", port=find_closed_port()))
    assert v380("light", "porch", "on").code == 4
    assert v380("light", "nobody", "on").code == 3


def test_a_wrong_password(porch: SimulatedCamera, v380: V380) -> None:
    with open_device_list() as devices:
        devices.write_password("porch", Secret("wrong"))
    assert v380("light", "porch", "on").code == 5


def test_the_password_is_in_nothing_that_is_written(
    porch: SimulatedCamera, v380: V380, folder: Path
) -> None:
    done = v380("-vv", "--log-file", "log", "ptz", "porch", "up")
    assert done.code == 0
    log = (folder / "log").read_text(encoding="utf-8")
    assert "connection of our own" in log
    assert PASSWORD not in done.out + done.err + log


class TestSeveral:
    """A group, or some names: one after the other, with a list of results."""

    @pytest.fixture
    def cameras(self) -> Iterator[list[SimulatedCamera]]:
        no_light = replace(ALL_ABILITIES, light=0)
        slow = replace(SMALL, pace=Pace.CAMERA)
        with open_cameras(slow, replace(slow, device_id=11, abilities=no_light)) as cameras:
            for camera, name in zip(cameras, ("front", "yard"), strict=True):
                add_to_list(make_device(camera, name), "home")
            yield cameras

    def test_all_of_them(self, cameras: list[SimulatedCamera], v380: V380) -> None:
        done = v380("track", "front", "yard", "on", "--json")
        assert (done.code, [d["sent"] for d in done.json]) == (0, [True, True])
        for camera in cameras:
            assert wait_for(camera) == [TrackingControl(state=1100)]

    @pytest.mark.parametrize("words", [("light", "--all", "on"), ("--all", "light", "on")])
    def test_the_whole_list(
        self, cameras: list[SimulatedCamera], v380: V380, words: tuple[str, ...]
    ) -> None:
        assert [d["device"] for d in v380(*words, "--json").json] == ["front", "yard"]

    def test_all_that_fail_alike_have_their_own_exit_code(
        self, cameras: list[SimulatedCamera], v380: V380
    ) -> None:
        done = v380("light", "yard", "on", "--json")
        assert (done.code, done.json["error"]["code"]) == (7, "not_able")

    def test_some_of_them_is_exit_10(self, cameras: list[SimulatedCamera], v380: V380) -> None:
        done = v380("light", "@home", "on", "--json")
        assert done.code == 10
        assert [(d["device"], d["sent"], d["via"]) for d in done.json] == [
            ("front", True, "own connection"),
            ("yard", False, None),
        ]
        assert done.json[1]["error"]["code"] == "not_able"
        assert "1 of 2 cameras failed" in done.err

    def test_one_after_the_other_in_lines(self, cameras: list[SimulatedCamera], v380: V380) -> None:
        assert v380("light", "@home", "off").out.splitlines() == [
            "front: light off, sent",
            "yard: not sent: the camera says that it has no light",
        ]


class TestLeftAndRight:
    """Cameras that have them the other way are told so, once it is known."""

    @pytest.fixture
    def porch(self) -> Iterator[SimulatedCamera]:
        with open_porch(swapped_ptz=True) as camera:
            yield camera

    def test_without_a_person(self, porch: SimulatedCamera, v380: V380) -> None:
        done = v380("ptz", "porch", "--calibrate", "swapped", "--json")
        assert done.json == [{"device": "porch", "ptz_swapped": True}]
        v380("ptz", "porch", "up-left", "--steps", "2")
        wait_for(porch)
        assert porch.controls.state.position == Position(pan=-2, tilt=2)
        assert v380("devices", "show", "porch", "--json").json["ptz_swapped"] is True
        assert "left and right\tswapped" in v380("devices", "show", "porch").out
        v380("ptz", "porch", "--calibrate", "normal")
        assert v380("devices", "show", "porch", "--json").json["ptz_swapped"] is False

    def test_it_goes_with_the_list(self, porch: SimulatedCamera, v380: V380, folder: Path) -> None:
        v380("ptz", "porch", "--calibrate", "swapped")
        for kind in ("json", "csv", "toml"):
            v380("devices", "export", f"list.{kind}")
            v380("devices", "remove", "porch", "--yes")
            assert v380("devices", "import", f"list.{kind}").code == 0
            assert v380("devices", "show", "porch", "--json").json["ptz_swapped"] is True

    @pytest.mark.parametrize(
        ("answer", "code", "swapped"), [("right", 0, True), ("left", 0, False), ("", 2, False)]
    )
    def test_a_person_is_asked(
        self, porch: SimulatedCamera, data_dir: Path, answer: str, code: int, swapped: bool
    ) -> None:
        person, terminal = pty.openpty()
        try:
            with start_v380(data_dir, "ptz", "porch", "--calibrate", stdin=terminal) as process:
                os.write(person, f"{answer}\n".encode())
                _, err = process.communicate(timeout=TIMEOUT_S)
        finally:
            os.close(person)
            os.close(terminal)
        assert process.returncode == code, err
        assert "where did it turn" in err
        assert wait_for(porch) == [make_ptz(D.LEFT)]
        with open_device_list() as devices:
            assert devices.list_devices()[0].device.ptz_swapped is swapped

    def test_a_camera_that_is_in_no_list(self, porch: SimulatedCamera, v380: V380) -> None:
        assert v380("ptz", "127.0.0.1:9", "--calibrate", "swapped").code == 3


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_turn_is_stopped(
    porch: SimulatedCamera, data_dir: Path, number: signal.Signals, code: int
) -> None:
    with start_v380(data_dir, "ptz", "porch", "left", "--for", "1h", "--json") as process:
        wait_for(porch, 2)
        process.send_signal(number)
        out, talk = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, talk) == (code, "interrupted: the camera was told to stop\n")
    assert json.loads(out)[0]["sent"] is True
    wait_until(lambda: PTZ_STOP in porch.controls.obeyed)
    *turns, last = porch.controls.obeyed
    assert set(turns) == {make_ptz(D.LEFT, HELD_STEP)}
    assert last == PTZ_STOP


class TestThroughARecorder:
    """A camera that serves one viewer is controlled through that viewer."""

    @pytest.fixture
    def porch(self) -> Iterator[SimulatedCamera]:
        abilities = replace(ALL_ABILITIES, zoom=0)
        with open_porch(max_viewers=1, abilities=abilities, swapped_ptz=True) as camera:
            yield camera

    @pytest.fixture
    def recording(self, porch: SimulatedCamera, data_dir: Path) -> Iterator[Any]:
        with start_v380(data_dir, "record", "porch", "--output", "clip.mp4") as process:
            wait_until(lambda: find_remote(make_device(porch), force=False) is not None)
            yield process
            process.send_signal(signal.SIGINT)
            process.wait(TIMEOUT_S)

    def test_record_passes_controls_on(
        self, recording: Any, porch: SimulatedCamera, v380: V380, folder: Path
    ) -> None:
        v380("ptz", "porch", "--calibrate", "swapped")
        done = v380("ptz", "porch", "left", "--steps", "2", "--json")
        assert (done.code, done.json[0]["via"]) == (0, "recorder")
        wait_for(porch)
        assert porch.controls.state.position == Position(pan=-2), "swapped once, not twice"
        done = v380("-v", "light", "porch", "on", "--sensitivity", "high")
        assert done.out.endswith(", sent\n")
        assert "through the command that has its stream open" in done.err
        wait_for(porch, 3)
        assert v380("ptz", "porch", "up", "--for", "0.5s").code == 0
        wait_until(lambda: PTZ_STOP in porch.controls.obeyed)
        recording.send_signal(signal.SIGINT)
        assert recording.wait(TIMEOUT_S) == 130
        assert list(find_run_dir().iterdir()) == [], "its socket has gone"
        assert (folder / "clip.mp4").stat().st_size > 0
        assert v380("light", "porch", "off", "--json").json[0]["via"] == "own connection"

    def test_what_lacks_is_refused_on_that_side(
        self, recording: Any, porch: SimulatedCamera, v380: V380
    ) -> None:
        done = v380("zoom", "porch", "in", "--json")
        assert (done.code, done.json["error"]["code"]) == (7, "not_able")
        assert "--force" in done.json["error"]["hint"]
        done = v380("zoom", "porch", "in", "--force", "--json")
        assert (done.code, done.json[0]["via"]) == (0, "recorder")

    def test_a_recorder_that_was_killed_is_gone_round(
        self, recording: Any, porch: SimulatedCamera, v380: V380
    ) -> None:
        recording.kill()
        recording.wait(TIMEOUT_S)
        wait_until(lambda: porch.viewers == 0)
        assert len(list(find_run_dir().iterdir())) == 1
        assert v380("light", "porch", "on", "--json").json[0]["via"] == "own connection"
        assert list(find_run_dir().iterdir()) == []

    def test_one_that_is_not_linked_is_gone_round(self, porch: SimulatedCamera, v380: V380) -> None:
        with Path(os.devnull).open("wb") as null:
            recorder = Recorder(Access(make_device(porch)), PipeSink(null.fileno(), "nowhere"))
            assert recorder.state == "connecting"
            with offer_controls(recorder):
                assert len(list(find_run_dir().iterdir())) == 1
                done = v380("light", "porch", "on", "--json")
        assert (done.code, done.json[0]["via"]) == (0, "own connection")

    def test_one_that_has_another_camera_of_that_id_is_gone_round(
        self, recording: Any, porch: SimulatedCamera
    ) -> None:
        elsewhere = replace(make_device(porch), port=9)
        assert find_remote(elsewhere, force=False) is None

    def test_nothing_but_controls_is_passed_on(
        self, recording: Any, porch: SimulatedCamera
    ) -> None:
        (path,) = list_sockets(find_run_dir(), str(porch.spec.device_id))
        request = {"version": 1, "address": make_device(porch).address, "force": True}
        for control in ("00" * 16, "aa" * 300, "aa000000", "no hex", 7):
            reply = ask(path, {**request, "control": control})
            assert reply is None or reply["code"] in ("usage", "protocol_remote"), control
        reply = ask(path, {**request, "control": "", "version": 2})
        assert reply is not None
        assert reply["code"] == "usage"
        assert not porch.controls.obeyed


def test_a_folder_that_others_can_use_takes_no_socket_and_harms_no_recording(
    porch: SimulatedCamera, data_dir: Path
) -> None:
    data_dir.chmod(0o755)
    with (
        Path(os.devnull).open("wb") as null,
        offer_controls(Recorder(Access(make_device(porch)), PipeSink(null.fileno(), "nowhere"))),
    ):
        assert not find_run_dir().exists()


def test_simulate_has_cameras_that_lack_something(data_dir: Path, v380: V380) -> None:
    assert v380("simulate", "--without", "wings").code == 2
    words = ("--port", "0", "--size", "192x128", "--json", "--without", "zoom", "--viewers", "1")
    with start_v380(data_dir, "-v", "simulate", *words, "--swapped-ptz") as process:
        assert process.stdout
        camera = read_line(process.stdout.readline(), "simulate")["cameras"][0]
        target = (camera["address"], "--id", str(camera["id"]))
        assert v380("zoom", *target, "in").code == 7
        device = Device(device_id=camera["id"], host=camera["host"], port=camera["port"])
        with open_controls(Access(replace(device, password=Secret(PASSWORD))), [], force=False):
            assert v380("ptz", *target, "left").code == 7, "it is busy"
        assert v380("ptz", *target, "left").code == 0
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=TIMEOUT_S)
    assert "ptz left 1" in err
