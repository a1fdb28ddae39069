"""Which recorder each camera of a list has, while the list is read again and again."""

from collections.abc import Sequence
from typing import NamedTuple

from v380cli.camera.recorder import Recorder
from v380cli.models import Device
from v380cli.work.health import OVER

# What an owner sets. The rest of a device is learnt.
OWNERS_DETAILS = ("name", "host", "port", "username", "password", "quality", "via", "rtsp_url")


class Changes(NamedTuple):
    """What another reading of the list brings; those that have changed with what they are now."""

    joining: list[Device]
    leaving: list[Recorder]
    changed: list[tuple[Recorder, Device]]


class Roster:
    """The cameras that are recorded, and as what the list had them."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[Device, Recorder]] = {}

    def note(self, listed: Device, recorder: Recorder) -> None:
        """A camera is recorded from now on, instead of by another recorder if it had one."""
        self._entries[identify(listed)] = listed, recorder

    def compare(self, devices: Sequence[Device]) -> Changes:
        """What is to be done; those who leave are forgotten. One that has ended may join again."""
        changes = Changes([], [], [])
        for device in devices:
            listed, recorder = self._entries.get(identify(device), (device, None))
            if recorder is None or recorder.state in OVER:
                changes.joining.append(device)
            elif has_changed(device, listed, recorder.device):
                changes.changed.append((recorder, device))
            else:
                self.note(device, recorder)
        for key in self._entries.keys() - set(map(identify, devices)):
            changes.leaving.append(self._entries.pop(key)[1])
        return changes


def identify(device: Device) -> str:
    """What a camera is known by, wherever it is and whatever it is called."""
    return str(device.device_id or device.label)


def has_changed(device: Device, former: Device, present: Device) -> bool:
    """Whether its owner has set something: a value that we use by now was noted by ourselves."""
    return any(
        getattr(device, name) not in (getattr(former, name), getattr(present, name))
        for name in OWNERS_DETAILS
    )
