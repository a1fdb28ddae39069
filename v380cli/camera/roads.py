"""Which road to take to a camera: the private protocol, or RTSP where that does not lead there."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from v380cli.camera.live import LAN
from v380cli.camera.transport import LiveLink, Transport
from v380cli.errors import (
    CameraNotFound,
    CredentialsRefused,
    NetworkError,
    PortShut,
    RemoteProtocolError,
    V380Error,
)
from v380cli.models import Quality, Via

if TYPE_CHECKING:
    from v380cli.camera.access import Access

# What another road may not have: a camera that says no means it, whatever the road.
IMPASSABLE = (CameraNotFound, NetworkError, RemoteProtocolError)
# A road that is not there. One on which nobody answers in time may be good the next time.
NO_ROAD = (CameraNotFound, PortShut, RemoteProtocolError)
COARSE_PATH = "/live/ch00_0"  # where V380 cameras have it
NAMES = {Via.LAN: "the private protocol", Via.RTSP: "RTSP"}

FindLocal = Callable[["Access", Quality, bool, bool], LiveLink | None]

log = logging.getLogger(__name__)


def _find_nobody(
    _access: "Access", _quality: Quality, _audio: bool, _prompt: bool
) -> LiveLink | None:
    """For who does not look for others."""
    return None


class Roads:
    """A transport that takes the road which its owner wants, or finds one and stays on it.

    `find_local` looks for another `v380` that has the camera open, which is best of all. The first
    road is that of the private protocol, unless RTSP was what worked last. What works is kept, and
    learnt unless the other road failed in a way that may pass.
    """

    def __init__(self, via: Via, find_local: FindLocal = _find_nobody) -> None:
        self._via = via
        self._find_local = find_local
        self._rtsp: Transport | None = None
        self._taken: Via | None = None

    def open_live(
        self, access: "Access", *, quality: Quality, audio: bool, prompt: bool
    ) -> LiveLink:
        """A link by the first road that leads there; why another one is taken is told.

        Where none does, the error is that of the private protocol. Raises as `Access.open_live`.
        """
        is_free = self._via is Via.AUTO
        if is_free and (shared := self._find_local(access, quality, audio, prompt)):
            log.info("%s: another v380 has it open", access.device.label)
            return shared
        errors: dict[Via, V380Error] = {}
        for via in self._list_roads(access):
            try:
                transport = self._find_transport(via)
                link = transport.open_live(access, quality=quality, audio=audio, prompt=prompt)
            except (*IMPASSABLE, CredentialsRefused) as error:
                access.interrupt.check()
                if isinstance(error, CredentialsRefused) and not errors:
                    raise
                errors[via] = error
            else:
                self._note(access, via, link.address if quality is Quality.HD else "", errors)
                return link
        raise _choose_error(errors)

    def _list_roads(self, access: "Access") -> list[Via]:
        if self._via is not Via.AUTO:
            return [self._via]
        if self._taken:
            return [self._taken]
        first = access.device.learnt_via or Via.LAN
        return [first, *(via for via in (Via.LAN, Via.RTSP) if via is not first)]

    def _find_transport(self, via: Via) -> Transport:
        if via is Via.LAN:
            return LAN
        if self._rtsp is None:
            from v380cli.camera.rtsp import Rtsp  # most cameras never need it

            self._rtsp = Rtsp()
        return self._rtsp

    def _note(self, access: "Access", via: Via, address: str, errors: dict[Via, V380Error]) -> None:
        """Learn the road, and the address of a fine stream: the coarse one is found by that."""
        for error in errors.values():
            log.warning(
                "%s: %s; %s is taken instead", access.device.label, error.message, NAMES[via]
            )
        self._taken = via
        is_certain = all(isinstance(error, NO_ROAD) for error in errors.values())
        learnt = via if via is Via.LAN or is_certain else access.device.learnt_via
        is_fine = address.startswith("rtsp://") and not address.endswith(COARSE_PATH)
        url = address if is_fine else access.device.rtsp_url
        access.learn(replace(access.device, learnt_via=learnt, rtsp_url=url))


def _choose_error(errors: dict[Via, V380Error]) -> V380Error:
    """That of the private protocol, with what else was tried."""
    error = errors.get(Via.LAN) or next(iter(errors.values()))
    if len(errors) < len(NAMES):
        return error
    return type(error)(error.message, hint=_join_hints(error, errors[Via.RTSP]))


def _join_hints(error: V380Error, other: V380Error) -> str:
    said = "RTSP and ONVIF do not answer either"
    if isinstance(other, CredentialsRefused):
        said = "it has RTSP, which refuses the user or the password"
    return f"{error.hint}; {said}" if error.hint else f"{said}; `v380 doctor` looks for the cause"
