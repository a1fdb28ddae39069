"""`v380 demo`: the whole way from finding a camera to a file, with a simulated one."""

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.commands import _console, _options
from v380cli.commands._ending import end
from v380cli.errors import CameraNotFound
from v380cli.models import Device, Secret

if TYPE_CHECKING:
    from v380cli.simulator.camera import CameraSpec

DEMO_ID = 12345678
DURATION_S = 10.0
FIND_TIMEOUT_S = 5.0
DEMO_PASSWORD = Secret("demo")  # of a camera that lives on loopback for these seconds


def demo(
    duration: Annotated[float | None, _options.time_option("How long to record; else 10s.")] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where to put the recording.")
    ] = Path("v380-demo.mp4"),
    json_: _options.JsonOption = False,
) -> None:
    """Simulate a camera, find it, record ten seconds of it, and say what is in the file.

    Needs no camera and no network: everything happens on this machine's loopback.

    $ v380 demo
    """
    from v380cli.commands import _progress
    from v380cli.simulator.server import Simulator
    from v380cli.work.recording import RecordJob, RecordPlan

    duration_s = duration or DURATION_S
    _talk_unless(json_, "starting a simulated camera (encrypted H.264 with sound) on loopback")
    with Simulator([_choose_camera(duration_s)]) as simulator:
        camera = simulator.cameras[0]
        device = _find_camera(camera.host, camera.port)
        _talk_unless(json_, f"found camera {device.device_id} at {device.address} by discovery")
        plan = RecordPlan(output=str(output), duration_s=duration_s)
        job = RecordJob([device], plan)
        results, result = _progress.run_reported(job, plan, json_=json_)
    end(result)
    if not json_:
        _console.talk(_describe_contents(results[0].files[-1].path))


def _choose_camera(duration_s: float) -> "CameraSpec":
    """With no more footage than is recorded, for it takes a while to make."""
    from v380cli.simulator.camera import CameraSpec

    spec = CameraSpec(device_id=DEMO_ID, password=DEMO_PASSWORD)
    gops = math.ceil(duration_s / spec.gop_s)
    return replace(spec, loop_s=min(spec.loop_s, gops * spec.gop_s))


def _find_camera(host: str, port: int) -> Device:
    """Look for the camera as `discover` does, on loopback only."""
    from v380cli.camera.discover import find_beacon

    sighting = find_beacon(host=host, port=port, timeout_s=FIND_TIMEOUT_S)
    if sighting is None:
        raise CameraNotFound("the simulated camera did not answer discovery on loopback")
    return Device(
        device_id=sighting.beacon.device_id,
        host=host,
        port=sighting.beacon.port,
        password=DEMO_PASSWORD,
    )


def _describe_contents(path: Path) -> str:
    """Read the file back and say what is in it."""
    from v380cli.sinks.probe import probe_file

    info = probe_file(path)
    return (
        f"{path}: {info.duration_s:.1f} s of {info.video_codec} {info.width}x{info.height} "
        f"({info.video_packets} frames), {info.audio_codec} {info.sample_rate} Hz"
    )


def _talk_unless(quiet: bool, text: str) -> None:
    if not quiet:
        _console.talk(text)
