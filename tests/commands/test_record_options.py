"""What the options of `v380 record` take: durations, outputs, containers; and what they refuse."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import typer

from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    PASSWORD,
    SMALL,
    add_to_list,
    address_args,
    make_device,
    open_camera,
    open_cameras,
)
from v380cli.commands._options import parse_duration, parse_period
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.sinks.probe import probe_file

V380 = Callable[..., Done]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("V380_PASSWORD", PASSWORD)
    return tmp_path


@pytest.fixture
def front() -> Iterator[SimulatedCamera]:
    """A camera of the device list."""
    with open_camera() as camera:
        add_to_list(make_device(camera, "Front door"))
        yield camera


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("10m", 600),
        ("1h30m", 5400),
        ("1H30M", 5400),
        ("1h5", 3605),
        ("2d", 172800),
        ("1d2h3m4s", 93784),
        ("0.5", 0.5),
        ("1.5h", 5400),
        (" 7s ", 7),
        ("90m", 5400),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "0", "0s", "-5", "1h-30m", "soon", "10x", "s", "1m1h", "10 m", "1_0", "1e3"),
        *("nan", "inf", "1:30", "٣", "10ms", "1..5", "9" * 400),
    ],
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not a valid duration"):
        parse_duration(text)


@pytest.mark.parametrize("option", ["--duration", "--segment", "--max-gap"])
def test_the_option_with_the_wrong_duration_is_named(v380: V380, option: str) -> None:
    done = v380("record", "127.0.0.1:1", "--id", "5", option, "soon", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "usage")
    assert option in done.json["error"]["message"]
    assert "1h30m" in done.json["error"]["message"]


@pytest.mark.parametrize(
    ("args", "path"),
    [
        (["-o", "clip.mp4"], "clip.mp4"),
        (["-o", "clip"], "clip.mp4"),
        (["-o", "clip.mkv"], "clip.mkv"),
        (["-o", "clip.TS"], "clip.TS"),
        (["-o", "clip", "--format", "ts"], "clip.ts"),
        (["-o", "there", "--format", "mkv"], "there/Front-door-????????-??????.mkv"),
        (["-o", "new/"], "new/Front-door-????????-??????.mp4"),
        (["-o", "tv.ts/"], "tv.ts/Front-door-????????-??????.mp4"),
        (["-o", "{date}/{name}-{id}.mkv"], "????????/Front-door-87654321.mkv"),
        ([], "Front-door-????????-??????.mp4"),
    ],
)
def test_where_the_file_goes(
    v380: V380, folder: Path, front: SimulatedCamera, args: list[str], path: str
) -> None:
    (folder / "there").mkdir()
    done = v380("record", "Front door", "--duration", "0.4", *args, "--json")
    (file,) = folder.glob(path)
    assert done.code == 0
    assert done.json[0]["files"][0]["path"] == str(file.relative_to(folder))
    container = {"mp4": "mp4", "mkv": "matroska", "ts": "mpegts"}[file.suffix[1:].lower()]
    assert container in probe_file(file).container


@pytest.mark.parametrize(
    ("option", "seconds"), [("off", float("inf")), ("OFF", float("inf")), ("2s", 2)]
)
def test_how_often_a_file_is_put_on_the_disk(option: str, seconds: float) -> None:
    assert parse_period(option) == seconds


def test_a_file_that_exists_stays(v380: V380, folder: Path, front: SimulatedCamera) -> None:
    (folder / "clip.mp4").write_text("mine")
    done = v380("record", "Front door", "--duration", "0.4", "-o", "clip.mp4", "--json")
    assert done.json[0]["files"][0]["path"] == "clip-2.mp4"
    assert (folder / "clip.mp4").read_text() == "mine"


def test_segments_are_files_of_their_own(v380: V380, front: SimulatedCamera) -> None:
    done = v380("record", "Front door", "--duration", "2", "--segment", "0.8", "--json")
    (document,) = done.json
    assert len({file["path"] for file in document["files"]}) == 3


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["-o", "{nme}.mp4"], ["{nme}", "{name}"]),
        (["-o", "{name.mp4"], ["braces"]),
        (["-o", "clip.mkv", "--format", "mp4"], [".mkv", "mp4"]),
        (["-o", "clip.avi"], [".avi", ".mkv"]),
        (["-o", "{name}.{time}"], [".{time}", ".mkv"]),
        (["-o", "-"], ["v380 stream CAMERA -o -"]),
        (["-o", "/dev/full"], ["/dev/full", "v380 stream"]),
        (["-o", "clip.mp4", "--sync", "soon"], ["--sync", "1h30m"]),
    ],
)
def test_an_output_that_cannot_be_meant(
    v380: V380, front: SimulatedCamera, args: list[str], words: list[str]
) -> None:
    done = v380("record", "Front door", "--duration", "0.4", *args)
    assert (done.code, done.out) == (2, "")
    assert all(word in done.err for word in words)
    assert front.sent_access_units == []


def test_several_cameras_do_not_share_a_file(v380: V380, folder: Path) -> None:
    with open_cameras(SMALL, replace(SMALL, device_id=11)) as cameras:
        for camera, name in zip(cameras, ("front", "yard"), strict=True):
            add_to_list(make_device(camera, name))
        refused = v380("record", "--all", "--duration", "0.4", "-o", "{date}.mp4", "--json")
        assert (refused.code, refused.json["error"]["code"]) == (2, "invalid_input")
        assert "{name}" in refused.json["error"]["hint"]
        assert [camera.sent_access_units for camera in cameras] == [[], []]
        assert v380("record", "--all", "--duration", "0.4", "-o", "{id}.mp4").code == 0
    assert sorted(path.name for path in folder.glob("*.mp4")) == ["11.mp4", "87654321.mp4"]


def test_no_camera_is_a_usage_error(v380: V380) -> None:
    done = v380("record", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "usage")


def test_an_id_goes_with_one_address(v380: V380) -> None:
    with open_camera() as camera:
        done = v380("record", *address_args(camera), "127.0.0.1:2", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "usage")
