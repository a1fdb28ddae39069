"""How long a list of 10,000 cameras takes: as a whole, one by name, and as `v380 devices` does it.

    python tests/bench/bench_devices.py

Wanted: `devices list --json` under 400 ms, and a name looked up within 5 ms above start-up.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from v380cli.models import Device
from v380cli.store.database import DeviceRecord, open_device_list

CAMERAS = 10_000
ROUNDS = 11


def fill_list() -> None:
    with open_device_list() as devices, devices.transaction():
        for number in range(CAMERAS):
            device = Device(
                name=f"camera {number}",
                device_id=10_000_000 + number,
                mac=":".join(f"{number:012x}"[at : at + 2] for at in range(0, 12, 2)),
                host=f"10.0.{number >> 8}.{number & 255}",
            )
            devices.add(DeviceRecord(device=device, groups=(f"floor-{number % 7}",)))


def look_up() -> None:
    with open_device_list(create=False) as devices:
        assert devices.find_by_name(f"camera {CAMERAS // 2}")


def run(*args: str) -> None:
    command = [sys.executable, "-m", "v380cli", *args]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def measure_ms(action: Callable[[], None]) -> float:
    """The median of some rounds; the first one, which fills caches, does not count."""
    action()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["V380_DATA_DIR"] = str(Path(folder) / "data")
        start = time.perf_counter()
        fill_list()
        print(f"{CAMERAS} cameras added in {time.perf_counter() - start:.1f} s")
        actions: dict[str, Callable[[], None]] = {
            "open, look up by name, close": look_up,
            "v380 --version": lambda: run("--version"),
            "v380 devices show NAME --json": lambda: run("devices", "show", "camera 5", "--json"),
            "v380 devices list --json": lambda: run("devices", "list", "--json"),
            "v380 devices list": lambda: run("devices", "list"),
        }
        for name, action in actions.items():
            print(f"{name:32} {measure_ms(action):7.1f} ms")


if __name__ == "__main__":
    main()
