"""`v380 demo`: the whole way from finding a camera to a file, with a simulated one."""

from pathlib import Path
from typing import Annotated

from v380cli.commands import _console, _options
from v380cli.commands._ending import end

DURATION_S = 10.0


def demo(
    duration: Annotated[float | None, _options.time_option("How long to record; else 10s.")] = None,
    output: Annotated[Path, _options.place_option("FILE", "Where to put the recording.")] = Path(
        "v380-demo.mp4"
    ),
    json_: _options.JsonOption = False,
) -> None:
    """Simulate a camera, find it, record ten seconds of it, and say what is in the file.

    Needs no camera and no network: everything happens on this machine's loopback.

    $ v380 demo
    """
    from v380cli.commands import _progress
    from v380cli.simulator.server import Simulator
    from v380cli.work.demo import choose_camera, describe_contents, find_camera
    from v380cli.work.recording import RecordJob, RecordPlan

    duration_s = duration or DURATION_S
    _talk_unless(json_, "starting a simulated camera (encrypted H.264 with sound) on loopback")
    with Simulator([choose_camera(duration_s)]) as simulator:
        camera = simulator.cameras[0]
        device = find_camera(camera.host, camera.port)
        _talk_unless(json_, f"found camera {device.device_id} at {device.address} by discovery")
        plan = RecordPlan(output=str(output), duration_s=duration_s)
        job = RecordJob([device], plan)
        results, result = _progress.run_reported(job, plan, json_=json_)
    end(result)
    if not json_:
        _console.talk(describe_contents(results[0].files[-1].path))


def _talk_unless(quiet: bool, text: str) -> None:
    if not quiet:
        _console.talk(text)
