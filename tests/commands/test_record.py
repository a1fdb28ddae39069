"""`v380 record` as scripts meet it: documents, lines, exit codes."""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli import RunV380
from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    FPS,
    PASSWORD,
    SMALL,
    LoginWatch,
    add_to_list,
    address_args,
    find_closed_port,
    make_device,
    open_camera,
    open_cameras,
)
from tests.readback import count_audio_seconds, count_pictures
from v380cli.camera import discover
from v380cli.models import Device, Secret
from v380cli.simulator.camera import VARIANTS
from v380cli.simulator.firmware import SimulatedCamera

MAX_LOGINS = 7  # of one plan
V380 = Callable[..., Done]

FILE_KEYS = {
    "path": str,
    "start": str,
    "duration_s": float,
    "video_packets": int,
    "audio_packets": int,
    "size_bytes": int,
    "codec": str,
}
CAMERA_KEYS = {
    "device": str,
    "files": list,
    "gaps": list,
    "reconnects": int,
    "dropped_frames": int,
    "bytes_received": int,
}
GAP_KEYS = {"start": str, "duration_s": float, "reason": str}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where recordings land, with the password at hand."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("V380_PASSWORD", PASSWORD)
    return tmp_path


@pytest.fixture
def pair() -> Iterator[list[SimulatedCamera]]:
    """Two cameras of the device list, `front` and `yard`, in the group `home`."""
    with open_cameras(SMALL, replace(SMALL, device_id=11)) as cameras:
        for camera, name in zip(cameras, ("front", "yard"), strict=True):
            add_to_list(make_device(camera, name), "home")
        yield cameras


def check_types(document: dict[str, Any], keys: dict[str, type]) -> None:
    assert {key: type(document[key]) for key in keys} == keys


