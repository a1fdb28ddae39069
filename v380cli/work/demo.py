"""A simulated camera to show what `v380` does, and what came of it."""

import math
from dataclasses import replace
from pathlib import Path

from v380cli.camera.discover import find_beacon
from v380cli.errors import CameraNotFound
from v380cli.models import Device, Secret
from v380cli.simulator.camera import CameraSpec
from v380cli.sinks.probe import probe_file

DEMO_ID = 12345678
FIND_TIMEOUT_S = 5.0
DEMO_PASSWORD = Secret("demo")  # of a camera that lives on loopback for these seconds


def choose_camera(duration_s: float) -> CameraSpec:
    """With no more footage than is recorded, for it takes a while to make."""
    spec = CameraSpec(device_id=DEMO_ID, password=DEMO_PASSWORD)
    gops = math.ceil(duration_s / spec.gop_s)
    return replace(spec, loop_s=min(spec.loop_s, gops * spec.gop_s))


def find_camera(host: str, port: int) -> Device:
    """Look for the camera as `discover` does, on loopback only."""
    sighting = find_beacon(host=host, port=port, timeout_s=FIND_TIMEOUT_S)
    if sighting is None:
        raise CameraNotFound("the simulated camera did not answer discovery on loopback")
    return Device(
        device_id=sighting.beacon.device_id,
        host=host,
        port=sighting.beacon.port,
        password=DEMO_PASSWORD,
    )


def describe_contents(path: Path) -> str:
    """Read the file back and say what is in it."""
    info = probe_file(path)
    return (
        f"{path}: {info.duration_s:.1f} s of {info.video_codec} {info.width}x{info.height} "
        f"({info.video_packets} frames), {info.audio_codec} {info.sample_rate} Hz"
    )
