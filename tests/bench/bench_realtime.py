"""What recording in real time costs: CPU, wake-ups and memory, alone and for many cameras.

    python -m tests.bench.bench_realtime [--cameras 1,16,64] [--sound none,ima,alaw]
                                         [--seconds 30] [--rounds 5]

Everything runs on loopback with simulated cameras: encrypted H.264, 720p, 15 frames a second, 1.5
Mbit/s, in fragments of 500 bytes, into MP4. The CPU is what the scheduler counted for all threads
of a process that has warmed up; `ffmpeg -c copy` of the same stream, in real time, runs beside it.
Linux; needs ffmpeg. Wanted: one camera under 4 CPU seconds an hour without sound and 12 with it, 64
under 15 % of a core and 200 MB, under 5 wake-ups a second and camera, no frame lost.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from v380cli.simulator.footage import FootageSpec, load_footage

V380 = [sys.executable, "-m", "v380cli"]
FIRST_ID, PORT = 10_000_001, 19_400
WARM_UP_S = 8.0
SOURCE_LOOPS = 60  # of ten seconds, for ffmpeg
MAX_CAMERAS, MAX_SECONDS, MAX_ROUNDS = 64, 300.0, 9


@dataclass(frozen=True)
class Usage:
    """What a process has used so far."""

    cpu_s: float
    wake_ups: int


@dataclass(frozen=True)
class Sample:
    """One run; the CPU is a share of a core."""

    cpu: float
    ffmpeg_cpu: float
    wake_ups_per_s: float
    peak_mb: float
    frames: int
    lost: int


def read_usage(pid: int) -> Usage:
    """Of all threads that are alive, in CPU seconds and voluntary switches."""
    nanoseconds, switches = 0, 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        nanoseconds += int((task / "schedstat").read_text().split()[0])
        status = (task / "status").read_text()
        switches += int(status.split("voluntary_ctxt_switches:")[1].split()[0])
    return Usage(nanoseconds / 1e9, switches)


def read_peak_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


@contextlib.contextmanager
def simulate(count: int, sound: str) -> Iterator[None]:
    command = [*V380, "simulate", "--port", str(PORT), "--id", str(FIRST_ID), "--json"]
    command += ["--count", str(count), "--audio", sound]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            process.stdout.readline()  # the cameras are there
            yield
        finally:
            process.terminate()


@contextlib.contextmanager
def copy_with_ffmpeg(source: Path) -> Iterator[int]:
    """`ffmpeg -c copy` of the stream in real time; its process id."""
    command = ["ffmpeg", "-loglevel", "error", "-y", "-re", "-f", "h264"]
    command += ["-framerate", "15", "-i", str(source), "-c", "copy", "-f", "mp4"]
    command += ["-movflags", "frag_keyframe", str(source.with_name("ffmpeg.mp4"))]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            yield process.pid
        finally:
            process.kill()


def list_cameras(folder: Path, count: int) -> dict[str, str]:
    """A device list of so many cameras; the environment that has it."""
    env = {**os.environ, "V380_DATA_DIR": str(folder / f"data-{count}")}
    listing = folder / "cameras.json"
    cameras = [
        {"name": f"cam{n}", "id": FIRST_ID + n, "address": "127.0.0.1", "port": PORT + n}
        for n in range(count)
    ]
    listing.write_text(json.dumps(cameras))
    if not Path(env["V380_DATA_DIR"]).exists():
        subprocess.run([*V380, "devices", "import", str(listing)], env=env, check=True)
    return env


def measure(folder: Path, source: Path, count: int, sound: str, seconds: float) -> Sample:
    env = list_cameras(folder, count)
    command = [*V380, "record", "--all", "--json", "--output", f"{folder}/recorded/"]
    command += ["--no-audio"] if sound == "none" else []
    with (
        simulate(count, sound),
        copy_with_ffmpeg(source) as ffmpeg,
        subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process,
    ):
        time.sleep(WARM_UP_S + count / 16)
        before, ffmpeg_before, began_s = read_usage(process.pid), read_usage(ffmpeg), time.time()
        time.sleep(seconds)
        after, ffmpeg_after = read_usage(process.pid), read_usage(ffmpeg)
        elapsed_s, peak_mb = time.time() - began_s, read_peak_mb(process.pid)
        process.terminate()
        stdout, _ = process.communicate(timeout=60)
    results = json.loads(stdout)
    for path in (folder / "recorded").rglob("*.mp4"):
        path.unlink()
    return Sample(
        cpu=(after.cpu_s - before.cpu_s) / elapsed_s,
        ffmpeg_cpu=(ffmpeg_after.cpu_s - ffmpeg_before.cpu_s) / elapsed_s,
        wake_ups_per_s=(after.wake_ups - before.wake_ups) / elapsed_s / count,
        peak_mb=peak_mb,
        frames=sum(file["video_packets"] for result in results for file in result["files"]),
        lost=sum(result["dropped_frames"] for result in results),
    )


def tell(count: int, sound: str, samples: list[Sample]) -> None:
    """The medians."""
    cpu = statistics.median(sample.cpu for sample in samples)
    ratio = statistics.median(sample.cpu / count / sample.ffmpeg_cpu for sample in samples)
    print(
        f"{count:3} cameras, sound {sound:4}: {cpu * 3600 / count:6.2f} CPU s an hour each"
        f" ({ratio:4.2f} x ffmpeg -c copy), {cpu * 100:5.1f} % of a core,"
        f" {statistics.median(sample.wake_ups_per_s for sample in samples):5.1f} wake-ups a second"
        f" each, {max(sample.peak_mb for sample in samples):4.0f} MB,"
        f" {sum(sample.lost for sample in samples)} of"
        f" {sum(sample.frames for sample in samples)} frames lost",
        flush=True,
    )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cameras", default="1,16,64")
    parser.add_argument("--sound", default="none,ima,alaw")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    arguments.cameras = [min(MAX_CAMERAS, int(n)) for n in arguments.cameras.split(",")]
    arguments.seconds = min(MAX_SECONDS, arguments.seconds)
    arguments.rounds = min(MAX_ROUNDS, arguments.rounds)
    return arguments


def main() -> None:
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source.h264"
        units = load_footage(FootageSpec(device_id=FIRST_ID)).access_units
        source.write_bytes(b"".join(unit.data for unit in units) * SOURCE_LOOPS)
        for sound in arguments.sound.split(","):
            for count in arguments.cameras:
                samples = [
                    measure(folder, source, count, sound, arguments.seconds)
                    for _ in range(arguments.rounds)
                ]
                tell(count, sound, samples)


if __name__ == "__main__":
    main()
