"""What recording in real time costs: CPU, wake-ups and memory, alone and for many cameras.

    python -m tests.bench.bench_realtime [--cameras 1,16,64] [--sound none,ima,alaw]
                                         [--seconds 30] [--rounds 5] [--against DIR] [--port 19400]

Everything runs on loopback with simulated cameras: encrypted H.264, 720p, 15 frames a second, 1.5
Mbit/s, in fragments of 500 bytes, into MP4. The CPU is what the scheduler counted for a
process that has warmed up; `ffmpeg -c copy` of the same stream, in real time, runs beside it,
and so does the recorder of another checkout, with cameras of its own, if `--against` names one.
Linux; needs ffmpeg. Wanted: one camera under 4 CPU seconds an hour without sound and 12 with it, 64
under 15 % of a core and 200 MB, under 5 wake-ups a second and camera, no frame lost.
"""

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from v380cli.simulator.footage import FootageSpec, load_footage

V380 = [sys.executable, "-m", "v380cli"]
PROJECT = Path(__file__).parents[2]
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
    """CPU seconds of all threads, ended ones too, and voluntary switches of those alive."""
    switches = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            counts = status.read_text().split("voluntary_ctxt_switches:")
            switches += int(counts[1].split()[0])
    return Usage(time.clock_gettime(find_cpu_clock(pid)), switches)


def find_cpu_clock(pid: int) -> int:
    """That of a process, by what the scheduler counts (`clock_getcpuclockid` in C)."""
    return ~pid << 3 | 2


def read_peak_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


@dataclass(frozen=True)
class Checkout:
    """A version of this project, and the port of the first of its cameras."""

    path: Path
    port: int

    @property
    def name(self) -> str:
        return "" if self.path == PROJECT else f" ({self.path.name})"


@contextlib.contextmanager
def simulate(count: int, sound: str, port: int) -> Iterator[None]:
    command = [*V380, "simulate", "--port", str(port), "--id", str(FIRST_ID), "--json"]
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


def list_cameras(folder: Path, count: int, checkout: Checkout) -> dict[str, str]:
    """A device list of so many cameras; the environment that has it."""
    data = folder / f"data-{count}-{checkout.port}"
    env = {**os.environ, "V380_DATA_DIR": str(data), "PYTHONPATH": str(checkout.path)}
    listing = folder / "cameras.json"
    cameras = [
        {"name": f"cam{n}", "id": FIRST_ID + n, "address": "127.0.0.1", "port": checkout.port + n}
        for n in range(count)
    ]
    listing.write_text(json.dumps(cameras))
    if not data.exists():
        subprocess.run([*V380, "devices", "import", str(listing)], env=env, check=True, cwd=folder)
    return env


@contextlib.contextmanager
def record(
    folder: Path, count: int, sound: str, checkout: Checkout
) -> Iterator["subprocess.Popen[str]"]:
    """Cameras, and the process that records them."""
    env = list_cameras(folder, count, checkout)
    output = folder / f"recorded-{checkout.port}"
    command = [*V380, "record", "--all", "--json", "--output", f"{output}/"]
    command += ["--no-audio"] if sound == "none" else []
    with (
        simulate(count, sound, checkout.port),
        subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, text=True, cwd=folder
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()
    shutil.rmtree(output, ignore_errors=True)


def measure(
    folder: Path,
    source: Path,
    count: int,
    sound: str,
    seconds: float,
    checkouts: Sequence[Checkout],
) -> list[Sample]:
    """Of each checkout, all at the same time."""
    with contextlib.ExitStack() as stack:
        recorders = [
            stack.enter_context(record(folder, count, sound, checkout)) for checkout in checkouts
        ]
        ffmpeg = stack.enter_context(copy_with_ffmpeg(source))
        time.sleep(WARM_UP_S + count / 16)
        pids = [ffmpeg, *(recorder.pid for recorder in recorders)]
        before, began_s = [read_usage(pid) for pid in pids], time.time()
        time.sleep(seconds)
        after, elapsed_s = [read_usage(pid) for pid in pids], time.time() - began_s
        peaks_mb = [read_peak_mb(recorder.pid) for recorder in recorders]
        for recorder in recorders:
            recorder.terminate()
        results = [json.loads(recorder.communicate(timeout=60)[0]) for recorder in recorders]
    cpu = [
        (late.cpu_s - early.cpu_s) / elapsed_s for early, late in zip(before, after, strict=True)
    ]
    wakes = [late.wake_ups - early.wake_ups for early, late in zip(before, after, strict=True)]
    return [
        Sample(
            cpu=cpu[index],
            ffmpeg_cpu=cpu[0],
            wake_ups_per_s=wakes[index] / elapsed_s / count,
            peak_mb=peaks_mb[index - 1],
            frames=sum(file["video_packets"] for each in result for file in each["files"]),
            lost=sum(each["dropped_frames"] for each in result),
        )
        for index, result in enumerate(results, start=1)
    ]


def tell(name: str, count: int, sound: str, samples: Sequence[Sample]) -> None:
    """The medians."""
    cpu = statistics.median(sample.cpu for sample in samples)
    ratio = statistics.median(sample.cpu / count / sample.ffmpeg_cpu for sample in samples)
    print(
        f"{count:3} cameras, sound {sound:4}{name}: {cpu * 3600 / count:6.2f} CPU s an hour each"
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
    parser.add_argument("--against", type=Path)
    parser.add_argument("--port", type=int, default=PORT)
    arguments = parser.parse_args()
    arguments.cameras = [min(MAX_CAMERAS, int(n)) for n in arguments.cameras.split(",")]
    arguments.seconds = min(MAX_SECONDS, arguments.seconds)
    arguments.rounds = min(MAX_ROUNDS, arguments.rounds)
    return arguments


def main() -> None:
    arguments = parse_arguments()
    checkouts = [Checkout(PROJECT, arguments.port)]
    if arguments.against:
        checkouts.append(Checkout(arguments.against.resolve(), arguments.port + MAX_CAMERAS))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source.h264"
        units = load_footage(FootageSpec(device_id=FIRST_ID)).access_units
        source.write_bytes(b"".join(unit.data for unit in units) * SOURCE_LOOPS)
        for sound in arguments.sound.split(","):
            for count in arguments.cameras:
                rounds = [
                    measure(folder, source, count, sound, arguments.seconds, checkouts)
                    for _ in range(arguments.rounds)
                ]
                for checkout, samples in zip(checkouts, zip(*rounds, strict=True), strict=True):
                    tell(checkout.name, count, sound, samples)


if __name__ == "__main__":
    main()
