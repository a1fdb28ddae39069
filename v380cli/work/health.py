"""How a fleet of recorders is: for the service manager, and for who reads numbers."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from v380cli.camera.interrupt import Interrupt
from v380cli.camera.recorder import Recorder
from v380cli.camera.recorder_state import RecorderState
from v380cli.net.service_manager import ServiceManager

# A log-in in all its variants and a search take less; a disk that takes longer hangs.
HANG_S = 120.0
SIGNS_PER_PERIOD = 3  # one that comes late does no harm
OVER = (RecorderState.DONE, RecorderState.FAILED)


class Patient(NamedTuple):
    """A recorder, and what its thread looks at again and again."""

    recorder: Recorder
    interrupt: Interrupt

    def is_hung(self, now_s: float) -> bool:
        """Whether its thread is stuck: it neither records nor tries to."""
        is_late = now_s > self.interrupt.quiet_until_s + HANG_S
        return is_late and self.recorder.state not in OVER


def describe(patients: Sequence[Patient]) -> str:
    """`3 recording, 1 reconnecting`."""
    counts = Counter(str(patient.recorder.state) for patient in patients)
    return ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))


class ServiceReport:
    """Tells the service manager how the recorders are; `tick` is called every `period_s`.

    Signs of life end as soon as one camera's thread hangs, so that all of it is started anew.
    """

    def __init__(
        self, manager: ServiceManager, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._manager, self._clock = manager, clock
        self._status = ""
        self._due_s = clock()
        self._is_ready = False

    @property
    def period_s(self) -> float:
        """How often a sign of life is due, or a look at the recorders where none is wanted."""
        return (self._manager.watchdog_s or HANG_S) / SIGNS_PER_PERIOD

    def tick(self, patients: Sequence[Patient]) -> None:
        if not self._manager.is_there:
            return
        if not self._is_ready:
            self._is_ready = True
            self._manager.tell_ready()
        now_s = self._clock()
        hung = [patient for patient in patients if patient.is_hung(now_s)]
        self._tell_status(patients, hung)
        if self._manager.watchdog_s and not hung and now_s >= self._due_s:
            self._due_s = now_s + self.period_s
            self._manager.tell_alive()

    def _tell_status(self, patients: Sequence[Patient], hung: Sequence[Patient]) -> None:
        names = ", ".join(patient.recorder.device.label for patient in hung)
        status = f"{describe(patients)}{f'; stuck: {names}' if names else ''}"
        if status != self._status:
            self._status = status
            self._manager.tell_status(status)
