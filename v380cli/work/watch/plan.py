"""What the options of `watch` ask for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from v380cli.camera.wall_clock import CameraZone
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.motion import MotionOptions
from v380cli.sinks.motion_sink import Judge
from v380cli.work.aftercare import CarePlan
from v380cli.work.retention import Retention
from v380cli.work.watch.episodes import PICTURE_SUFFIX
from v380cli.work.watch.source import Source


@dataclass(frozen=True, kw_only=True)
class WatchPlan:
    """Durations in seconds; with a `record` folder there are clips, and a picture beside each.

    `zone` is that of the cameras' clocks. `listeners` are the addresses and ports at which cameras
    tell their alarms. What a `judge` does not take for a person is no motion.
    """

    source: Source = Source.PICTURE
    motion: MotionOptions = field(default_factory=MotionOptions)
    economy: bool = False
    judge: Judge | None = None
    record: str | None = None
    container: ContainerFormat = ContainerFormat.MP4
    pre_s: float = 0.0
    post_s: float = 0.0
    duration_s: float = float("inf")
    retention: Retention = field(default_factory=Retention)
    zone: CameraZone = field(default_factory=CameraZone)
    listeners: Sequence[tuple[str, int]] = ()

    @property
    def care(self) -> CarePlan:
        """What becomes of the clips."""
        output = str(Path(self.record or ".").absolute())
        return CarePlan(output=output, retention=self.retention, companions=(PICTURE_SUFFIX,))
