"""How long it takes from the first moving frame to the hook of `v380 watch`, in real time.

    python tests/bench/bench_watch.py [LOOPS [SEED]]

A camera for each scene in which something moves, one watch of all of them, and the hook writes down
when it was run. Wanted: a median under 1.0 s. A loop takes 24 s.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from v380cli.models import Device, Quality, Secret
from v380cli.simulator.camera import CameraSpec
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.footage import choose_artist, load_footage
from v380cli.simulator.scenes import ACTION_S, LOOP_S, PLOTS, SceneName
from v380cli.simulator.server import Simulator
from v380cli.store.database import open_device_list
from v380cli.store.records import DeviceRecord

LOOPS, SEED = 2, 500
PASSWORD = Secret("bench")
POLL_S = 0.005
VISIBLE_LEVELS, VISIBLE_PIXELS = 25, 20  # so much of a difference, in so many pixels, is seen
SCENES = [scene for scene in SceneName if PLOTS[scene].moves]


@dataclass
class Scene:
    """A camera, its first moving frame, and when that was sent."""

    name: str
    camera: SimulatedCamera
    frame: bytes
    sent_s: list[float]
    looked: int = 0


def find_first_moving_frame(camera: SimulatedCamera) -> bytes:
    """The first picture of the small stream in which somebody can see a difference."""
    spec = camera.spec.list_footage()[Quality.SD]
    artist, units = choose_artist(spec), load_footage(spec).access_units
    quiet = artist.draw(ACTION_S - 0.1).astype(int)
    top = spec.height // 6  # below the clock
    for number in range(round(ACTION_S * spec.fps), len(units)):
        differs = np.abs(artist.draw(number / spec.fps) - quiet)[top:] > VISIBLE_LEVELS
        if differs.any(axis=2).sum() >= VISIBLE_PIXELS:
            return units[number].data
    raise AssertionError("nothing moves")


def note_sent(scene: Scene) -> None:
    """Write down when the frame went out to any viewer."""
    for frames in list(scene.camera.sent_access_units):
        for frame in list(frames)[scene.looked :]:
            scene.looked += 1
            if frame.payload == scene.frame:
                scene.sent_s.append(time.time())


def main() -> None:
    words = [int(word) for word in sys.argv[1:3]]
    loops = words[0] if words else LOOPS
    seed = words[1] if len(words) > 1 else SEED
    specs = [
        CameraSpec(
            device_id=seed + number,
            name=scene,
            scene=scene,
            password=PASSWORD,
            width=640,
            height=360,
            bitrate=500_000,
        )
        for number, scene in enumerate(SCENES)
    ]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["V380_DATA_DIR"] = f"{folder}/data"
        told = Path(folder) / "told"
        hook = f"sh -c 'echo {{event}} {{camera}} $(date +%s.%N) >> {told}'"
        with Simulator(specs, discovery=None, keep_sent=True) as simulator:
            scenes = [
                Scene(camera.spec.name, camera, find_first_moving_frame(camera), [])
                for camera in simulator.cameras
            ]
            add_to_list(simulator.cameras)
            command = [sys.executable, "-m", "v380cli", "watch", "--all", "--on-event", hook]
            with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
                end_s = time.monotonic() + (loops + 0.9) * LOOP_S
                while time.monotonic() < end_s:
                    for scene in scenes:
                        note_sent(scene)
                    time.sleep(POLL_S)
                process.terminate()
        report(scenes, told.read_text())


def add_to_list(cameras: list[SimulatedCamera]) -> None:
    with open_device_list() as devices:
        for camera in cameras:
            device = Device(
                name=camera.spec.name,
                device_id=camera.spec.device_id,
                host=camera.host,
                port=camera.port,
                password=PASSWORD,
            )
            devices.add(DeviceRecord(device=device))


def report(scenes: list[Scene], told: str) -> None:
    latencies: list[float] = []
    for scene in scenes:
        hooks = [
            float(time_s)
            for event, name, time_s in (line.split() for line in told.splitlines())
            if (event, name) == ("motion_start", scene.name)
        ]
        for sent_s in scene.sent_s:
            following = [hook_s - sent_s for hook_s in hooks if 0 <= hook_s - sent_s < LOOP_S / 2]
            latencies += following[:1]
            shown = f"{following[0]:.2f} s" if following else "no hook"
            print(f"{scene.name:8} {shown}")
    if not latencies:
        print("nothing was told")
    else:
        print(f"median {statistics.median(latencies):.2f} s of {len(latencies)}")


if __name__ == "__main__":
    main()
