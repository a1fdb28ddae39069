"""What recording one RTSP camera costs, against ffmpeg on the same server at the same time.

    python tests/bench/bench_rtsp_client.py

720p, 15 frames a second, about 1.5 Mbit/s with AAC, from GStreamer's RTSP server on loopback, into
MP4. Both record at the same time, so that a busy machine is as busy for the one as for the other.
CPU seconds by schedstat, of a stretch that begins when both have started up; the median of the
rounds. Wanted: at most 1.5 times ffmpeg's. Needs ffmpeg, GStreamer's RTSP server (see the README),
and nothing at port 8554.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.rtsp_camera import Footage, RtspCamera, find_obstacle

PORT = 8554
START_S, STRETCH_S = 6, 24
DURATION_S = START_S + STRETCH_S + 4
ROUNDS = 5
HOUR_S = 3600
URL = f"rtsp://127.0.0.1:{PORT}/live/ch00_1"


def make_footage(folder: Path) -> Footage:
    path = folder / "720p.mov"
    command = [
        *["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=15"],
        *["-f", "lavfi", "-i", "sine=frequency=400:sample_rate=8000", "-t", str(DURATION_S + 20)],
        *["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "1500k", "-maxrate", "1500k"],
        *["-bufsize", "1500k", "-bf", "0", "-g", "30", "-c:a", "aac", "-b:a", "16k", str(path)],
    ]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return Footage(path, "h264", "aac")


def measure_round(folder: Path, env: dict[str, str]) -> dict[str, float]:
    """The CPU seconds that an hour of each costs."""
    quiet: Any = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    commands = {"v380": record(folder), "ffmpeg": copy(folder)}
    processes = {who: subprocess.Popen(words, env=env, **quiet) for who, words in commands.items()}
    time.sleep(START_S)
    before = {who: read_cpu_s(process.pid) for who, process in processes.items()}
    time.sleep(STRETCH_S)
    spent = {who: read_cpu_s(process.pid) - before[who] for who, process in processes.items()}
    for process in processes.values():
        if process.wait():
            raise SystemExit(f"{process.args!r} ended with {process.returncode}")
    return {who: cpu_s / STRETCH_S * HOUR_S for who, cpu_s in spent.items()}


def read_cpu_s(pid: int) -> float:
    """What the threads of a process have had of the CPU."""
    stats = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(path.read_text().split()[0]) for path in stats) / 1e9


def record(folder: Path) -> list[str]:
    target = str(folder / "v380.mp4")
    words = ["record", "bench", "--duration", f"{DURATION_S}s", "-o", target]
    return [sys.executable, "-m", "v380cli", *words]


def copy(folder: Path) -> list[str]:
    target = str(folder / "ffmpeg.mp4")
    source = ["-rtsp_transport", "tcp", "-i", URL]
    return [
        "ffmpeg",
        "-loglevel",
        "error",
        "-y",
        *source,
        "-t",
        str(DURATION_S),
        "-c",
        "copy",
        target,
    ]


def main() -> None:
    if obstacle := find_obstacle():
        raise SystemExit(obstacle)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = {**os.environ, "V380_DATA_DIR": str(folder / "data")}
        added = ["devices", "add", "bench", "--rtsp", URL, "--via", "rtsp"]
        added += ["--no-check"]
        subprocess.run(
            [sys.executable, "-m", "v380cli", *added], env=env, check=True, stdin=subprocess.DEVNULL
        )
        with RtspCamera(PORT, {"/live/ch00_1": make_footage(folder)}):
            print("$", *record(folder))
            print("$", *copy(folder))
            rounds = [measure_round(folder, env) for _ in range(ROUNDS)]
    for who in rounds[0]:
        costs = [one[who] for one in rounds]
        print(
            f"{who}: {median(costs):.1f} CPU seconds an hour ({min(costs):.1f} to {max(costs):.1f})"
        )
    ratio = median(one["v380"] / one["ffmpeg"] for one in rounds)
    print(f"ratio: {ratio:.2f} (wanted: 1.5 at most)")


if __name__ == "__main__":
    main()
