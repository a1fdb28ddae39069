"""How cameras do, in numbers, as Prometheus reads them."""

import contextlib
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from v380cli.camera.recorder import Recorder
from v380cli.camera.recorder_state import RecorderState
from v380cli.models import Device, Quality
from v380cli.text import clean_text

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

LABELS = ("camera", "id", "quality")
COUNTERS = {
    "video_frames": "Pictures that came and could be used.",
    "received_bytes": "Bytes received from the camera.",
    "dropped_frames": "Pictures that were lost on the way or could not be used.",
    "gaps": "Stretches of time without pictures.",
    "gap_seconds": "How long these were in all.",
    "reconnects": "Links that were opened after one was lost.",
}
UP = "Whether pictures come at present; left out while nobody wants the stream."
AGE = "How long ago the last picture was taken."
FREE = "Bytes that are free on the disk of the recordings."


class Counts(NamedTuple):
    """What only grows, in the order of `COUNTERS`."""

    video_frames: float = 0
    received_bytes: float = 0
    dropped_frames: float = 0
    gaps: float = 0
    gap_seconds: float = 0
    reconnects: float = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One stream of a camera; `last_picture_s` is on the monotonic clock.

    `is_up` is None while nobody wants the stream, `last_picture_s` before there was a picture.
    """

    device: Device
    quality: Quality
    counts: Counts
    is_up: bool | None = None
    last_picture_s: float | None = None

    @property
    def labels(self) -> tuple[str, str, str]:
        device_id = str(self.device.device_id or "")
        return clean_text(self.device.label), device_id, str(self.quality)


def count(recorder: Recorder) -> Counts:
    """What a recorder has counted so far."""
    return Counts(
        video_frames=recorder.video_frames,
        received_bytes=recorder.bytes_received,
        dropped_frames=recorder.dropped_frames,
        gaps=recorder.gaps.gaps.noted,
        gap_seconds=recorder.gaps.total_s,
        reconnects=recorder.reconnects,
    )


def read(recorder: Recorder, past: Counts | None = None) -> Reading:
    """How a recorder does, with what others have counted of this stream before."""
    last_s = recorder.last_picture_s
    return Reading(
        device=recorder.device,
        quality=recorder.options.quality,
        counts=count(recorder).plus(past or Counts()),
        is_up=recorder.state is RecorderState.RECORDING,
        last_picture_s=last_s if last_s < float("inf") else None,
    )


def read_all(recorders: Sequence[Recorder]) -> list[Reading]:
    """One of each stream: what several recorders had one after the other is added up.

    A camera that was let go is left out.
    """
    readings: dict[tuple[str, ...], Reading] = {}
    present = set()
    for recorder in recorders:
        labels = read(recorder).labels
        former = readings.get(labels)
        readings[labels] = read(recorder, former.counts if former else None)
        if recorder.state is not RecorderState.DONE:
            present.add(labels)
    return [reading for labels, reading in readings.items() if labels in present]


def render(readings: Iterable[Reading], folder: Path | None = None) -> bytes:
    """The text of Prometheus; with `folder` it has what is free there."""
    from prometheus_client import CollectorRegistry, generate_latest

    families = [*_list_families(list(readings)), *([_measure_disk(folder)] if folder else [])]

    class Once:
        def collect(self) -> Iterator["Metric"]:
            yield from families

    registry = CollectorRegistry()
    registry.register(Once())
    return generate_latest(registry)


def find_folder(output: str) -> Path:
    """The folder on the disk that an output, which may be a template, is on."""
    path = Path(output.partition("{")[0] or ".").absolute()
    return next(place for place in (path, *path.parents) if place.is_dir())


def _list_families(readings: list[Reading]) -> Iterator["Metric"]:
    from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

    for name, text in COUNTERS.items():
        counter = CounterMetricFamily(f"v380_camera_{name}", text, labels=LABELS)
        for reading in readings:
            counter.add_metric(reading.labels, getattr(reading.counts, name))
        yield counter
    now_s = time.monotonic()
    up = GaugeMetricFamily("v380_camera_up", UP, labels=LABELS)
    age = GaugeMetricFamily("v380_camera_last_frame_age_seconds", AGE, labels=LABELS)
    for reading in readings:
        if reading.is_up is not None:
            up.add_metric(reading.labels, float(reading.is_up))
        if reading.last_picture_s is not None:
            age.add_metric(reading.labels, max(0.0, now_s - reading.last_picture_s))
    yield from (up, age)


def _measure_disk(folder: Path) -> "Metric":
    from prometheus_client.metrics_core import GaugeMetricFamily

    free = GaugeMetricFamily("v380_disk_free_bytes", FREE, labels=("path",))
    with contextlib.suppress(OSError):  # it has been taken away
        disk = os.statvfs(folder)
        free.add_metric((str(folder),), disk.f_bavail * disk.f_frsize)
    return free
