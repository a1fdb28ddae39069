"""Days of recording in minutes: cameras, files, retention and hooks by a clock that we turn.

    python -m tests.soak.recording_days --hours 24 --cameras 8

A picture each ten seconds goes through the sinks, the list of files, the hooks and the retention of
`record --segment 15m --keep-size`, as fast as they take it. After each simulated minute the disk is
looked at: each camera keeps to its size, and what others put there is as it was. With `--kills` the
recorder is killed so many times, anywhere, and goes on.
"""

import argparse
import datetime as dt
import gc
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.media_samples import make_video
from v380cli.media.sink import Codec, Formats, Packet, Track
from v380cli.models import Device, RecordedFile
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.naming import plan_path
from v380cli.sinks.segmented import SegmentedSink
from v380cli.work.aftercare import Aftercare, CarePlan
from v380cli.work.hooks import Hook
from v380cli.work.retention import Retention

START = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
SEGMENT_S = 900
STEP_S = 10  # from picture to picture
LOOK_S = 60
FOREIGN = {"notes.txt": b"mine", "porch-1/mine.mp4": b"x" * 500_000, "porch-1/a.mp4.part": b"y"}


@dataclass
class Days:
    """A fleet that records into a folder; all that happens is asserted on the way."""

    folder: Path
    cameras: int
    keep_bytes: int
    begin: dt.datetime = START
    files: int = 0
    checks: int = 0
    memory_mb: list[float] = field(default_factory=list)  # after each hour
    _now: dt.datetime = START

    @property
    def calls(self) -> Path:
        """Where the hook notes what it was called for."""
        return self.folder.parent / "calls.jsonl"

    def record(self, hours: float) -> None:
        """So many hours, from `begin` on."""
        output = f"{self.folder}/{{name}}/{{date}}/{{time}}.mp4"
        hook = Hook(f"sh -c 'cat >>{self.calls}; echo >>{self.calls}'")
        plan = CarePlan(output=output, retention=Retention(keep_bytes=self.keep_bytes), hook=hook)
        self.lay_foreign()
        self._now = self.begin
        with Aftercare(plan, complain) as aftercare:
            sinks = [self._open_sink(output, aftercare, number) for number in range(self.cameras)]
            for index, packet in enumerate(make_pictures(hours)):
                self._now = self.begin + dt.timedelta(seconds=index * STEP_S)
                for sink in sinks:
                    if index == 0:
                        sink.open(Formats(make_video(Codec.H264).format), packet.data)
                    sink.write(packet)
                if index * STEP_S % LOOK_S == 0:
                    settle(aftercare)
                    self.check()
                if index and index * STEP_S % 3600 == 0:
                    self.memory_mb.append(measure_memory_mb())
            for sink in sinks:
                sink.close()

    def _open_sink(self, output: str, aftercare: Aftercare, number: int) -> SegmentedSink:
        device = Device(name=f"porch-{number}", device_id=number + 1)

        def plan(start: dt.datetime) -> Path:
            return plan_path(output, device.name, start, ContainerFormat.MP4, device.device_id)

        return SegmentedSink(
            plan,
            ContainerFormat.MP4,
            lambda: self._now,
            SEGMENT_S,
            listener=aftercare.watch(device, self._hear),
        )

    def _hear(self, _device: Device, _file: RecordedFile) -> None:
        self.files += 1

    # -- what must be so at any time -------------------------------------------------------------

    def check(self) -> None:
        """The size is kept, and what others put there is as it was."""
        sizes: dict[str, int] = defaultdict(int)
        for path in self.folder.rglob("*"):
            name = str(path.relative_to(self.folder))
            if path.is_file() and name not in FOREIGN:
                sizes[name.partition("/")[0]] += path.stat().st_size
        assert len(sizes) == self.cameras
        assert max(sizes.values()) <= self.keep_bytes, sizes
        for name, content in FOREIGN.items():
            assert (self.folder / name).read_bytes() == content
        self.checks += 1

    def lay_foreign(self) -> None:
        for name, content in FOREIGN.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def count_calls(self) -> Counter[tuple[str, int]]:
        """How often the hook was called for each path, without and with `retry`."""
        calls = map(json.loads, filter(None, self.calls.read_text().splitlines()))
        return Counter((call["path"], call["retry"]) for call in calls)


def make_pictures(hours: float) -> Iterator[Packet]:
    """Keyframes, so that a file can begin with each."""
    keyframe = make_video(Codec.H264).keyframe
    for index in range(int(hours * 3600 / STEP_S) + 1):
        yield Packet(Track.VIDEO, keyframe, index * STEP_S * 1000, is_keyframe=True)


def settle(aftercare: Aftercare) -> None:
    """Let it do what is to be done, and tidy as each minute."""
    is_done = threading.Event()
    aftercare._notes.put(aftercare._tidy)
    aftercare._notes.put(lambda: aftercare._chores.put(is_done.set))
    assert is_done.wait(60)


def complain(sentence: str) -> None:
    """What a kill left is told; anything else is a failure."""
    known = "was broken off, and is finished now", "nothing can be read from"
    if not any(words in sentence for words in known):
        print(sentence)
        os._exit(1)


def measure_memory_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


# -- the command ---------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--keep-bytes", type=int, default=5_000_000)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--begin", type=dt.datetime.fromisoformat, default=START)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or Path(name) / "video"
        os.environ.setdefault("V380_DATA_DIR", f"{name}/data")
        days = Days(folder, options.cameras, options.keep_bytes, options.begin)
        for number in range(options.kills):
            kill_one(days, number)
        days.begin = options.begin + options.kills * dt.timedelta(days=1)
        days.record(options.hours)
        if options.folder is None:
            report(days)


def kill_one(days: Days, number: int) -> None:
    """Record a day in another process, which is killed somewhere on its way."""
    begin = days.begin + number * dt.timedelta(days=1)
    command = [sys.executable, "-m", "tests.soak.recording_days", "--folder", str(days.folder)]
    command += ["--begin", begin.isoformat(), "--cameras", str(days.cameras)]
    command += ["--keep-bytes", str(days.keep_bytes)]
    with subprocess.Popen(command) as process:
        try:
            process.wait(random.uniform(3, 10))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)


def report(days: Days) -> None:
    calls = days.count_calls()
    twice = [path for (path, is_retry), count in calls.items() if is_retry or count > 1]
    flat_mb = max(days.memory_mb) - days.memory_mb[0] if days.memory_mb else 0.0
    print(f"{len(calls)} files, all handed on, {len(twice)} of them twice")
    print(f"{days.checks} looks at the disk: sizes kept, nothing of others touched")
    print(f"memory after each hour, in MB: {' '.join(f'{mb:.1f}' for mb in days.memory_mb)}")
    print(f"{flat_mb:.1f} MB more than after the first hour, at most")


if __name__ == "__main__":
    main()
