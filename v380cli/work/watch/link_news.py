"""The loss and the return of a camera, as events."""

import datetime as dt
from dataclasses import replace

from v380cli.camera.incidents import Incident, IncidentKind
from v380cli.models import Device
from v380cli.work.watch.episodes import Tell
from v380cli.work.watch.events import Event, EventName

SOURCE = "link"


class LinkNews:
    """Tells each once, in turn."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._lost: Event | None = None

    def hear(self, incident: Incident) -> None:
        """What a recorder tells."""
        if incident.kind is IncidentKind.BACK:
            self.note_return(incident.device, incident.duration_s, incident.time)
        elif incident.kind is not IncidentKind.GAP:
            self.note_loss(incident.device, incident.reason, incident.time)

    def note_loss(self, device: Device, reason: str, time: dt.datetime) -> None:
        """Nothing comes from the camera."""
        if self._lost is not None:
            return
        self._lost = Event(
            name=EventName.CAMERA_LOST,
            device=device,
            time=time,
            start=time,
            source=SOURCE,
            reason=reason,
        )
        self._tell(self._lost)

    def note_return(self, device: Device, duration_s: float, time: dt.datetime) -> None:
        """It is there again, after so long."""
        lost, self._lost = self._lost, None
        if lost is None:
            return
        start = time - dt.timedelta(seconds=duration_s)
        self._tell(
            replace(
                lost,
                name=EventName.CAMERA_BACK,
                device=device,
                time=time,
                start=start,
                duration_s=duration_s,
            )
        )
