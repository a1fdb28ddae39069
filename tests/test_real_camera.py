"""A real camera, with `pytest --camera ADDRESS`; the device password comes from V380_PASSWORD.

The user, where it is not admin, from V380_USERNAME; the device id, where the camera does not answer
discovery, from V380_DEVICE_ID.
"""

import json
import os
from pathlib import Path

import pytest

from tests.cli import RunV380
from tests.readback import count_pictures

NAMES = ("V380_PASSWORD", "V380_USERNAME")
LOGIN = {name: os.environ[name] for name in NAMES if name in os.environ}
DEVICE_ID = os.environ.get("V380_DEVICE_ID")

pytestmark = pytest.mark.real_camera


def test_ten_seconds_are_recorded(run_v380: RunV380, camera_address: str, tmp_path: Path) -> None:
    known_id = ["--id", DEVICE_ID] if DEVICE_ID else []
    options = ["--duration", "10s", "--output", str(tmp_path / "real.mp4"), "--json"]
    done = run_v380("record", camera_address, *known_id, *options, env=LOGIN, timeout_s=60)
    assert done.returncode == 0, done.stdout
    (result,) = json.loads(done.stdout)
    print(json.dumps(result, indent=2))  # noqa: T201 - to be pasted into a report
    assert result["dropped_frames"] == 0
    (file,) = result["files"]
    assert file["duration_s"] == pytest.approx(10, abs=1)
    assert count_pictures(Path(file["path"])) == file["video_packets"]


def test_a_wrong_password_is_refused_once(run_v380: RunV380, camera_address: str) -> None:
    known_id = ["--id", DEVICE_ID] if DEVICE_ID else []
    wrong = {**LOGIN, "V380_PASSWORD": "not-the-password"}
    done = run_v380("record", camera_address, *known_id, "--duration", "1s", env=wrong)
    assert done.returncode == 5
