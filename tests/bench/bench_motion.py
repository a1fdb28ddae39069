"""What looking for motion costs, and what it finds, on scenes drawn and encoded like a camera's.

    python tests/bench/bench_motion.py [FIRST_SEED [SEEDS]]

Each seed is another yard with other people in it; those of the tests, from which the thresholds
come, are below 100. Wanted: 6 of 6 objects and no event from 6 traps on the SD stream; 5 of 6 and
none on the keyframes of the HD stream; under 45 and 25 CPU seconds per hour of a camera.
"""

import datetime as dt
import statistics
import sys
import time
from dataclasses import dataclass, field, replace

from v380cli.media.access_unit import classify_access_unit
from v380cli.media.gate import KeyframeGate
from v380cli.media.sink import Formats, Packet, Track
from v380cli.simulator.footage import FootageSpec, load_footage
from v380cli.simulator.scenes import ACTION_S, LOOP_S, PLOTS, SceneName
from v380cli.sinks.motion import MotionOptions
from v380cli.sinks.motion_sink import MotionSink, Sighting

FIRST_SEED, SEEDS = 100, 1
CLOCK = dt.time(9, 59, 45)  # every digit of it changes while a scene is shown
HD = FootageSpec(width=1280, height=720, bitrate=1_500_000, loop_s=LOOP_S, clock=CLOCK)
SD = FootageSpec(width=640, height=360, bitrate=400_000, loop_s=LOOP_S, clock=CLOCK)


@dataclass
class Result:
    """What came of the scenes in one mode."""

    name: str
    cpu_s: float = 0.0
    media_s: float = 0.0
    found: dict[SceneName, int] = field(default_factory=dict)
    false: dict[SceneName, int] = field(default_factory=dict)
    latencies_s: list[float] = field(default_factory=list)


def list_packets(spec: FootageSpec) -> tuple[Formats, list[Packet]]:
    gate = KeyframeGate()
    packets = []
    for number, access_unit in enumerate(load_footage(spec).access_units):
        unit = classify_access_unit(access_unit.data, spec.codec)
        assert unit
        gated = gate.admit(unit)
        assert gated
        pts_ms = round(number * 1000 / spec.fps)
        packets.append(Packet(Track.VIDEO, gated.data, pts_ms, gated.is_keyframe))
    assert gate.format
    return Formats(gate.format), packets


def watch_scene(spec: FootageSpec, result: Result, *, keyframes_only: bool) -> None:
    assert spec.scene
    starts: list[Sighting] = []
    formats, packets = list_packets(spec)
    sink = MotionSink(
        MotionOptions(),
        on_start=starts.append,
        on_end=lambda _: None,
        keyframes_only=keyframes_only,
    )
    sink.open(formats, packets[0].data)
    begin_s = time.process_time()
    for packet in packets:
        sink.write(packet)
    result.cpu_s += time.process_time() - begin_s
    result.media_s += spec.loop_s
    wanted = [s for s in starts if PLOTS[spec.scene].moves and s.pts_ms >= ACTION_S * 1000]
    if PLOTS[spec.scene].moves:
        result.found[spec.scene] = result.found.get(spec.scene, 0) + bool(wanted)
    if wanted:
        result.latencies_s.append(wanted[0].pts_ms / 1000 - ACTION_S)
    false = len(starts) - len(wanted)
    result.false[spec.scene] = result.false.get(spec.scene, 0) + false


def report(result: Result, seeds: int) -> None:
    cpu_s = result.cpu_s * 3600 / result.media_s
    missed = [f"{scene} {seeds - n}" for scene, n in result.found.items() if n < seeds]
    false = [f"{scene} {count}" for scene, count in result.false.items() if count]
    print(
        f"{result.name:24} {cpu_s:5.1f} CPU s per camera-hour, "
        f"found {sum(result.found.values())} of {len(result.found) * seeds}, "
        f"false {sum(result.false.values())}, "
        f"latency {statistics.median(result.latencies_s or [0]):.2f} s"
        + (f"; missed: {', '.join(missed)}" if missed else "")
        + (f"; false: {', '.join(false)}" if false else "")
    )


def main() -> None:
    words = [int(word) for word in sys.argv[1:3]]
    first = words[0] if words else FIRST_SEED
    seeds = words[1] if len(words) > 1 else SEEDS
    sd, hd = Result("SD, 5 a second"), Result("HD, keyframes (economy)")
    for scene in SceneName:
        for seed in range(first, first + seeds):
            watch_scene(replace(SD, scene=scene, device_id=seed), sd, keyframes_only=False)
            watch_scene(replace(HD, scene=scene, device_id=seed), hd, keyframes_only=True)
    report(sd, seeds)
    report(hd, seeds)


if __name__ == "__main__":
    main()
