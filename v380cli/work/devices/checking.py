"""Whether cameras of the list answer and let us in."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from v380cli.camera.interrupt import Interrupt
from v380cli.errors import (
    CameraNotFound,
    CredentialsRefused,
    NetworkError,
    Refused,
    RemoteProtocolError,
    V380Error,
)
from v380cli.models import Device, Via
from v380cli.work.targets import reach

# Each check is one thread that waits for one camera; a /24 full of silent ones takes 16 rounds.
MAX_CHECKS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Check:
    """A camera as it was reached, and what kept it from letting us in, if anything did."""

    device: Device
    error: V380Error | None = None

    @property
    def is_reachable(self) -> bool | None:
        """Whether something answered; None where that cannot be known."""
        if isinstance(self.error, NetworkError | CameraNotFound):
            return False
        return True if self.error is None or self._has_answered else None

    @property
    def is_let_in(self) -> bool | None:
        """Whether the log-in is good; None where that cannot be known."""
        return {type(None): True, CredentialsRefused: False}.get(type(self.error))

    @property
    def _has_answered(self) -> bool:
        return isinstance(self.error, Refused | RemoteProtocolError)


def check_devices(devices: Iterable[Device], interrupts: Iterable[Interrupt]) -> Sequence[Check]:
    """A check of each, in their order; each ends soon when its interrupt is requested."""
    with ThreadPoolExecutor(MAX_CHECKS_AT_ONCE) as pool:
        return list(pool.map(check_device, devices, interrupts))


def check_device(device: Device, interrupt: Interrupt | None = None) -> Check:
    """Log in to one camera, which is looked for where its address or id is not known."""
    access = reach(device, interrupt)
    try:
        if Via.RTSP in (device.via, device.learnt_via):
            access.open_live(audio=False).close()
        else:
            access.log_in()
    except V380Error as error:
        return Check(access.device, error)
    return Check(access.device)
