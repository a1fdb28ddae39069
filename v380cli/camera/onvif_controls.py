"""Controls by ONVIF, for cameras whose private protocol does not answer: turn, zoom, colour."""

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from v380cli.camera.access import Access
from v380cli.camera.control import Controls, NotAble, open_controls
from v380cli.camera.onvif import OnvifClient
from v380cli.camera.onvif_presets import OnvifPresets
from v380cli.camera.roads import IMPASSABLE
from v380cli.errors import CredentialsRefused, UnsupportedFirmware, V380Error
from v380cli.models import Device, Via
from v380cli.wire.control import (
    ColorControl,
    ColorSwitch,
    Control,
    Pan,
    PresetControl,
    PtzControl,
    Tilt,
    ZoomControl,
    ZoomDirection,
)
from v380cli.wire.onvif_imaging import IrCutFilter

SPEED = 0.5
# A step of the private protocol ends by itself after about so long; here we end it.
STEP_S = 0.2
PANS = {Pan.LEFT: -SPEED, Pan.RIGHT: SPEED}
TILTS = {Tilt.UP: SPEED, Tilt.DOWN: -SPEED}
ZOOMS = {ZoomDirection.IN: SPEED, ZoomDirection.OUT: -SPEED}
FILTERS = {
    ColorSwitch.COLOR: IrCutFilter.ON,
    ColorSwitch.BLACK_AND_WHITE: IrCutFilter.OFF,
    ColorSwitch.AUTO: IrCutFilter.AUTO,
}

T = TypeVar("T")
log = logging.getLogger(__name__)


class OnvifControls:
    """Does by ONVIF what it has a word for; a step is a move and its end."""

    def __init__(self, access: Access, client: OnvifClient) -> None:
        self._access = access
        self._client = client

    @classmethod
    def open(cls, device: Device) -> "OnvifControls":
        """Controls beside a stream, which nothing but their own time limits ends."""
        access = Access(device)
        return cls(access, OnvifClient.open(access))

    def send(self, control: Control) -> None:
        """Do it; raises NotAble for what ONVIF or the camera has no word for."""
        with _not_able():
            self._do(control)

    def wait(self, seconds: float) -> None:
        self._access.pause(seconds)

    def _do(self, control: Control) -> None:
        match control:
            case PtzControl():
                pan, tilt = PANS.get(Pan(control.pan), 0.0), TILTS.get(Tilt(control.tilt), 0.0)
                self._move(pan, tilt, 0.0, control.step)
            case ZoomControl():
                self._move(0.0, 0.0, ZOOMS[ZoomDirection(control.direction)], control.step)
            case PresetControl():
                OnvifPresets(self._client).go(str(control.preset_id + 1))
            case ColorControl():
                self._client.set_filter(FILTERS[ColorSwitch(control.switch)])
            case _:
                raise NotAble(
                    "the camera is reached by ONVIF, which can turn it, zoom, go to positions and "
                    "choose colour"
                )

    def _move(self, pan: float, tilt: float, zoom: float, step: int) -> None:
        if not (pan or tilt or zoom):
            self._client.stop()
            return
        self._client.move(pan, tilt, zoom)
        if step:
            try:
                self.wait(step * STEP_S)
            finally:
                self._client.stop()


@contextlib.contextmanager
def open_any_controls(
    access: Access, controls: Sequence[Control], via: Via, *, force: bool
) -> Iterator[tuple[Controls, Via]]:
    """Controls over the private protocol, or by ONVIF where the owner wants it or that fails.

    Raises as `open_controls`: what the private protocol says, where ONVIF does not answer either.
    """
    with contextlib.ExitStack() as stack:
        yield by_any_road(
            access,
            via,
            lambda: stack.enter_context(open_controls(access, controls, force=force)),
            lambda client: OnvifControls(access, client),
        )


def by_any_road(
    access: Access, via: Via, by_lan: Callable[[], T], by_onvif: Callable[[OnvifClient], T]
) -> tuple[T, Via]:
    """What one of both does, and which.

    ONVIF does it where the owner wants that, and where the private protocol fails or failed last.
    """
    client = _open_first(access, via)
    if client is None:
        try:
            return by_lan(), Via.LAN
        except IMPASSABLE as error:
            access.interrupt.check()
            if via is Via.LAN:
                raise
            client = _open_instead(access, error)
    with _not_able():
        return by_onvif(client), Via.RTSP


def _open_first(access: Access, via: Via) -> OnvifClient | None:
    """A client where ONVIF is to begin with; None where the private protocol is."""
    if via is Via.RTSP:
        return OnvifClient.open(access)
    if via is Via.AUTO and access.device.learnt_via is Via.RTSP:
        with contextlib.suppress(*IMPASSABLE, CredentialsRefused):
            return OnvifClient.open(access)
        access.interrupt.check()
    return None


def _open_instead(access: Access, error: V380Error) -> OnvifClient:
    """A client for what failed so; where there is no ONVIF either, that error is the one."""
    try:
        client = OnvifClient.open(access)
    except (*IMPASSABLE, CredentialsRefused) as other:
        log.debug("ONVIF: %s", other.message)
        raise error from None
    log.warning("%s: %s; ONVIF is taken instead", access.device.label, error.message)
    return client


@contextlib.contextmanager
def _not_able() -> Iterator[None]:
    """A camera whose ONVIF does not answer a call is not able to do it."""
    try:
        yield
    except UnsupportedFirmware as error:
        raise NotAble(error.message) from error
