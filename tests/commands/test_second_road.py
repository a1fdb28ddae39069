"""`v380 simulate --rtsp --onvif`: the second road without a camera."""

import json
import re
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from tests.cli import RunV380
from tests.commands.recording_lab import start_v380
from tests.readback import count_pictures
from v380cli.commands._second_road import open_roads
from v380cli.errors import InvalidInput
from v380cli.simulator.camera import CameraSpec
from v380cli.simulator.server import Simulator

SMALL = ("--size", "192x128", "--bitrate", "100k", "--port", "0")
SMALL_CAMERA = CameraSpec(device_id=12345678, port=0, width=192, height=128)
URL = re.compile(r"rtsp://127\.0\.0\.1:[0-9]+/live/ch00_1")


def test_it_is_recorded_by_rtsp(data_dir: Path, run_v380: RunV380, tmp_path: Path) -> None:
    target = tmp_path / "gate.mp4"
    ports = ("--rtsp-port", "0", "--onvif-port", "0")
    with start_v380(data_dir, "simulate", *SMALL, "--rtsp", "--onvif", *ports) as camera:
        assert camera.stderr
        url = next(match[0] for line in camera.stderr if (match := URL.search(line)))
        assert run_v380("devices", "add", "gate", "--rtsp", url, "--via", "rtsp").returncode == 0
        done = run_v380("record", "gate", "--duration", "2s", "-o", str(target), "--json")
        camera.terminate()
        assert camera.wait() in (0, 143)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["via"] == "rtsp"
    assert count_pictures(target) >= 20


def test_each_camera_has_the_second_road(data_dir: Path, run_v380: RunV380, tmp_path: Path) -> None:
    words = ("--count", "2", "--rtsp", "--onvif", "--rtsp-port", "0", "--onvif-port", "0")
    with start_v380(data_dir, "simulate", *SMALL, *words) as camera:
        assert camera.stderr
        urls = islice((match[0] for line in camera.stderr if (match := URL.search(line))), 2)
        for name, url in zip(("gate", "yard"), urls, strict=True):
            run_v380("devices", "add", name, "--rtsp", url, "--via", "rtsp", "--no-check")
        done = run_v380("snapshot", "gate", "yard", "-o", f"{tmp_path}/", "--json")
        camera.terminate()
        camera.wait()
    assert done.returncode == 0, done.stderr
    assert [picture["via"] for picture in json.loads(done.stdout)] == ["rtsp"] * 2


def test_cameras_of_one_host_take_the_next_port_and_others_the_same() -> None:
    specs = [SMALL_CAMERA, SMALL_CAMERA, replace(SMALL_CAMERA, host="127.0.0.2")]
    with (
        Simulator(specs, discovery=None) as simulator,
        open_roads(simulator.cameras, rtsp_port=18554, onvif_port=None) as roads,
    ):
        assert [road.rtsp_url for road in roads] == [
            "rtsp://127.0.0.1:18554/live/ch00_1",
            "rtsp://127.0.0.1:18555/live/ch00_1",
            "rtsp://127.0.0.2:18554/live/ch00_1",
        ]


def test_there_are_no_more_ports_than_there_are() -> None:
    with (
        Simulator([SMALL_CAMERA] * 2, discovery=None) as simulator,
        pytest.raises(InvalidInput, match="65536"),
        open_roads(simulator.cameras, rtsp_port=None, onvif_port=65535),
    ):
        pass


def test_an_address_with_a_password_is_not_kept(run_v380: RunV380) -> None:
    url = "rtsp://owner:tell-nobody@192.0.2.1/h264"
    done = run_v380("devices", "add", "gate", "--rtsp", url, "--via", "rtsp")
    assert done.returncode == 9
    assert "tell-nobody" not in done.stdout + done.stderr
    assert run_v380("devices", "list", "--json").stdout.strip() == "[]"
