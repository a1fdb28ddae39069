"""`v380 simulate --rtsp --onvif`: the second road without a camera."""

import json
import re
from pathlib import Path

from tests.cli import RunV380
from tests.commands.recording_lab import start_v380
from tests.readback import count_pictures

SMALL = ("--size", "192x128", "--bitrate", "100k", "--port", "0", "--id", "12345678")
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


def test_an_address_with_a_password_is_not_kept(run_v380: RunV380) -> None:
    url = "rtsp://owner:tell-nobody@192.0.2.1/h264"
    done = run_v380("devices", "add", "gate", "--rtsp", url, "--via", "rtsp")
    assert done.returncode == 9
    assert "tell-nobody" not in done.stdout + done.stderr
    assert run_v380("devices", "list", "--json").stdout.strip() == "[]"
