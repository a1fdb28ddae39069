"""What recording costs, against ffmpeg on the same stream, and how many cameras one process takes.

    python tests/bench/bench_record.py

Everything runs on loopback with simulated cameras: encrypted H.264, 720p, 15 frames a second, 1.5
Mbit/s. Wanted: under 3 CPU seconds an hour without sound; 64 cameras under a quarter of a core and
200 MB with no frame lost. Needs ffmpeg.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

V380 = [sys.executable, "-m", "v380cli"]
MEDIA_S = 3600
LIVE_S = 20
ROUNDS = 3
FLEETS = (1, 16, 64)
FIRST_ID = 10_000_001
PORT = 19_000


@dataclass(frozen=True)
class Cost:
    """What a finished process took."""

    cpu_s: float
    peak_mb: float
    stdout: str


def run(command: list[str], env: dict[str, str]) -> Cost:
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        stdout = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}: {stdout}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, stdout)


@contextlib.contextmanager
def simulate(*options: str, env: dict[str, str]) -> Iterator[None]:
    command = [*V380, "simulate", "--port", str(PORT), "--json", *options]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()  # the cameras are there
        try:
            yield
        finally:
            process.terminate()


def measure_recording(folder: Path, env: dict[str, str], *options: str) -> float:
    """CPU seconds for an hour of media, start-up included."""
    target = [f"127.0.0.1:{PORT}", "--id", str(FIRST_ID)]
    command = [*V380, "record", *target, "--duration", str(MEDIA_S), "--json", *options]
    cost = run([*command, "--output", str(folder / "record.mp4")], env)
    result = json.loads(cost.stdout)[0]
    assert result["dropped_frames"] == 0
    assert result["files"][0]["video_packets"] >= MEDIA_S * 15 - 15
    Path(result["files"][0]["path"]).unlink()
    return cost.cpu_s * 3600 / MEDIA_S


def measure_ffmpeg(source: Path, env: dict[str, str]) -> float:
    output = source.with_name("ffmpeg.mp4")
    options = ["-loglevel", "error", "-y", "-f", "h264", "-framerate", "15"]
    cost = run(["ffmpeg", *options, "-i", str(source), "-c", "copy", str(output)], env)
    output.unlink()
    return cost.cpu_s * 3600 / MEDIA_S


def write_elementary_stream(folder: Path, env: dict[str, str]) -> Path:
    """The same stream that the simulator sends, as a file."""
    recorded, source = folder / "source.mp4", folder / "source.h264"
    target = [f"127.0.0.1:{PORT}", "--id", str(FIRST_ID), "--duration", str(MEDIA_S)]
    run([*V380, "record", *target, "--no-audio", "--output", str(recorded)], env)
    to_annex_b = ["-c", "copy", "-bsf:v", "h264_mp4toannexb", "-f", "h264"]
    run(["ffmpeg", "-loglevel", "error", "-i", str(recorded), *to_annex_b, str(source)], env)
    return source


def compare_with_ffmpeg(folder: Path, env: dict[str, str]) -> None:
    print(f"CPU seconds per hour of video, from {MEDIA_S} s of it, median of {ROUNDS}")
    ours, with_sound, theirs = [], [], []
    with simulate("--id", str(FIRST_ID), "--pace", "fast", env=env):
        source = write_elementary_stream(folder, env)
        for _ in range(ROUNDS):
            ours.append(measure_recording(folder, env, "--no-audio"))
            theirs.append(measure_ffmpeg(source, env))
            with_sound.append(measure_recording(folder, env))
    base = statistics.median(theirs)
    for name, figures in (("v380, video", ours), ("v380, with sound", with_sound)):
        middle = statistics.median(figures)
        print(f"  {name:18} {middle:6.2f}   {middle / base:5.2f} x ffmpeg -c copy ({base:.2f})")


def measure_fleet(count: int, folder: Path, env: dict[str, str]) -> None:
    cameras = [
        {"name": f"cam{n}", "id": FIRST_ID + n, "address": "127.0.0.1", "port": PORT + n}
        for n in range(count)
    ]
    listing = folder / "cameras.json"
    listing.write_text(json.dumps(cameras))
    env = {**env, "V380_DATA_DIR": str(folder / f"data-{count}")}
    run([*V380, "devices", "import", str(listing)], env)
    with simulate("--id", str(FIRST_ID), "--count", str(count), env=env):
        command = [*V380, "record", "--all", "--no-audio", "--duration", str(LIVE_S), "--json"]
        cost = run([*command, "--output", f"{folder}/fleet-{count}/"], env)
    results: list[dict[str, Any]] = json.loads(cost.stdout)
    packets = sum(file["video_packets"] for result in results for file in result["files"])
    lost = sum(result["dropped_frames"] for result in results)
    share = cost.cpu_s / LIVE_S * 100
    print(
        f"  {count:3} cameras: {share:5.1f} % of a core (start-up included), "
        f"{cost.peak_mb:4.0f} MB at most, {lost} frames lost of {packets}"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = {**os.environ, "V380_DATA_DIR": str(folder / "data")}
        compare_with_ffmpeg(folder, env)
        print(f"cameras in one process in real time, {LIVE_S} s")
        for count in FLEETS:
            measure_fleet(count, folder, env)


if __name__ == "__main__":
    main()
