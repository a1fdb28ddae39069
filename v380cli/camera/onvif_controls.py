"""Controls by ONVIF: turning, for cameras whose private protocol does not answer."""

import contextlib
import logging
from collections.abc import Iterator, Sequence

from v380cli.camera.access import Access
from v380cli.camera.control import Controls, NotAble, open_controls
from v380cli.camera.onvif import OnvifClient
from v380cli.camera.roads import IMPASSABLE
from v380cli.errors import CredentialsRefused
from v380cli.models import Via
from v380cli.wire.control import Control, Pan, PtzControl, Tilt

SPEED = 0.5
# A step of the private protocol ends by itself after about so long; here we end it.
STEP_S = 0.2
PANS = {Pan.LEFT: -SPEED, Pan.RIGHT: SPEED}
TILTS = {Tilt.UP: SPEED, Tilt.DOWN: -SPEED}

log = logging.getLogger(__name__)


class OnvifControls:
    """Turns a camera by ONVIF; a step is a turn and its end."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._client = OnvifClient.open(access)

    def send(self, control: Control) -> None:
        """Do it; raises NotAble for what ONVIF has no word for."""
        if not isinstance(control, PtzControl):
            raise NotAble("the camera is reached by ONVIF, which can only turn it")
        pan, tilt = PANS.get(Pan(control.pan), 0.0), TILTS.get(Tilt(control.tilt), 0.0)
        if not (pan or tilt):
            self._client.stop()
            return
        self._client.move(pan, tilt)
        if control.step:
            try:
                self.wait(control.step * STEP_S)
            finally:
                self._client.stop()

    def wait(self, seconds: float) -> None:
        self._access.pause(seconds)


@contextlib.contextmanager
def open_any_controls(
    access: Access, controls: Sequence[Control], via: Via, *, force: bool
) -> Iterator[tuple[Controls, Via]]:
    """Controls over the private protocol, or by ONVIF where the owner wants it or that fails.

    Raises as `open_controls`: what the private protocol says, where ONVIF does not answer either.
    """
    with contextlib.ExitStack() as stack:
        yield _open_first(stack, access, controls, via, force=force)


def _open_first(
    stack: contextlib.ExitStack,
    access: Access,
    controls: Sequence[Control],
    via: Via,
    *,
    force: bool,
) -> tuple[Controls, Via]:
    if via is Via.RTSP:
        return OnvifControls(access), Via.RTSP
    try:
        return stack.enter_context(open_controls(access, controls, force=force)), Via.LAN
    except IMPASSABLE as error:
        access.interrupt.check()
        if via is Via.LAN:
            raise
        try:
            link = OnvifControls(access)
        except (*IMPASSABLE, CredentialsRefused) as other:
            log.debug("ONVIF: %s", other.message)
            raise error from None
        log.warning("%s: %s; ONVIF is taken instead", access.device.label, error.message)
        return link, Via.RTSP
