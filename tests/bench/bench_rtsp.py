"""What serving RTSP costs: three players of one camera, beside recording that camera.

    python -m tests.bench.bench_rtsp

Everything runs on loopback with a simulated camera: encrypted H.264, 720p, 15 frames a second, 1.5
Mbit/s, with sound. Wanted: three players over TCP cost at most three times as much as recording;
the first picture within 0.5 s while the camera is open; memory that does not grow.
"""

import contextlib
import os
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.bench_serve import CAMERA_ID, CAMERA_PORT, V380, read_cpu_s, read_memory_mb, run

WARM_UP_S = 15
MEASURED_S = 60
ROUNDS = 10
TARGET = [f"127.0.0.1:{CAMERA_PORT}", "--id", str(CAMERA_ID)]
KEYFRAME_BYTES = 20_000  # less than one, more than all that comes before it


def play(url: str, transport: str = "RTP/AVP/TCP;interleaved=0-1") -> socket.socket:
    """A connection on which the video of a stream plays, with the answers read off it."""
    host, _, port = url.removeprefix("rtsp://").partition("/")[0].partition(":")
    sock = socket.create_connection((host, int(port)))
    sound = "RTP/AVP/TCP;interleaved=2-3"
    session = ""
    for number, (method, suffix, header) in enumerate(
        [
            ("DESCRIBE", "", ""),
            ("SETUP", "/trackID=0", f"Transport: {transport}\r\n"),
            ("SETUP", "/trackID=1", f"Transport: {sound}\r\n"),
            ("PLAY", "", ""),
        ]
    ):
        sock.sendall(
            f"{method} {url}{suffix} RTSP/1.0\r\nCSeq: {number}\r\n{session}{header}\r\n".encode()
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += sock.recv(4096)
        if b"Session: " in answer:
            session = f"Session: {answer.split(b'Session: ')[1].split(b';')[0].decode()}\r\n"
    return sock


class Player(threading.Thread):
    """Takes a stream until the program ends."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = url

    def run(self) -> None:
        with contextlib.suppress(OSError), play(self._url) as sock:
            while sock.recv(1 << 16):
                pass


def measure(pid: int, name: str) -> float:
    """CPU seconds in an hour."""
    time.sleep(WARM_UP_S)
    cpu_s, memory_mb = read_cpu_s(pid), read_memory_mb(pid)
    time.sleep(MEASURED_S)
    cpu_s_per_hour = (read_cpu_s(pid) - cpu_s) * 3600 / MEASURED_S
    print(
        f"  {name:28} {cpu_s_per_hour:5.1f} CPU s an hour, {memory_mb:4.0f} MB after {WARM_UP_S} s "
        f"and {read_memory_mb(pid):4.0f} MB after {WARM_UP_S + MEASURED_S} s"
    )
    return cpu_s_per_hour


@contextlib.contextmanager
def record(folder: Path, env: dict[str, str]) -> Iterator[int]:
    command = [*V380, "record", *TARGET, "--output", f"{folder}/it.mp4"]
    with subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) as process:
        try:
            yield process.pid
        finally:
            process.terminate()


def measure_first_picture(url: str) -> None:
    times_ms = []
    for _ in range(ROUNDS):
        time.sleep(0.37)  # anywhere between two keyframes
        started_s = time.monotonic()
        with play(url) as sock:
            size = 0
            while size < KEYFRAME_BYTES:
                size += len(sock.recv(4096))
        times_ms.append((time.monotonic() - started_s) * 1000)
    middle, worst = statistics.median(times_ms), max(times_ms)
    print(f"  first picture                {middle:5.0f} ms, {worst:.0f} ms at worst")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        env = {**os.environ, "V380_DATA_DIR": f"{name}/data"}
        camera = ["--id", str(CAMERA_ID), "--port", str(CAMERA_PORT)]
        with run("simulate", *camera, env=env):
            with record(Path(name), env) as pid:
                recording = measure(pid, "recording")
            serve = ["serve", *TARGET, "--rtsp", "127.0.0.1:0", "--always"]
            with run(*serve, env=env) as (process, said):
                url = said[0]["rtsp"]["hd"]
                measure(process.pid, "serving nobody")
                for _ in range(3):
                    Player(url).start()
                serving = measure(process.pid, "serving three over TCP")
                measure_first_picture(url)
            print(f"  serving three / recording    {serving / recording:.2f}")


if __name__ == "__main__":
    main()
