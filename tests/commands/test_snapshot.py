"""`v380 snapshot` as a person and as scripts meet it."""

import datetime as dt
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.cli import make_environment
from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    PASSWORD,
    SMALL,
    add_to_list,
    address_args,
    find_closed_port,
    make_device,
    open_camera,
    open_cameras,
    start_v380,
    wait_until,
)
from tests.warm import V380, run_process
from v380cli.camera import retry as retry_room
from v380cli.camera.snapshot import SnapshotReport
from v380cli.commands.snapshot import _Report
from v380cli.media.sink import Codec
from v380cli.models import Device, Secret
from v380cli.simulator.camera import Pace
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.picture import TestCard as Card
from v380cli.store.database import open_device_list
from v380cli.work.pictures import Snapshot

Run = Callable[..., Done]
PROCESS_TIMEOUT_S = 60.0  # for a picture, on a machine where every core is busy
KINDS = {"a.jpg": "JPEG", "a.jpeg": "JPEG", "a.png": "PNG", "a.webp": "WEBP"}
KEYS = {
    "device": str,
    "path": str,
    "width": int,
    "height": int,
    "codec": str,
    "size_bytes": int,
    "taken_at": str,
    "seconds": float,
    "via": str,
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pictures land, with the password at hand."""
    path = tmp_path / "pictures"
    path.mkdir()
    monkeypatch.chdir(path)
    monkeypatch.setenv("V380_PASSWORD", PASSWORD)
    return path


@pytest.fixture
def pair() -> Iterator[list[SimulatedCamera]]:
    """Two cameras of the device list, `front` and `Küche`, in the group `home`."""
    with open_cameras(SMALL, replace(SMALL, device_id=11, codec=Codec.HEVC)) as cameras:
        for camera, name in zip(cameras, ("front", "Küche"), strict=True):
            add_to_list(make_device(camera, name), "home")
        yield cameras


def list_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def describe(picture: Path | bytes) -> tuple[str, tuple[int, int]]:
    """Its format and size, as PIL has them; the whole picture is decoded."""
    from PIL import Image

    with Image.open(io.BytesIO(picture) if isinstance(picture, bytes) else picture) as image:
        image.load()
        return str(image.format), image.size


@pytest.mark.parametrize("name", KINDS)
def test_the_name_says_what_kind_of_picture(v380: Run, folder: Path, name: str) -> None:
    with open_camera() as camera:
        done = v380("snapshot", *address_args(camera), "-o", name)
    path, size, size_bytes, codec, seconds = done.out.removesuffix("\n").split("\t")
    assert (done.code, done.err, list_names(folder)) == (0, "", [name])
    assert describe(folder / name) == (KINDS[name], (192, 128))
    assert (path, size, codec) == (name, "192x128", "h264")
    assert re.fullmatch(r"[\d.]+ k?B", size_bytes)
    assert re.fullmatch(r"\d+\.\d\d s", seconds)


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
@pytest.mark.parametrize("device_version", [31, 20], ids=["encrypted", "clear"])
def test_the_picture_is_what_the_camera_sees(
    v380: Run, folder: Path, codec: Codec, device_version: int
) -> None:
    from PIL import Image

    clock = dt.time(0)
    card = Card(width=192, height=128, loop_s=1.2, device_id=1, clock=clock)
    with open_camera(codec=codec, device_version=device_version) as camera:
        done = v380("snapshot", *address_args(camera), "-o", "a.png")
    shown = np.asarray(Image.open(folder / "a.png")).astype(int)
    bars = slice(4, 24)  # above the clock
    assert done.code == 0
    assert np.abs(shown[bars] - card.draw(0)[bars]).mean() < 8


def test_the_document_is_that_of_the_contract(v380: Run, folder: Path) -> None:
    with open_camera() as camera:
        (document,) = v380("snapshot", *address_args(camera), "-o", "a.jpg", "--json").json
    assert {key: type(value) for key, value in document.items()} == KEYS
    assert (document["device"], document["path"], document["codec"]) == (
        "87654321",
        "a.jpg",
        "h264",
    )
    assert (document["width"], document["height"]) == (192, 128)
    assert document["size_bytes"] == (folder / "a.jpg").stat().st_size
    taken_at = dt.datetime.fromisoformat(document["taken_at"])
    assert abs(dt.datetime.now(dt.UTC) - taken_at) < dt.timedelta(minutes=2)


def test_without_a_name_it_gets_one_and_goes_over_nothing(v380: Run, folder: Path) -> None:
    with open_camera() as camera:
        add_to_list(make_device(camera, "front"))
        for _ in range(3):
            assert v380("snapshot", "front", "--format", "png").code == 0
    names = list_names(folder)
    assert len(names) == 3
    assert all(re.fullmatch(r"front-\d{8}-\d{6}(-\d)?\.png", name) for name in names)


def test_sd_is_the_smaller_stream_and_can_be_remembered(v380: Run, folder: Path) -> None:
    with open_camera() as camera:
        add_to_list(make_device(camera, "front"))
        v380("snapshot", "front", "-o", "sd.png", "--quality", "sd")
        v380("devices", "edit", "front", "--quality", "sd")
        v380("snapshot", "front", "-o", "also.png")
        v380("snapshot", "front", "-o", "hd.png", "--quality", "hd")
    sizes = [describe(folder / f"{name}.png")[1] for name in ("sd", "also", "hd")]
    assert sizes == [(96, 64), (96, 64), (192, 128)]


def test_the_log_in_that_worked_is_remembered(v380: Run) -> None:
    with open_camera() as camera:
        add_to_list(make_device(camera, "front"))
        v380("snapshot", "front")
    with open_device_list() as devices:
        record = devices.find_by_name("front")
    assert record
    assert record.device.login_variant


@pytest.mark.parametrize(
    ("fault", "code", "word"),
    [
        ("wrong-password", 5, "credentials_refused"),
        ("unsupported", 6, "unsupported_firmware"),
        ("wrong-id", 7, "device_id_refused"),
        ("busy", 7, "busy"),
        ("hang-up", 4, "network"),
    ],
)
def test_a_failure_has_its_exit_code(
    v380: Run, folder: Path, fault: str, code: int, word: str
) -> None:
    with open_camera(fault) as camera:
        done = v380("snapshot", *address_args(camera), "-o", "a.jpg", "--json")
        plain = v380("snapshot", *address_args(camera), "-o", "a.jpg")
    assert (done.code, plain.code, plain.out) == (code, code, "")
    assert done.json["error"]["code"] == word
    assert f"v380: {done.json['error']['message']}" in plain.err
    assert PASSWORD not in done.out + done.err + plain.err
    assert list_names(folder) == []


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["-o", "a.bmp"], r"\.bmp"),
        (["-o", "a.jpg", "--format", "png"], "png"),
        (["-o", "{nonsense}.jpg"], "nonsense"),
        (["--count", "3"], "--every"),
        (["--duration", "3"], "--every"),
        (["--every", "1", "--grid"], "--grid"),
        (["--every", "1", "-o", "-"], "standard output"),
        (["--json", "-o", "-"], "standard output"),
        (["--every", "soon"], "soon"),
        (["--every", "1", "--count", "0"], "0"),
    ],
)
def test_what_cannot_be_meant_is_told_before_the_camera_is_asked(
    v380: Run, folder: Path, args: list[str], word: str
) -> None:
    nobody = Device(name="off", device_id=5, host="127.0.0.1", port=find_closed_port())
    add_to_list(nobody)
    done = v380("snapshot", "off", *args)
    assert done.code == 2
    assert re.search(word, done.out + done.err)
    assert list_names(folder) == []


def test_a_folder_that_cannot_be_made(v380: Run, folder: Path) -> None:
    (folder / "file").touch()
    with open_camera() as camera:
        done = v380("snapshot", *address_args(camera), "-o", "file/under/a.jpg", "--json")
    assert (done.code, done.json["error"]["code"]) == (9, "storage")


# -- standard output -------------------------------------------------------------------------


def run_binary(
    data_dir: Path, *args: str, stdout: int = subprocess.PIPE
) -> "subprocess.CompletedProcess[bytes]":
    environment = make_environment(data_dir, {"V380_PASSWORD": PASSWORD})
    return run_process([*V380, "snapshot", *args], env=environment, stdout=stdout, text=False)


@pytest.mark.parametrize("extra", [["--format", "png"], ["--format", "png", "--grid"]])
def test_a_pipe_gets_the_picture_and_nothing_else(
    data_dir: Path, folder: Path, extra: list[str]
) -> None:
    with open_camera() as camera:
        done = run_binary(data_dir, *address_args(camera), "-o", "-", *extra)
    assert (done.returncode, done.stderr, list_names(folder)) == (0, b"", [])
    assert describe(done.stdout)[0] == "PNG"
    assert done.stdout.endswith(b"IEND\xaeB`\x82")


def test_a_terminal_gets_no_picture(data_dir: Path) -> None:
    ours, theirs = pty.openpty()
    nobody = ("127.0.0.1:" + str(find_closed_port()), "--id", "5")
    with os.fdopen(ours, "rb", buffering=0), os.fdopen(theirs, "wb", buffering=0):
        done = run_binary(data_dir, *nobody, "-o", "-", stdout=theirs)
    assert done.returncode == 2
    assert b"terminal" in done.stderr


def test_a_place_that_takes_no_more(data_dir: Path) -> None:
    with open_camera() as camera, Path("/dev/full").open("wb", buffering=0) as full:
        done = run_binary(data_dir, *address_args(camera), "-o", "-", stdout=full.fileno())
    assert done.returncode == 9
    assert done.stderr.startswith(b"v380: cannot write standard output: ")


def test_a_reader_that_has_gone_ends_it_quietly(data_dir: Path) -> None:
    with (
        open_camera() as camera,
        start_v380(data_dir, "snapshot", *address_args(camera), "-o", "-") as process,
    ):
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert (process.stderr.read(), process.wait(PROCESS_TIMEOUT_S)) == ("", 0)


def test_a_camera_with_a_long_keyframe_interval_is_not_waited_for(v380: Run, folder: Path) -> None:
    """It begins a stream with a keyframe."""
    with open_camera(pace=Pace.CAMERA, gop_s=10.0, loop_s=10.0) as camera:
        (document,) = v380("snapshot", *address_args(camera), "-o", "a.jpg", "--json").json
    assert document["seconds"] < 8


def test_a_camera_that_hangs_up_is_told_of_once(data_dir: Path) -> None:
    with open_camera("hang-up@frame:0") as camera:
        done = run_binary(data_dir, *address_args(camera), "-o", "a.jpg")
    assert (done.returncode, done.stderr) == (4, b"v380: the camera hung up\n")


def test_several_cameras_are_too_many_for_one_file(v380: Run, pair: object) -> None:
    for output in ("-", "a.jpg"):
        done = v380("snapshot", "--all", "-o", output)
        assert done.code == 2
        assert "--grid" in done.err


# -- several cameras -------------------------------------------------------------------------


@pytest.mark.parametrize("args", [["--all"], ["@home"], ["-d", "front", "--device", "11"]])
def test_several_cameras_at_once(v380: Run, pair: object, folder: Path, args: list[str]) -> None:
    done = v380("snapshot", *args, "-o", "{name}.png", "--json")
    assert (done.code, done.err) == (0, "")
    assert {p["device"]: p["path"] for p in done.json} == {
        "front": "front.png",
        "Küche": "Küche.png",
    }
    assert [picture["codec"] for picture in done.json] in (["h264", "hevc"], ["hevc", "h264"])
    assert list_names(folder) == ["Küche.png", "front.png"]


def test_one_of_several_refuses(v380: Run, pair: list[SimulatedCamera], folder: Path) -> None:
    pair[1].set_password(Secret("another"))
    done = v380("snapshot", "--all", "-o", "{name}.png", "--json")
    errors = [entry["error"]["code"] for entry in done.json if "error" in entry]
    assert (done.code, errors) == (10, ["credentials_refused"])
    assert "Küche" in done.err
    assert list_names(folder) == ["front.png"]
    plain = v380("snapshot", "--all", "-o", "{name}.png")
    assert (plain.code, plain.out.split("\t")[0]) == (10, "front.png")


def test_all_of_several_refuse(v380: Run, pair: list[SimulatedCamera], folder: Path) -> None:
    for camera in pair:
        camera.set_password(Secret("another"))
    for extra in ([], ["--grid"]):
        done = v380("snapshot", "--all", "--json", *extra)
        assert (done.code, done.json["error"]["code"]) == (5, "credentials_refused")
        assert "front" in done.json["error"]["message"]
    assert list_names(folder) == []


def test_a_grid_is_one_picture_of_all(v380: Run, pair: object, folder: Path) -> None:
    done = v380("snapshot", "--all", "--grid", "-o", "wall.webp", "--json")
    assert (done.code, done.err, list_names(folder)) == (0, "", ["wall.webp"])
    kind, (width, height) = describe(folder / "wall.webp")
    assert kind == "WEBP"
    assert width > 2 * height
    assert {picture["device"] for picture in done.json} == {"front", "Küche"}
    assert {picture["path"] for picture in done.json} == {"wall.webp"}
    assert {picture["width"] for picture in done.json} == {192}
    assert {p["size_bytes"] for p in done.json} == {(folder / "wall.webp").stat().st_size}


def test_a_grid_has_a_tile_for_the_camera_that_failed(
    v380: Run, pair: list[SimulatedCamera], folder: Path
) -> None:
    whole = v380("snapshot", "front", "--grid", "-o", "one.png")
    pair[1].set_password(Secret("another"))
    done = v380("snapshot", "--all", "--grid")
    assert re.fullmatch(r"one\.png\t[\d.]+ k?B\t1 of 1\n", whole.out)
    assert re.fullmatch(r"cameras-\d{8}-\d{6}\.jpg\t[\d.]+ k?B\t1 of 2\n", done.out)
    (sheet,) = set(list_names(folder)) - {"one.png"}
    assert done.code == 10
    assert re.fullmatch(r"cameras-\d{8}-\d{6}\.jpg", sheet)
    assert describe(folder / sheet)[1][0] > 2 * describe(folder / sheet)[1][1]
    assert "Küche" in done.err


# -- time lapse ------------------------------------------------------------------------------


def test_a_time_lapse_tells_each_picture_when_it_is_there(v380: Run, folder: Path) -> None:
    with open_camera() as camera:
        args = ("--every", "0.2", "--count", "3", "-o", "lapse/{time}.jpg")
        done = v380("snapshot", *address_args(camera), *args)
    told = [Path(line.split("\t")[0]) for line in done.out.splitlines()]
    assert (done.code, done.err, len(told)) == (0, "", 3)
    assert sorted(told) == sorted(Path("lapse", name) for name in list_names(folder / "lapse"))


def test_a_named_file_has_always_the_latest(v380: Run, folder: Path) -> None:
    with open_camera() as camera:
        args = ("--every", "0.2", "--count", "3", "-o", "door.jpg", "--json")
        done = v380("snapshot", *address_args(camera), *args)
    assert (done.code, list_names(folder)) == (0, ["door.jpg"])
    assert [picture["path"] for picture in done.json] == ["door.jpg"] * 3
    assert done.json[-1]["size_bytes"] == (folder / "door.jpg").stat().st_size


def test_a_lost_link_does_not_end_a_time_lapse(v380: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry_room, "FIRST_RETRY_S", 0.01)
    with open_camera("hang-up@0.5s*1", pace=Pace.CAMERA) as camera:
        args = ("--every", "0.3", "--count", "3", "-o", "{time}.jpg")
        done = v380("snapshot", *address_args(camera), *args)
    assert (done.code, len(done.out.splitlines())) == (0, 3)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_time_lapse_and_keeps_what_is_there(
    data_dir: Path, folder: Path, number: signal.Signals
) -> None:
    with open_camera(pace=Pace.CAMERA) as camera:
        args = [*address_args(camera), "--every", "0.3", "--json"]
        with start_v380(data_dir, "snapshot", *args) as process:
            wait_until(lambda: len(list(folder.glob("*.jpg"))) >= 2)
            process.send_signal(number)
            out, talk = process.communicate(timeout=PROCESS_TIMEOUT_S)
    assert (process.returncode, talk) == (128 + number, "")
    assert sorted(picture["path"] for picture in json.loads(out)) == list_names(folder)


def test_a_signal_before_the_first_picture(data_dir: Path, folder: Path) -> None:
    with (
        open_camera("silence") as camera,
        start_v380(data_dir, "snapshot", *address_args(camera), "--json") as process,
    ):
        wait_until(lambda: bool(camera.sent_access_units))
        process.send_signal(signal.SIGINT)
        out, talk = process.communicate(timeout=PROCESS_TIMEOUT_S)
    assert (process.returncode, json.loads(out), talk) == (130, [], "interrupted\n")
    assert list_names(folder) == []


def test_help_loads_nothing_heavy(data_dir: Path) -> None:
    probe = (
        "import sys\nfrom v380cli.app import main\nsys.argv = ['v380', 'snapshot', '--help']\n"
        "try: main()\nfinally: sys.stderr.write(' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe],
        env=make_environment(data_dir),
        capture_output=True,
        text=True,
        timeout=PROCESS_TIMEOUT_S,
        check=True,
    )
    modules = {name.partition(".")[0] for name in done.stderr.split()}
    assert "typer" in modules
    assert modules & {"av", "numpy", "PIL", "cv2"} == set()


def test_a_camera_that_was_found_on_the_way_keeps_its_place() -> None:
    asked = Device(host="127.0.0.1")
    report = _Report(is_told_at_once=False)
    report.note(
        Snapshot(
            device=asked,
            path=Path("a.jpg"),
            width=1,
            height=1,
            codec="h264",
            size_bytes=1,
            taken_at=dt.datetime.now().astimezone(),
            seconds=1.0,
            via="lan",
        )
    )
    found = SnapshotReport(device=replace(asked, device_id=7), count=1, error=None)
    assert [each["device"] for each in report.to_json([asked], [found])] == [asked.label]
