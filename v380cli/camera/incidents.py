"""What befalls a recording, told when it happens."""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from v380cli.camera.retry import LONGEST_RETRY_S
from v380cli.errors import V380Error
from v380cli.models import Device, Gap

log = logging.getLogger(__name__)


class IncidentKind(StrEnum):
    """In `record --jsonl` the event has this name."""

    LOST = "lost"  # nothing comes from the camera, for this reason; it is tried again
    BACK = "back"
    GAP = "gap"  # pictures were missing meanwhile, over a link that held
    FAILED = "failed"  # it is not tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One of them; `retry_s` is how long until the next attempt, `duration_s` what is missing.

    A loss has its `error`.
    """

    kind: IncidentKind
    device: Device
    reason: str = ""
    error: V380Error | None = None
    retry_s: float = 0.0
    duration_s: float = 0.0
    time: dt.datetime = field(default_factory=lambda: dt.datetime.now().astimezone())


Tell = Callable[[Incident], None]


class Teller:
    """Puts incidents into the log and tells them to `listen`: each reason of an outage once.

    A person gets a line when an outage begins, one for each reason that takes a long pause, and
    one when it is over, which says what else kept the camera away.
    """

    def __init__(self) -> None:
        self.listen: Tell = lambda _incident: None
        self._told: set[tuple[str, float]] = set()  # of the present outage
        self._meanwhile: list[str] = []  # reasons that a person has not read

    def tell_lost(self, device: Device, error: V380Error, retry_s: float) -> None:
        """Nothing comes any more, or still nothing; the next attempt is in `retry_s` seconds."""
        is_long = retry_s >= LONGEST_RETRY_S
        told = error.message, retry_s if is_long else 0.0
        if told in self._told:
            return
        is_first = not self._told
        self._told.add(told)
        if is_first or is_long:
            plan = f"trying again in {_format_pause(retry_s)}" if is_long else "trying again"
            log.warning("%s: %s; %s", device.label, error.message, plan)
            self._meanwhile = [each for each in self._meanwhile if each != error.message]
        else:
            log.info("%s: %s", device.label, error.message)
            self._meanwhile.append(error.message)
        self._pass_on(IncidentKind.LOST, device, reason=error.message, error=error, retry_s=retry_s)

    def tell_back(self, device: Device, reason: str, duration_s: float) -> None:
        """It works again, after so long."""
        meanwhile = f"; meanwhile: {'; '.join(self._meanwhile)}" if self._meanwhile else ""
        log.warning("%s: back after %.1f s%s", device.label, duration_s, meanwhile)
        self._told.clear()
        self._meanwhile.clear()
        self._pass_on(IncidentKind.BACK, device, reason=reason, duration_s=duration_s)

    def tell_gap(self, device: Device, gap: Gap) -> None:
        """Pictures were missing."""
        log.warning("%s: %.1f s are missing: %s", device.label, gap.duration_s, gap.reason)
        self._pass_on(IncidentKind.GAP, device, reason=gap.reason, duration_s=gap.duration_s)

    def tell_failed(self, device: Device, error: V380Error) -> None:
        """It is not tried again."""
        log.warning("%s: %s; this is final", device.label, error.message)
        self._pass_on(IncidentKind.FAILED, device, reason=error.message, error=error)

    def _pass_on(
        self,
        kind: IncidentKind,
        device: Device,
        *,
        reason: str,
        error: V380Error | None = None,
        retry_s: float = 0.0,
        duration_s: float = 0.0,
    ) -> None:
        incident = Incident(
            kind=kind,
            device=device,
            reason=reason,
            error=error,
            retry_s=retry_s,
            duration_s=duration_s,
        )
        self.listen(incident)


def _format_pause(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < 120 else f"{seconds / 60:g} minutes"
