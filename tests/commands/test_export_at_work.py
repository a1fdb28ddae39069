"""What `export` writes does what the recipes promise: run as the programs run it.

systemd, Docker, rclone and Home Assistant are played by this test, by the words that the text has
for them.
"""

import json
import re
import shlex
import socket
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    SMALL,
    TIMEOUT_S,
    add_to_list,
    make_device,
    open_cameras,
    start_v380,
)
from tests.readback import count_pictures
from tests.shapes import read_line
from v380cli.simulator.camera import Pace
from v380cli.simulator.firmware import SimulatedCamera

V380 = Callable[..., Done]
SPECS = [replace(SMALL, device_id=number, pace=Pace.CAMERA) for number in range(1, 5)]
PLAYERS_PASSWORD = "a-password-of-players"
# Where in the store it comes to lie; what is moved must not be there yet.
RCLONE = """#!/bin/sh -e
test "$1" = move
folder="{store}/${{3#store:cameras/}}"
mkdir -p "$folder"
mv -n "$2" "$folder"
test ! -e "$2"
"""


def list_cameras(cameras: list[SimulatedCamera]) -> None:
    for camera in cameras:
        add_to_list(make_device(camera, f"camera-{camera.spec.device_id}"))


def record_until(status: str, words: list[str], data_dir: Path, folder: Path, path: str) -> int:
    """Run a recorder as a service until it says this of itself; returns its exit code."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        place = folder / "notify"
        place.unlink(missing_ok=True)
        ear.bind(str(place))
        ear.settimeout(TIMEOUT_S)
        env = {"NOTIFY_SOCKET": str(place), "PATH": path}
        with start_v380(data_dir, *words, env=env) as process:
            while ear.recv(4096) != f"STATUS={status}".encode():
                pass
            process.terminate()
            process.communicate(timeout=TIMEOUT_S)
            return process.returncode


def test_the_unit_records_four_cameras(v380: V380, data_dir: Path, tmp_path: Path) -> None:
    """On a Raspberry Pi, say; `systemctl status` shows how many they are."""
    with open_cameras(*SPECS) as cameras:
        list_cameras(cameras)
        unit = v380("export", "systemd", "--all").out.replace("\\\n", "")
        (command,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
        words = shlex.split(command.replace("%h", str(tmp_path)))[1:]
        code = record_until("4 recording", words, data_dir, tmp_path, "/usr/bin:/bin")
    assert f"\nSuccessExitStatus={code}\n" in unit
    files = [*tmp_path.glob("video/*/*/*.mp4")]
    assert {file.parts[-3] for file in files} == {f"camera-{number}" for number in range(1, 5)}
    assert all(map(count_pictures, files))


def test_shares_leave_for_the_store(v380: V380, data_dir: Path, tmp_path: Path) -> None:
    """Each machine records its own; a file is in the store once, and nowhere else."""
    store, video = tmp_path / "store", tmp_path / "video"
    rclone = tmp_path / "bin" / "rclone"
    rclone.parent.mkdir()
    rclone.write_text(RCLONE.format(store=store))
    rclone.chmod(0o755)
    with open_cameras(*SPECS) as cameras:
        list_cameras(cameras)
        service = v380("export", "compose", "--all").out
        words = json.loads(re.findall(r"^ +command: (.*)$", service, re.MULTILINE)[0])[1:]
        words = [word.replace("/video", str(video)) for word in words]
        path = f"{rclone.parent}:/usr/bin:/bin"
        for share, count in (("1/2", 1), ("2/2", 3)):
            words[words.index("--shard") + 1] = share
            record_until(f"{count} recording", words, data_dir, tmp_path, path)
    names = sorted(file.parent.name for file in store.rglob("*.mp4"))
    assert names == [f"camera-{number}" for number in range(1, 5)]
    assert not [*video.rglob("*.mp4*")]


def test_home_assistant_plays_what_it_is_told(v380: V380, data_dir: Path) -> None:
    """Its platform is ffmpeg, with these words; the user and the password go before the host."""
    with open_cameras(SPECS[0]) as cameras:
        list_cameras(cameras)
        text = v380("export", "homeassistant", "--all").out
        (source,) = re.findall(r"^ +input: (.*)$", text, re.MULTILINE)
        args = ("serve", "--all", "--rtsp", "127.0.0.1:0", "--json")
        env = {"V380_SERVE_PASSWORD": PLAYERS_PASSWORD}
        with start_v380(data_dir, *args, env=env) as process:
            assert process.stdout
            (served,) = read_line(process.stdout.readline(), "serve")
            place = served["rtsp"]["hd"].removeprefix("rtsp://")
            listed = source.partition("rtsp://")[2]
            assert listed.partition("/")[2] == place.partition("/")[2]
            words = source.replace(listed, f"v380:{PLAYERS_PASSWORD}@{place}").split()
            ffmpeg = ["ffmpeg", "-v", "error", *words, "-t", "1", "-f", "null", "-"]
            subprocess.run(ffmpeg, check=True, timeout=TIMEOUT_S)
