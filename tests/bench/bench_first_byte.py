"""How long after a camera's first frame the first byte of `v380 stream -o -` comes.

    python -m tests.bench.bench_first_byte [ROUNDS]

On loopback, with the simulated camera of bench_stream. Wanted: within 150 ms. With sound the header
waits for the first of it, which says what it is.
"""

import os
import statistics
import subprocess
import sys
import time

from tests.bench.bench_stream import SendingTimes, make_command, simulate

ROUNDS = 7
OPTIONS = (("--format", "annexb"), ("--no-audio",), ())


def measure_ms(*options: str) -> float:
    """From the first frame to the first byte."""
    with simulate() as camera, SendingTimes() as times:
        command = make_command(camera, 2.0, "-o", "-", *options)
        with subprocess.Popen(command, stdout=subprocess.PIPE) as streaming:
            assert streaming.stdout
            os.read(streaming.stdout.fileno(), 1)
            came_s = time.time()
            streaming.terminate()
        return (came_s - min(times.values())) * 1000


def main() -> None:
    rounds = int(sys.argv[1]) if sys.argv[1:] else ROUNDS
    for options in OPTIONS:
        late_ms = [measure_ms(*options) for _ in range(rounds)]
        name = " ".join(options) or "MPEG-TS with sound"
        print(f"  {name:20} median {statistics.median(late_ms):5.0f} ms, worst {max(late_ms):5.0f}")


if __name__ == "__main__":
    main()
