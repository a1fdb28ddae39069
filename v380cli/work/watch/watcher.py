"""What each way of watching is to those who run it."""

from dataclasses import dataclass
from typing import Protocol

from v380cli.camera.recorder import Recorder
from v380cli.errors import V380Error
from v380cli.models import Device


@dataclass(frozen=True, slots=True)
class Watched:
    """How it went with one camera; `error` is what ended it before its time."""

    device: Device
    error: V380Error | None = None


class Watcher(Protocol):
    """Watches one camera; `run` blocks its thread, the others may come from any."""

    @property
    def device(self) -> Device: ...

    @property
    def main(self) -> Recorder | None:
        """The link that others may use, if there is one."""

    def run(self) -> Watched: ...

    def stop(self) -> None: ...

    def fail(self, error: V380Error) -> Watched:
        """The result when `run` itself was ended by an error."""
        ...

    def tick(self) -> None:
        """Do what its time has come for; to be called often."""
        ...
