"""What recording one RTSP camera costs, against ffmpeg on the same server in the same run.

    python tests/bench/bench_rtsp_client.py

720p, 15 frames a second, about 1.5 Mbit/s with AAC, from GStreamer's RTSP server on loopback, into
MP4. Start-up is taken out: a short and a long run of each, one after the other. Wanted: at most 1.5
times ffmpeg's CPU time. Needs ffmpeg, GStreamer's RTSP server (see the README), and nothing at port
8554.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.rtsp_camera import Footage, RtspCamera, find_obstacle

PORT = 8554
SHORT_S, LONG_S = 4, 34
ROUNDS = 2
HOUR_S = 3600
URL = f"rtsp://127.0.0.1:{PORT}/live/ch00_1"


def make_footage(folder: Path) -> Footage:
    path = folder / "720p.mov"
    command = [
        *["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=15"],
        *["-f", "lavfi", "-i", "sine=frequency=400:sample_rate=8000", "-t", str(LONG_S + 20)],
        *["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "1500k", "-maxrate", "1500k"],
        *["-bufsize", "1500k", "-bf", "0", "-g", "30", "-c:a", "aac", "-b:a", "16k", str(path)],
    ]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return Footage(path, "h264", "aac")


def measure(command: list[str], env: dict[str, str]) -> float:
    """The CPU seconds of one run."""
    with subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def record(seconds: int, folder: Path) -> list[str]:
    target = str(folder / f"v380-{seconds}.mp4")
    words = ["record", "bench", "--duration", f"{seconds}s", "-o", target]
    return [sys.executable, "-m", "v380cli", *words]


def copy(seconds: int, folder: Path) -> list[str]:
    target = str(folder / f"ffmpeg-{seconds}.mp4")
    source = ["-rtsp_transport", "tcp", "-i", URL]
    return ["ffmpeg", "-loglevel", "error", "-y", *source, "-t", str(seconds), "-c", "copy", target]


def main() -> None:
    if obstacle := find_obstacle():
        raise SystemExit(obstacle)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = {**os.environ, "V380_DATA_DIR": str(folder / "data")}
        added = ["devices", "add", "bench", "--rtsp", URL, "--via", "rtsp"]
        subprocess.run(
            [sys.executable, "-m", "v380cli", *added], env=env, check=True, stdin=subprocess.DEVNULL
        )
        with RtspCamera(PORT, {"/live/ch00_1": make_footage(folder)}):
            costs = {"v380": 0.0, "ffmpeg": 0.0}
            for _ in range(ROUNDS):
                for who, make in (("v380", record), ("ffmpeg", copy)):
                    short, long = (measure(make(s, folder), env) for s in (SHORT_S, LONG_S))
                    costs[who] += (long - short) / (LONG_S - SHORT_S) * HOUR_S / ROUNDS
    for who, cost in costs.items():
        print(f"{who}: {cost:.1f} CPU seconds an hour")
    print(f"ratio: {costs['v380'] / costs['ffmpeg']:.2f} (wanted: 1.5 at most)")


if __name__ == "__main__":
    main()