def check_time(text: str) -> None:
    """RFC 3339 with offset, and just now."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text)
    assert abs(dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(text)) < dt.timedelta(minutes=2)


def test_the_document_is_that_of_the_contract(run_v380: RunV380, folder: Path) -> None:
    with open_camera("hang-up@1s*1") as camera:
        args = ("--duration", "30s", "--output", "clip.mp4", "--json")
        done = run_v380("record", *address_args(camera), *args, env={"V380_PASSWORD": PASSWORD})
    (document,) = json.loads(done.stdout)
    (file,), (gap,) = document["files"], document["gaps"]
    check_types(document, CAMERA_KEYS)
    check_types(file, FILE_KEYS)
    check_types(gap, GAP_KEYS)
    check_time(file["start"])
    check_time(gap["start"])
    assert done.returncode == 0
    assert (document["device"], document["reconnects"]) == ("87654321", 1)
    assert (file["path"], file["codec"]) == ("clip.mp4", "h264")
    assert file["size_bytes"] == (folder / "clip.mp4").stat().st_size
    assert file["video_packets"] == count_pictures(folder / "clip.mp4")
    assert "error" not in document


def test_each_line_is_an_event(v380: V380) -> None:
    with open_camera(pace="camera") as camera:
        done = v380("record", *address_args(camera), "--duration", "3s", "--jsonl")
    *events, result = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0
    kinds = {event["event"] for event in events}
    assert kinds <= {"state", "gap", "file"}
    assert [event["state"] for event in events if event["event"] == "state"] == [
        *("connecting", "waiting for a keyframe", "recording", "closing", "done")
    ]
    (file,) = [event for event in events if event["event"] == "file"]
    check_types(file, FILE_KEYS)
    assert file["device"] == result["device"]
    check_types(result, CAMERA_KEYS)
    assert result["event"] == "result"


def test_a_pipe_gets_a_plain_line_per_file(run_v380: RunV380) -> None:
    with open_camera() as camera:
        args = ("--duration", "1", "-o", "a.mkv")
        done = run_v380("record", *address_args(camera), *args, env={"V380_PASSWORD": PASSWORD})
    assert (done.returncode, done.stderr) == (0, "")
    path, duration, frames, sound, size, codec = done.stdout.removesuffix("\n").split("\t")
    assert (path, codec) == ("a.mkv", "h264")
    assert re.fullmatch(r"0:01\.[01]", duration)
    assert re.fullmatch(r"1[56] frames", frames)
    assert re.fullmatch(r"\d+ packets", sound)
    assert re.fullmatch(r"[\d.]+ kB", size)


def test_quality_and_sound_are_chosen(v380: V380, folder: Path) -> None:
    with open_camera() as camera:
        target = (*address_args(camera), "--duration", "1", "--json")
        (hd,) = v380("record", *target, "-o", "hd.mp4").json
        (sd,) = v380("record", *target, "-o", "sd.mp4", "--quality", "sd", "--no-audio").json
    assert sd["files"][0]["size_bytes"] < hd["files"][0]["size_bytes"]
    assert (sd["files"][0]["audio_packets"], hd["files"][0]["audio_packets"] > 0) == (0, True)
    assert count_audio_seconds(folder / "hd.mp4") == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize(
    ("fault", "code", "word"),
    [
        ("wrong-password", 5, "credentials_refused"),
        ("wrong-user", 5, "credentials_refused"),
        ("unsupported", 6, "unsupported_firmware"),
        ("wrong-id", 7, "device_id_refused"),
        ("busy", 7, "busy"),
    ],
)
def test_a_refusal_has_its_exit_code(
    v380: V380, folder: Path, fault: str, code: int, word: str
) -> None:
    with open_camera(fault) as camera:
        done = v380("record", *address_args(camera), "--duration", "1", "--json")
        plain = v380("record", *address_args(camera), "--duration", "1")
    assert (done.code, done.err, plain.code, plain.out) == (code, "", code, "")
    assert list(done.json) == ["error"]
    assert set(done.json["error"]) == {"code", "message", "hint"}
    assert done.json["error"]["code"] == word
    sentence = f"v380: {done.json['error']['message']}"
    assert plain.err.splitlines()[0] == sentence
    assert not list(folder.glob("*.part"))


def test_a_camera_that_is_off(v380: V380, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discover, "find_beacon", lambda **_: None)
    add_to_list(Device(name="porch", device_id=5, host="127.0.0.1", port=find_closed_port()))
    done = v380("record", "porch", "--json")
    assert (done.code, done.json["error"]["code"]) == (4, "network")
    done = v380("record", "99887766", "--json")
    assert (done.code, done.json["error"]["code"]) == (3, "not_found")
    done = v380("record", "nobody", "--json")
    assert (done.code, done.json["error"]["code"]) == (3, "not_found")


@pytest.mark.parametrize("args", [["--all"], ["@home"], ["-d", "front", "--device", "11"]])
def test_several_cameras_at_once(v380: V380, pair: object, args: list[str]) -> None:
    done = v380("record", *args, "--duration", "1", "--json")
    assert (done.code, done.err) == (0, "")
    assert [camera["device"] for camera in done.json] == ["front", "yard"]
    assert all(len(camera["files"]) == 1 for camera in done.json)


def test_one_of_several_refuses(v380: V380, pair: list[SimulatedCamera]) -> None:
    pair[1].set_password(Secret("another"))
    done = v380("record", "--all", "--duration", "1", "--json")
    front, yard = done.json
    assert done.code == 10
    assert "error" not in front
    assert len(front["files"]) == 1
    assert (yard["files"], yard["error"]["code"]) == ([], "credentials_refused")
    assert "yard" in done.err
    plain = v380("record", "--all", "--duration", "1")
    assert (plain.code, len(plain.out.splitlines())) == (10, 1)


def test_all_of_several_refuse(v380: V380, pair: list[SimulatedCamera]) -> None:
    for camera in pair:
        camera.set_password(Secret("another"))
    done = v380("record", "--all", "--duration", "1", "--json")
    assert (done.code, done.json["error"]["code"]) == (5, "credentials_refused")
    assert "front" in done.json["error"]["message"]
    assert "yard" in done.json["error"]["message"]
    assert done.json["error"]["hint"]


@pytest.mark.parametrize(("limit", "code"), [("0.2s", 10), ("1m", 0)])
def test_a_gap_may_be_too_long(v380: V380, limit: str, code: int) -> None:
    with open_camera("hang-up@1s*1") as camera:
        args = ("--duration", "30s", "--max-gap", limit, "--json")
        done = v380("record", *address_args(camera), *args)
    (document,) = done.json
    assert done.code == code
    assert len(document["files"]) == 1
    assert ("missing" in done.err) == (code == 10)


def test_without_reconnect_a_lost_link_is_exit_4(v380: V380) -> None:
    with open_camera("hang-up@1s") as camera:
        done = v380("record", *address_args(camera), "--no-reconnect", "--duration", "9", "--json")
    (document,) = done.json
    assert (done.code, document["error"]["code"]) == (4, "network")
    assert document["files"][0]["video_packets"] == pytest.approx(FPS, abs=1)


def test_a_wrong_password_is_not_tried_again(v380: V380, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("V380_PASSWORD", "not-this-one")
    with open_camera() as camera:
        watch = LoginWatch().attach(camera, monkeypatch)
        assert v380("record", *address_args(camera), "--duration", "1").code == 5
    assert 1 <= len(watch.requests) <= MAX_LOGINS


def test_a_password_that_is_changed_meanwhile_is_not_tried_over_and_over(
    v380: V380, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_camera("hang-up@1s") as camera:

        def change_password() -> None:
            camera.set_password(Secret("a-new-one"))

        args = ("-o", "clip.mp4", "--duration", "3", "--json")
        watch = LoginWatch(change_password).attach(camera, monkeypatch)
        done = v380("record", *address_args(camera), *args)
    (document,) = done.json
    assert (done.code, document["error"]["code"]) == (10, "partial")
    assert "refused the password" in document["error"]["message"]
    assert len(watch.requests) <= 1 + MAX_LOGINS
    assert count_pictures(folder / "clip.mp4") == document["files"][0]["video_packets"]
    assert len(document["gaps"]) == 1


def test_the_log_in_that_worked_comes_first_next_time(
    v380: V380, monkeypatch: pytest.MonkeyPatch
) -> None:
    oldest = VARIANTS["oldest"]
    with open_camera(accepts=oldest.accepts, device_version=oldest.device_version) as camera:
        add_to_list(make_device(camera, "front"))
        counts = []
        for _ in range(2):
            with monkeypatch.context() as patch:
                watch = LoginWatch().attach(camera, patch)
                assert v380("record", "front", "--duration", "1").code == 0
            counts.append(len(watch.requests))
    assert counts[0] > 1
    assert counts[1] == 1


@pytest.mark.parametrize("password", ["x" * 49, "ä" * 25])
def test_a_password_that_no_camera_takes_is_the_users_mistake(
    v380: V380, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("V380_PASSWORD", password)
    done = v380("record", "127.0.0.1:1", "--id", "5", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "invalid_input")
    assert "48 bytes" in done.json["error"]["message"]
    assert password not in done.out
