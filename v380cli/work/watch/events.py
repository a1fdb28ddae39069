"""What happens before a camera, in the words of `watch --jsonl`."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from v380cli.models import Device
from v380cli.sinks.motion import Box
from v380cli.text import format_json

SHORT = 4  # decimals of fractions


class EventName(StrEnum):
    """The values of `event`."""

    MOTION_START = "motion_start"
    MOTION_END = "motion_end"
    ALARM = "alarm"
    ALARM_END = "alarm_end"
    CAMERA_LOST = "camera_lost"
    CAMERA_BACK = "camera_back"


ENDS = {EventName.MOTION_START: EventName.MOTION_END, EventName.ALARM: EventName.ALARM_END}


def make_key() -> str:
    """What joins the end of something to its beginning."""
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One of them; an end has the `key` and the `start` of its beginning.

    `time` is when it happened, not when it is told; `picture` is a JPEG.
    """

    name: EventName
    device: Device
    time: dt.datetime
    start: dt.datetime
    source: str
    key: str = field(default_factory=make_key)
    score: float = 0.0
    area: float = 0.0
    boxes: tuple[Box, ...] = ()
    clip: Path | None = None
    snapshot: Path | None = None
    duration_s: float | None = None
    reason: str = ""
    picture: bytes = field(default=b"", repr=False)

    def to_json(self) -> dict[str, Any]:
        """The object of a line: texts, numbers and lists only."""
        document = {
            "event": str(self.name),
            "device": self.device.label,
            "id": self.device.device_id,
            "time": self.time.isoformat(timespec="milliseconds"),
            "source": self.source,
            "score": round(self.score, SHORT),
            "area": round(self.area, SHORT),
            "boxes": [_list_sides(box) for box in self.boxes],
            "clip": str(self.clip) if self.clip else None,
            "snapshot": str(self.snapshot) if self.snapshot else None,
            "duration_s": None if self.duration_s is None else round(self.duration_s, 3),
        }
        return {**document, "reason": self.reason} if self.reason else document

    def to_line(self) -> str:
        """The object as JSON text."""
        return format_json(self.to_json())

    def to_values(self) -> dict[str, str]:
        """What a command is told: `{event}`, `{camera}`, `{path}` and so on."""
        document = self.to_json()
        return {
            "event": document["event"],
            "camera": self.device.label,
            "id": str(self.device.device_id),
            "path": document["clip"] or "",
            "snapshot": document["snapshot"] or "",
            "start": self.start.isoformat(timespec="milliseconds"),
            "time": document["time"],
            "duration": "" if self.duration_s is None else f"{self.duration_s:.3f}",
            "source": self.source,
            "score": f"{self.score:.2f}",
            "reason": self.reason,
        }


def _list_sides(box: Box) -> list[float]:
    return [round(side, SHORT) for side in (box.x, box.y, box.width, box.height)]
