"""Cameras whose port 8800 is shut, by RTSP and ONVIF: a network of their own, a server not ours."""

import json
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli import make_environment
from tests.lan import Lab, open_lab
from tests.readback import count_pictures, read_video
from tests.rtsp_camera import Footage, RtspCamera, is_run_of, make_footage
from tests.shapes import read_line
from tests.warm import COLD_V380, V380
from v380cli.simulator.onvif import OnvifDesk, OnvifServer

CAMERA_IP, LAPTOP_IP = "10.1.0.50", "10.1.0.2"
PASSWORD = "tell-nobody-4711"
DEVICE_ID = 12345678
TIMEOUT_S = 60.0
PATHS = ("/live/ch00_1", "/live/ch00_0")
MOVING = (("gray", "320x180"), ("white", "24x60"))


class Site:
    """A laptop with `v380`, and a camera that speaks RTSP and ONVIF only."""

    def __init__(self, lab: Lab, data_dir: Path, footage: Footage) -> None:
        lab.add_lan("lan")
        self.laptop = lab.add_host("laptop", {"lan": [f"{LAPTOP_IP}/24"]})
        self.camera = lab.add_host("camera", {"lan": [f"{CAMERA_IP}/24"]})
        self.footage = footage
        self.desk = OnvifDesk(DEVICE_ID)
        self._data_dir = data_dir

    def serve_rtsp(self, **options: Any) -> RtspCamera:
        mounts = dict.fromkeys(PATHS, self.footage)
        return RtspCamera(554, mounts, start=self.camera.start, **options)

    def serve_onvif(self) -> OnvifServer:
        return self.camera.call(lambda: OnvifServer(self.desk, CAMERA_IP))

    def start(
        self, *args: str, password: str = PASSWORD, program: Sequence[str] = V380
    ) -> "subprocess.Popen[str]":
        return self.laptop.start(
            [*program, *args],
            env=make_environment(self._data_dir, {"V380_PASSWORD": password}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *args: str, password: str = PASSWORD) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of `v380 ARGS`; the password may be in neither."""
        process = self.start(*args, password=password)
        out, err = process.communicate(timeout=TIMEOUT_S)
        assert PASSWORD not in out + err
        return process.returncode, out, err


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    return make_footage(tmp_path_factory.mktemp("footage"), "h264", "aac", seconds=20)


@pytest.fixture
def site(data_dir: Path, footage: Footage) -> Iterator[Site]:
    with open_lab() as lab:
        yield Site(lab, data_dir, footage)


@pytest.mark.parametrize("container", ["mp4", "mkv", "ts"])
def test_a_camera_with_rtsp_only_is_recorded(site: Site, tmp_path: Path, container: str) -> None:
    path = tmp_path / f"porch.{container}"
    with site.serve_rtsp():
        code, out, err = site.run(
            *("record", CAMERA_IP, "--duration", "2s", "-o", str(path), "--json")
        )
    assert code == 0, err
    (result,) = json.loads(out)
    assert result["via"] == "rtsp"
    assert result["dropped_frames"] == 0
    assert "RTSP is taken instead" in err
    units = [unit[-1:] for unit in read_video(path)]
    assert len(units) >= 25
    assert is_run_of(units, [unit[-1:] for unit in site.footage.list_units()])


def test_what_worked_is_learnt(site: Site, tmp_path: Path) -> None:
    with site.serve_rtsp(user="owner", password=PASSWORD), site.serve_onvif():
        login = ("--username", "owner")
        added = ("devices", "add", "porch", "--address", CAMERA_IP, "--id", str(DEVICE_ID))
        assert site.run(*added, *login)[0] == 0
        for expected in (True, False):
            target = tmp_path / "porch.jpg"
            code, out, err = site.run("snapshot", "porch", "-o", str(target), "--json")
            assert code == 0, err
            assert json.loads(out)[0]["via"] == "rtsp"
            assert ("RTSP is taken instead" in err) is expected
        listed = json.loads(site.run("devices", "show", "porch", "--json")[1])
    (listed,) = listed if isinstance(listed, list) else (listed,)
    assert (listed["via"], listed["learnt_via"]) == ("auto", "rtsp")
    assert listed["rtsp_url"] == f"rtsp://{CAMERA_IP}/live/ch00_1"


def test_a_stream_and_info_and_ptz_by_rtsp_and_onvif(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "out.ts"
    with site.serve_rtsp(), site.serve_onvif():
        code, _, err = site.run(
            *("stream", CAMERA_IP, "--via", "rtsp", "-o", str(path), "--duration", "2s")
        )
        assert code == 0, err
        assert count_pictures(path) >= 20
        code, out, err = site.run("info", CAMERA_IP, "--via", "rtsp", "--json")
        assert code == 0, err
        (found,) = json.loads(out)
        assert (found["via"], found["onvif"]["id"]) == ("rtsp", DEVICE_ID)
        assert found["hd_stream"]["codec"] == "h264"
        code, out, err = site.run("ptz", CAMERA_IP, "left", "--json")
        assert code == 0, err
        assert json.loads(out)[0]["via"] == "onvif"
    assert site.desk.moves == [(-0.5, 0.0), None]


def test_a_wrong_password_is_refused_and_is_nowhere(site: Site) -> None:
    with site.serve_rtsp(user="admin", password=PASSWORD):
        code, out, _ = site.run("record", CAMERA_IP, "--via", "rtsp", "--json", password="wrong")
        assert code == 5
        assert json.loads(out)["error"]["code"] == "credentials_refused"


def test_the_password_is_in_no_process_list(site: Site, tmp_path: Path) -> None:
    with site.serve_rtsp(user="admin", password=PASSWORD):
        words = ("record", CAMERA_IP, "--via", "rtsp", "-o", str(tmp_path), "--jsonl", "-vv")
        process = site.start(*words, program=COLD_V380)
        assert process.stdout and process.stderr
        line = process.stdout.readline()
        cmdlines = [path.read_bytes() for path in list_cmdlines()]
        process.terminate()
        out, err = process.communicate(timeout=TIMEOUT_S)
    assert line
    assert any(b"v380cli" in words for words in cmdlines)
    assert not any(PASSWORD.encode() in words for words in cmdlines)
    assert PASSWORD not in line + out + err


def list_cmdlines() -> Iterator[Path]:
    return (path for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists())


def test_without_rtsp_the_error_is_that_of_the_private_protocol(site: Site) -> None:
    code, out, _ = site.run("record", CAMERA_IP, "--id", str(DEVICE_ID), "--json")
    error = json.loads(out)["error"]
    assert code == 4
    assert "8800" in error["message"]
    assert "RTSP and ONVIF do not answer either" in error["hint"]


def test_what_moves_is_seen_by_rtsp(site: Site, tmp_path: Path) -> None:
    moving = make_moving_footage(tmp_path)
    with RtspCamera(554, dict.fromkeys(PATHS, moving), start=site.camera.start):
        process = site.start("watch", CAMERA_IP, "--via", "rtsp", "--jsonl")
        assert process.stdout
        event = read_line(process.stdout.readline(), "watch lines")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=TIMEOUT_S)
    assert (event["event"], event["source"]) == ("motion_start", "picture")
    assert process.returncode == 130


def make_moving_footage(folder: Path) -> Footage:
    """Nothing for a second; then something white goes by."""
    path = folder / "moving.mov"
    yard, thing = (f"color=c={color}:s={size}:r=15" for color, size in MOVING)
    motion = "overlay=x=100*(t-1):y=70:enable=gte(t\\,1)"
    command = ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", yard, "-f", "lavfi"]
    command += ["-i", thing, "-filter_complex", motion, "-t", "4", "-c:v", "libx264"]
    command += ["-preset", "ultrafast", "-bf", "0", "-g", "15", "-pix_fmt", "yuv420p", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return Footage(path, "h264", "")
