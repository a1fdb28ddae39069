"""A visit to a camera: all that a client usually asks it, so that its answers can be heard."""

import datetime as dt
import time
from dataclasses import dataclass, field

from v380cli.camera.access import Access
from v380cli.camera.inspection import Inspection, Inspector
from v380cli.camera.interrupt import Interrupt, OpenChannel
from v380cli.camera.recordings import CardReader
from v380cli.errors import V380Error
from v380cli.models import Device
from v380cli.redaction import Redactor
from v380cli.wire.card.words import RecordingKind
from v380cli.work.targets import reach


@dataclass(slots=True, kw_only=True)
class Visited:
    """What came of a visit; `problems` are sentences, each after what it was about."""

    inspection: Inspection
    frames: int = 0
    recordings: int | None = None
    problems: list[tuple[str, V380Error]] = field(default_factory=list)


class Visitor:
    """Visits one camera once; `interrupt` ends it early."""

    def __init__(self, device: Device, open_channel: OpenChannel) -> None:
        self.interrupt = Interrupt(open_channel)
        self._access = reach(device, self.interrupt)

    def visit(self, live_s: float) -> Visited:
        """Log in, ask for the settings, list today's recordings, look at the stream.

        No V380Error is raised: `problems` has it, or the inspection.
        """
        visited = Visited(inspection=Inspector(self._access).run())
        if visited.inspection.ticket is None:
            return visited
        for what, step in (("card", _list_card), ("live stream", _watch)):
            if self.interrupt():
                break
            try:
                step(self._access, visited, live_s)
            except V380Error as error:
                visited.problems.append((what, error))
        return visited


def _list_card(access: Access, visited: Visited, _live_s: float) -> None:
    days = [dt.date.today()]
    rows = CardReader(access).list_days(days, tuple(RecordingKind))
    visited.recordings = sum(len(day) for day in rows)


def _watch(access: Access, visited: Visited, live_s: float) -> None:
    end_s = time.monotonic() + live_s
    with access.open_live() as stream:
        for _ in stream.read_media(deadline_s=lambda: end_s):
            visited.frames += 1


def learn_device(redactor: Redactor, device: Device) -> None:
    """Let a redactor know what is known of a camera before anything is said."""
    for kind, value in (
        ("id", str(device.device_id or "")),
        ("address", device.host),
        ("mac", device.mac),
        ("camera", device.name),
        ("user", device.username),
        ("password", device.password.reveal()),
    ):
        redactor.replace(kind, value)
