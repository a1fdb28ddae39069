"""What serving costs: viewers of one camera, the time to their first picture, and memory.

    python tests/bench/bench_serve.py

Everything runs on loopback with a simulated camera: encrypted H.264, 720p, 15 frames a second, 1.5
Mbit/s, with sound. Wanted: ten viewers, one of them stalled, under a tenth of a core; memory that
does not grow; a new viewer's first picture within 0.1 s.
"""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

V380 = [sys.executable, "-m", "v380cli"]
CAMERA_ID = 10_000_001
CAMERA_PORT = 19_100
WARM_UP_S = 15
MEASURED_S = 60
ROUNDS = 10
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def run(*arguments: str, env: dict[str, str]) -> Iterator[tuple["subprocess.Popen[str]", Any]]:
    """A command of ours and the JSON that it says first."""
    command = [*V380, *arguments, "--json"]
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.terminate()


class Viewer(threading.Thread):
    """Reads a stream until the program ends."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = url

    def run(self) -> None:
        with contextlib.suppress(OSError), urllib.request.urlopen(self._url) as response:
            while response.read(1 << 16):
                pass


def stall(url: str, path: str) -> socket.socket:
    """A viewer who asks and takes nothing."""
    host, _, port = url.removeprefix("http://").rstrip("/").partition(":")
    sock = socket.create_connection((host, int(port)))
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return sock


def read_cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def read_memory_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def describe(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}status.json") as response:
        status: dict[str, Any] = json.load(response)
    return status


def measure(name: str, paths: list[str], env: dict[str, str], *, stalled: bool = False) -> None:
    target = [f"127.0.0.1:{CAMERA_PORT}", "--id", str(CAMERA_ID)]
    with run("stream", *target, "--serve", "127.0.0.1:0", env=env) as (process, said):
        url = said["url"]
        for path in paths:
            Viewer(url + path).start()
        idler = stall(url, "/stream.ts") if stalled else None
        time.sleep(WARM_UP_S)
        cpu_s, memory_mb = read_cpu_s(process.pid), read_memory_mb(process.pid)
        time.sleep(MEASURED_S)
        share = (read_cpu_s(process.pid) - cpu_s) / MEASURED_S * 100
        status = describe(url)
        print(
            f"  {name:28} {share:5.1f} % of a core, {memory_mb:4.0f} MB after {WARM_UP_S} s and "
            f"{read_memory_mb(process.pid):4.0f} MB after {WARM_UP_S + MEASURED_S} s; "
            f"{status['viewers']} viewers, {status['dropped_pictures']} pictures dropped"
        )
        if idler:
            idler.close()


def measure_first_picture(env: dict[str, str]) -> None:
    target = [f"127.0.0.1:{CAMERA_PORT}", "--id", str(CAMERA_ID)]
    with run("stream", *target, "--serve", "127.0.0.1:0", env=env) as (_, said):
        for path in ("stream.ts", "stream.mp4", "stream.mjpeg", "snapshot.jpg"):
            times_ms = []
            for _ in range(ROUNDS):
                time.sleep(0.37)  # anywhere between two keyframes
                started_s = time.monotonic()
                with urllib.request.urlopen(said["url"] + path) as response:
                    response.read(20_000)  # less than a keyframe
                times_ms.append((time.monotonic() - started_s) * 1000)
            middle, worst = statistics.median(times_ms), max(times_ms)
            print(f"  {path:28} {middle:5.0f} ms, {worst:.0f} ms at worst")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        env = {**os.environ, "V380_DATA_DIR": str(Path(name) / "data")}
        camera = ["--id", str(CAMERA_ID), "--port", str(CAMERA_PORT)]
        with run("simulate", *camera, env=env):
            print("time to the first keyframe of a new viewer")
            measure_first_picture(env)
            print(f"serving for {MEASURED_S} s")
            measure("nobody", [], env)
            measure("one in a browser", ["stream.mp4"], env)
            measure("ten of MPEG-TS", ["stream.ts"] * 10, env)
            measure("ten of MP4", ["stream.mp4"] * 10, env)
            measure("one of pictures, 5 a second", ["stream.mjpeg"], env)
            mixed = ["stream.ts", "stream.mp4", "stream.mjpeg"] * 3
            measure("nine of all, one stalled", mixed, env, stalled=True)


if __name__ == "__main__":
    main()
