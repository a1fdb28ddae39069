"""Several commands at a camera that takes one viewer: one connection, and all see everything."""

import json
import os
import signal
import subprocess
from pathlib import Path

from tests.commands.recording_lab import (
    TIMEOUT_S,
    add_to_list,
    address_args,
    list_sent,
    make_device,
    open_camera,
    start_v380,
    wait_until,
)
from tests.readback import read_video
from tests.rtsp_camera import is_run_of
from v380cli.simulator.camera import Pace
from v380cli.simulator.firmware import SimulatedCamera


def count_streams(camera: SimulatedCamera) -> int:
    return len(camera.sent_access_units)


def finish(process: "subprocess.Popen[str]") -> tuple[str, str]:
    out, err = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, err
    return out, err


def test_five_commands_share_one_connection(data_dir: Path, tmp_path: Path) -> None:
    with open_camera(max_viewers=1, pace=Pace.CAMERA) as camera:
        add_to_list(make_device(camera, "porch"))
        owner_dir = tmp_path / "owner"
        with start_v380(data_dir, "record", "porch", "-o", f"{owner_dir}/") as owner:
            wait_until(lambda: any(owner_dir.glob("*")))
            files = [tmp_path / "a.mp4", tmp_path / "b.mkv"]
            words = ("--duration", "2s", "--json")
            with (
                start_v380(data_dir, "record", "porch", "-o", str(files[0]), *words) as one,
                start_v380(data_dir, "record", "porch", "-o", str(files[1]), *words) as other,
                start_v380(
                    data_dir, "snapshot", "porch", "-o", str(tmp_path / "c.jpg"), "--json"
                ) as third,
                start_v380(
                    data_dir, "stream", "porch", "-o", str(tmp_path / "d.ts"), *words
                ) as fourth,
            ):
                results = [json.loads(finish(each)[0]) for each in (one, other, third, fourth)]
            owner.send_signal(signal.SIGINT)
            owner.communicate(timeout=TIMEOUT_S)
        assert count_streams(camera) == 1
        sent = list_sent(camera)
    vias = [result[0]["via"] if isinstance(result, list) else result["via"] for result in results]
    assert vias == ["local"] * 4
    for file in (*files, next(owner_dir.glob("*"))):
        assert is_run_of(read_video(file), sent)
    pictures = [unit[-1:] for unit in sent]  # the others that a stream has are its own
    assert is_run_of([unit[-1:] for unit in read_video(tmp_path / "d.ts")], pictures)


def test_readers_go_on_when_the_owner_is_killed(data_dir: Path, tmp_path: Path) -> None:
    target = tmp_path / "reader.mp4"
    with open_camera(max_viewers=1, pace=Pace.CAMERA) as camera:
        words = address_args(camera)
        with start_v380(data_dir, "record", *words, "-o", f"{tmp_path}/owner/") as owner:
            wait_until(lambda: any((tmp_path / "owner").glob("*")))
            with start_v380(data_dir, "record", *words, "-o", str(target), "--json") as reader:
                part = target.with_name("reader.mp4.part")
                wait_until(lambda: part.exists() and part.stat().st_size > 0)
                assert count_streams(camera) == 1
                os.kill(owner.pid, signal.SIGKILL)
                wait_until(lambda: count_streams(camera) > 1)
                size = part.stat().st_size
                wait_until(lambda: part.stat().st_size > size)
                reader.send_signal(signal.SIGINT)
                out, err = reader.communicate(timeout=TIMEOUT_S)
                assert reader.returncode == 130, err
    (result,) = json.loads(out)
    assert result["via"] == "lan"
    assert result["reconnects"] >= 1


def test_who_wants_the_camera_itself_gets_it(data_dir: Path, tmp_path: Path) -> None:
    with open_camera(pace=Pace.CAMERA) as camera:
        words = address_args(camera)
        with start_v380(data_dir, "record", *words, "-o", f"{tmp_path}/owner/"):
            wait_until(lambda: any((tmp_path / "owner").glob("*")))
            picture = tmp_path / "one.jpg"
            with start_v380(
                data_dir, "snapshot", *words, "--via", "lan", "-o", str(picture), "--json"
            ) as snapshot:
                assert json.loads(finish(snapshot)[0])[0]["via"] == "lan"
        assert count_streams(camera) == 2
