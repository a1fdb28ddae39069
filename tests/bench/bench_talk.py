"""How well a minute of talk keeps its pace, and what it costs, against a simulated camera.

Run it with `python -m tests.bench.bench_talk [SECONDS]`; it prints one line.
"""

import sys
import tempfile
import time
from pathlib import Path

from tests.sounds import correlate, make_voice, write_wave
from v380cli.camera.access import Access
from v380cli.camera.pacing import BLOCK_S
from v380cli.camera.talk import Talker
from v380cli.models import Device
from v380cli.simulator.camera import CameraSpec
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.server import Simulator
from v380cli.sources.pump import SoundPump
from v380cli.sources.sound_file import SoundFile

SECONDS = 60.0
SPEC = CameraSpec(device_id=12345678, width=192, height=128, bitrate=100_000)


def talk(camera: SimulatedCamera, path: Path) -> Talker:
    device = Device(device_id=SPEC.device_id, host=camera.host, port=camera.port)
    talker = Talker(Access(device))
    with SoundPump(SoundFile(path)) as pump:
        talker.run(pump)
    return talker


def main() -> None:
    seconds = float(sys.argv[1]) if sys.argv[1:] else SECONDS
    voice = make_voice(seconds)
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator([SPEC], discovery=None, keep_sent=True) as simulator,
    ):
        path = write_wave(Path(folder) / "voice.wav", voice)
        cpu_s = time.process_time()
        talker = talk(simulator.cameras[0], path)
        cpu_s = time.process_time() - cpu_s
        (heard,) = simulator.cameras[0].heard_talks
    times = heard.block_times_s
    drifts_ms = [1000 * (at - times[0] - n * BLOCK_S) for n, at in enumerate(times)]
    print(
        f"{talker.said_s:.1f} s in {len(times)} blocks, {talker.late_blocks} late: "
        f"the last one {drifts_ms[-1]:+.1f} ms off, the worst {max(map(abs, drifts_ms)):.1f} ms; "
        f"correlation {correlate(bytes(heard.pcm), voice):.3f}; "
        f"{cpu_s / talker.said_s * 100:.1f} % of a core, camera included"
    )


if __name__ == "__main__":
    main()
