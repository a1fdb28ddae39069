"""A power cut costs seconds: what an ext4 disk holds while it is recorded to, after its journal."""

import contextlib
import filecmp
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.commands.recording_lab import (
    FPS,
    SMALL,
    address_args,
    list_sent,
    open_cameras,
    start_v380,
    wait_until,
)
from tests.readback import count_pictures, read_video
from v380cli.simulator.camera import Pace
from v380cli.sinks.formats import ContainerFormat

IMAGE_BYTES = 32 << 20
RECORDED_S = 14
LOST_S = 6  # 5 s between two syncs, and the one that is under way


def make_image(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(IMAGE_BYTES)
    if not shutil.which("mkfs.ext4"):
        pytest.skip("no mkfs.ext4 here")
    subprocess.run(["mkfs.ext4", "-q", "-F", str(path)], check=True)


@contextlib.contextmanager
def mounted(image: Path, folder: Path) -> Iterator[Path]:
    """The image as a disk; skips where there are no loop devices."""
    folder.mkdir()
    command = ["mount", "-o", "loop", str(image), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no image can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def pull_the_plug(image: Path, copy: Path) -> None:
    """Copy what is on the disk at one moment: the same twice."""
    again = copy.with_suffix(".again")
    is_one_moment = False
    while not is_one_moment:
        shutil.copyfile(image, copy)
        shutil.copyfile(image, again)
        is_one_moment = filecmp.cmp(copy, again, shallow=False)


def test_a_power_cut_costs_a_few_seconds(data_dir: Path, tmp_path: Path) -> None:
    image, copy = tmp_path / "disk.img", tmp_path / "copy.img"
    make_image(image)
    kinds = list(ContainerFormat)
    specs = [replace(SMALL, device_id=index + 1, pace=Pace.CAMERA) for index in range(len(kinds))]
    with contextlib.ExitStack() as stack:
        disk = stack.enter_context(mounted(image, tmp_path / "disk"))
        cameras = stack.enter_context(open_cameras(*specs))
        processes = [
            stack.enter_context(
                start_v380(data_dir, "record", *address_args(camera), "-o", f"{disk}/clip.{kind}")
            )
            for camera, kind in zip(cameras, kinds, strict=True)
        ]
        wait_until(lambda: all(len(list_sent(camera)) > RECORDED_S * FPS for camera in cameras))
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        pull_the_plug(image, copy)
        written = {kind: read_video(disk / f"clip.{kind}.part") for kind in kinds}
        for process in processes:
            process.kill()
            process.wait()
    with mounted(copy, tmp_path / "after") as disk:
        for kind, units in written.items():
            part = disk / f"clip.{kind}.part"
            kept = read_video(part)
            *whole, last = kept  # what the kernel wrote by itself may end inside a picture
            assert whole == units[: len(whole)], kind
            assert b"".join(units[len(whole)]).startswith(b"".join(last).rstrip(b"\0")), kind
            assert len(units) - len(kept) <= LOST_S * FPS, kind
            assert len(units) > LOST_S * FPS
            assert count_pictures(part) == len(kept), kind
