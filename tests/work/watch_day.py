"""A day of many cameras in minutes, in one process: nothing grows, and no event is lost.

    python -m tests.work.watch_day [CAMERAS [HOURS]]

Pictures are real ones of a small stream; the clock is one that the day moves. Every two minutes a
person crosses before each camera. From the second hour to the third, or the middle
third of a shorter day, the webhook is down.
"""

import datetime as dt
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from tests.commands.recording_lab import wait_until
from tests.sinks.test_motion import film
from v380cli.camera.retry import BackOff
from v380cli.errors import NetworkError
from v380cli.media.sink import Packet
from v380cli.models import Device
from v380cli.simulator.scenes import ACTION_S, LOOP_S, SceneName
from v380cli.sinks import clip
from v380cli.work.aftercare import Aftercare
from v380cli.work.retention import Retention
from v380cli.work.watch import episodes, outbox
from v380cli.work.watch.events import Event
from v380cli.work.watch.outbox import Outbox
from v380cli.work.watch.picture import PictureWatch
from v380cli.work.watch.plan import WatchPlan
from v380cli.work.watch.tellers import CatalogueTeller

QUIET_PIECES = 12  # between two events, of ten seconds each
ROUND_S = LOOP_S + QUIET_PIECES * ACTION_S
MAX_CLIPS_BYTES = 1_000_000  # of each camera
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Clock:
    """The monotonic clock of the day."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s


class Webhook:
    """A server that is down for a while, and keeps what it is told."""

    name = "webhook"
    retries = True
    wants_pictures = False

    def __init__(self) -> None:
        self.is_down = False
        self.refusals = 0
        self.heard: list[tuple[str, str]] = []

    def tell(self, event: Event) -> None:
        if self.is_down:
            self.refusals += 1
            raise NetworkError("down")
        self.heard.append((event.key, event.name))

    def close(self) -> None:
        pass


@dataclass
class Day:
    """How it went; memory in bytes, at the end of each tenth."""

    told: list[tuple[str, str]] = field(default_factory=list)
    heard: list[tuple[str, str]] = field(default_factory=list)
    dropped: int = 0
    refusals: int = 0
    memory: list[int] = field(default_factory=list)
    files: int = 0


@contextmanager
def compressed_time() -> Iterator[Clock]:
    """The day's clock where it is looked at, and pauses that cost nothing."""
    clock = Clock()
    with ExitStack() as stack:
        for module in (episodes, outbox, clip):
            stack.enter_context(mock.patch.object(module, "time", clock))
        stack.enter_context(mock.patch.object(BackOff, "next_pause_s", lambda *_: 0.001))
        yield clock


def run_day(folder: Path, cameras: int, hours: float) -> Day:
    """Watch so many cameras for so long; clips are kept in `folder`, within bounds."""
    day, webhook = Day(), Webhook()
    plan = WatchPlan(
        economy=True,
        record=str(folder),
        post_s=5.0,
        pre_s=5.0,
        retention=Retention(keep_bytes=MAX_CLIPS_BYTES),
    )
    with compressed_time() as clock, Aftercare(plan.care, print) as aftercare:
        outboxes = [Outbox(webhook), Outbox(CatalogueTeller())]

        def tell(event: Event) -> None:
            day.told.append((event.key, event.name))
            for each in outboxes:
                each.post(event)

        devices = [Device(name=f"camera-{n}", device_id=n + 1) for n in range(cameras)]
        watches = [
            PictureWatch(each, plan, tell, aftercare.watch(each, lambda *_: None))
            for each in devices
        ]
        formats, packets = film(SceneName.PERSON)
        for watch in watches:
            watch.sink.open(formats, packets[0].data)
        rounds = round(hours * 3600 / ROUND_S)
        an_hour = range(round(7200 / ROUND_S), round(10800 / ROUND_S))
        outage = an_hour if hours > 3 else range(rounds // 3, rounds * 2 // 3)
        for number in range(rounds):
            webhook.is_down = number in outage
            play_round(watches, clock, packets)
            if number % max(1, rounds // 10) == 0:
                day.memory.append(measure_memory())
        for watch in watches:
            watch.sink.close()
            clock.now_s += plan.post_s
            watch.tick()
        wait_until(lambda: len(webhook.heard) + outboxes[0].dropped >= len(day.told))
        for each in outboxes:
            each.close(60.0)
            day.dropped += each.dropped
    day.heard, day.refusals = webhook.heard, webhook.refusals
    day.files = sum(path.suffix == ".mp4" for path in folder.rglob("*"))
    return day


def play_round(watches: list[PictureWatch], clock: Clock, packets: list[Packet]) -> None:
    """Some minutes before all cameras, in which nothing happens and then somebody crosses."""
    quiet = [packet for packet in packets if packet.pts_ms < ACTION_S * 1000]
    for _ in range(QUIET_PIECES):
        play(watches, clock, quiet, ACTION_S)
    play(watches, clock, packets, LOOP_S)


def play(
    watches: list[PictureWatch], clock: Clock, packets: list[Packet], duration_s: float
) -> None:
    begin_s = clock.now_s
    for packet in packets:
        clock.now_s = begin_s + packet.pts_ms / 1000
        moved = packet.move(round(begin_s * 1000))
        for watch in watches:
            watch.sink.write(moved)
            watch.tick()
    clock.now_s = begin_s + duration_s


def measure_memory() -> int:
    """What this process has in memory, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


def main() -> None:
    words = [float(word) for word in sys.argv[1:3]]
    cameras, hours = int(words[0]) if words else 16, words[1] if len(words) > 1 else 24.0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["V380_DATA_DIR"] = f"{folder}/data"
        began = dt.datetime.now()
        day = run_day(Path(folder) / "clips", cameras, hours)
        took = dt.datetime.now() - began
    lost = set(day.told) - set(day.heard)
    memory = ", ".join(f"{size / 1e6:.1f}" for size in day.memory)
    sys.stdout.write(
        f"{cameras} cameras, {hours:g} h in {took}: {len(day.told)} events, {len(lost)} lost, "
        f"{day.dropped} dropped, {day.refusals} attempts while the webhook was down, "
        f"{day.files} clips left, {threading.active_count()} threads\nmemory, MB: {memory}\n"
    )


if __name__ == "__main__":
    main()
