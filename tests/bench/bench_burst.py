"""What the recording thread costs a burst of media: one second's worth, with the caches cold.

    python -m tests.bench.bench_burst [--sound none|ima|alaw|pcm|aac] [--seconds 120] [--warm]
                                      [--profile FILE]

A recorder that reads once a second finds nothing of its code in the caches of the processor, and
that is most of what it costs. So this takes the media of a simulated camera as fast as they come
(encrypted H.264, 720p, 15 frames a second, 1.5 Mbit/s, into MP4), a second's worth at a time,
empties the caches before each burst, and counts the thread's CPU until it asks for the next. It
prints medians: CPU seconds an hour, and how many times as long as a fixed loop in Python a burst
takes, which says the same on a slow or a busy machine. `--profile` writes what cProfile finds.
"""

import argparse
import contextlib
import cProfile
import io
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from v380cli.app import main as run_v380
from v380cli.camera.recorder import Recorder
from v380cli.net.stream import TcpChannel

PORT, FIRST_ID = 18_900, 10_000_001
BURST_BYTES = 190_000  # of media in a second
CACHE_BYTES = 64 << 20  # larger than any
MAX_SECONDS = 1200
SKIPPED_BURSTS = 5  # what opens the file


class Bursts:
    """Stands in for the channel's reading; counts what happens between two bursts."""

    def __init__(self, *, cold: bool, profile: cProfile.Profile | None) -> None:
        self.costs_ns: list[int] = []
        self.loops_ns: list[int] = []
        self._dust = np.zeros(CACHE_BYTES if cold else 1, np.uint8)
        self._profile = profile
        self._began_ns = 0

    def receive(self, channel: TcpChannel, buffer: memoryview) -> int | None:
        if self._began_ns:
            self._stop()
        count = self._fill(channel, buffer)
        np.add(self._dust, 1, out=self._dust)
        if self._profile and len(self.costs_ns) >= SKIPPED_BURSTS:
            self._profile.enable()
        self._began_ns = time.thread_time_ns()
        return count

    def _stop(self) -> None:
        if self._profile:
            self._profile.disable()
        ended_ns = time.thread_time_ns()
        self.costs_ns.append(ended_ns - self._began_ns)
        run_fixed_loop()
        self.loops_ns.append(time.thread_time_ns() - ended_ns)

    def _fill(self, channel: TcpChannel, buffer: memoryview) -> int:
        count = 0
        while count < BURST_BYTES:
            took = channel._socket.recv_into(buffer[count:BURST_BYTES], 0, socket.MSG_WAITALL)
            if not took:
                break
            count += took
        return count


def run_fixed_loop() -> int:
    """Something to compare with: about a millisecond of Python."""
    total = 0
    for number in range(20_000):
        total += number
    return total


@contextlib.contextmanager
def simulate(sound: str) -> Iterator[None]:
    command = [sys.executable, "-m", "v380cli", "simulate", "--port", str(PORT), "--json"]
    command += ["--id", str(FIRST_ID), "--pace", "fast", "--audio", sound]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()  # the camera is there
        try:
            yield
        finally:
            process.terminate()


def record(sound: str, seconds: int, folder: Path) -> int:
    """With our own command; returns how many frames were lost."""
    os.environ["V380_DATA_DIR"] = str(folder / "data")
    target = [f"127.0.0.1:{PORT}", "--id", str(FIRST_ID), "--duration", str(seconds)]
    sys.argv = ["v380", "record", *target, "--output", str(folder / "record.mp4"), "--quiet"]
    sys.argv += ["--no-audio"] if sound == "none" else []
    lost: list[int] = []
    finish = Recorder._finish

    def note(recorder: Recorder, error: object) -> object:
        lost.append(recorder.dropped_frames)
        return finish(recorder, error)  # type: ignore[arg-type]

    Recorder._finish = note  # type: ignore[assignment, method-assign]
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        run_v380()
    return sum(lost)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sound", default="none")
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--warm", action="store_true")
    parser.add_argument("--profile", type=Path)
    arguments = parser.parse_args()
    profile = cProfile.Profile(time.thread_time) if arguments.profile else None
    bursts = Bursts(cold=not arguments.warm, profile=profile)

    def receive(channel: TcpChannel, buffer: memoryview) -> int | None:
        return bursts.receive(channel, buffer)

    TcpChannel.receive_gathered = receive  # type: ignore[assignment, method-assign]
    seconds = min(MAX_SECONDS, arguments.seconds)
    with tempfile.TemporaryDirectory() as name, simulate(arguments.sound):
        lost = record(arguments.sound, seconds, Path(name))
    costs_ms = [cost / 1e6 for cost in bursts.costs_ns[SKIPPED_BURSTS:]]
    loop_ms = statistics.median(bursts.loops_ns[SKIPPED_BURSTS:]) / 1e6
    print(
        f"sound {arguments.sound}: {statistics.median(costs_ms) * 3.6:.2f} CPU s an hour,"
        f" {statistics.median(costs_ms):.2f} ms a burst (best {min(costs_ms):.2f}),"
        f" {statistics.median(costs_ms) / loop_ms:.2f} fixed loops,"
        f" {len(costs_ms)} bursts, {lost} frames lost"
    )
    if profile:
        profile.dump_stats(arguments.profile)


if __name__ == "__main__":
    main()
