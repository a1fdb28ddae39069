"""How long `v380 --help` and `v380 devices list` take, against Python itself doing nothing.

    python tests/bench/bench_startup.py

The commands take turns, so that a busy moment of the machine meets all of them alike.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 21
BARE = "python -c pass"
COMMANDS = {
    BARE: ["-c", "pass"],
    "v380 --help": ["-m", "v380cli", "--help"],
    "v380 devices list": ["-m", "v380cli", "devices", "list"],
}


def measure_ms(args: list[str], env: dict[str, str]) -> float:
    start = time.perf_counter()
    quiet = subprocess.DEVNULL
    subprocess.run([sys.executable, *args], env=env, stdout=quiet, stderr=quiet, check=True)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as data_dir:
        env = {**os.environ, "V380_DATA_DIR": data_dir}
        for args in COMMANDS.values():  # fills caches, writes .pyc files
            measure_ms(args, env)
        rounds = [
            {name: measure_ms(args, env) for name, args in COMMANDS.items()} for _ in range(ROUNDS)
        ]
    medians = {name: statistics.median(times[name] for times in rounds) for name in COMMANDS}
    print(f"median of {ROUNDS} runs, Python {sys.version.split()[0]}")
    for name, median in medians.items():
        print(f"{name:20} {median:6.0f} ms {median / medians[BARE]:6.1f} x bare Python")


if __name__ == "__main__":
    main()
