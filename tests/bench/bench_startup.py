"""What CPU the answers take that one waits for most often, against Python itself doing nothing.

    python tests/bench/bench_startup.py

The commands take turns, so that a busy moment of the machine meets all of them alike.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile

ROUNDS = 21
BARE, TAB = "python -c pass", "a TAB, 10,000 devices"
DEVICES = 10_000
# As an installed `v380` begins; `python -m` takes longer.
V380 = ["-c", "from v380cli.__main__ import main; main()"]
COMMANDS = {
    BARE: ["-c", "pass"],
    "v380 --help": [*V380, "--help"],
    "v380 record --help": [*V380, "record", "--help"],
    "v380 devices list": [*V380, "devices", "list"],
    TAB: V380,
}


def fill_list(env: dict[str, str]) -> None:
    cameras = [{"name": f"camera {n}", "id": 10_000_000 + n} for n in range(DEVICES)]
    subprocess.run(
        [sys.executable, *V380, "devices", "import", "-", "--format", "json"],
        env=env,
        input=json.dumps(cameras),
        text=True,
        capture_output=True,
        check=True,
    )


def measure_ms(name: str, env: dict[str, str]) -> float:
    args, quiet = COMMANDS[name], subprocess.DEVNULL
    if name == TAB:
        env = {**env, "_V380_COMPLETE": "cameras"}
    start = measure_cpu_s()
    subprocess.run([sys.executable, *args], env=env, stdout=quiet, stderr=quiet, check=True)
    return (measure_cpu_s() - start) * 1000


def measure_cpu_s() -> float:
    """What commands have taken so far: a busy machine makes them late, but no dearer."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    with tempfile.TemporaryDirectory() as data_dir:
        compiled = {**os.environ, "PYTHONPYCACHEPREFIX": f"{data_dir}/compiled"}
        compiled.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled
        compiled.pop("V380_DATA_DIR", None)
        env = {**compiled, "XDG_DATA_HOME": f"{data_dir}/few"}
        many = {**compiled, "XDG_DATA_HOME": f"{data_dir}/many"}
        fill_list(many)
        places = {name: many if name == TAB else env for name in COMMANDS}
        for name, place in places.items():  # fills caches, writes .pyc files
            measure_ms(name, place)
        rounds = [
            {name: measure_ms(name, place) for name, place in places.items()} for _ in range(ROUNDS)
        ]
    medians = {name: statistics.median(times[name] for times in rounds) for name in COMMANDS}
    print(f"median of {ROUNDS} runs, Python {sys.version.split()[0]}")
    for name, median in medians.items():
        print(f"{name:22} {median:6.0f} ms {median / medians[BARE]:6.1f} x bare Python")


if __name__ == "__main__":
    main()
