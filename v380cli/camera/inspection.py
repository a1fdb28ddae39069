"""All that a camera tells of itself, each part asked for on its own."""

import datetime as dt
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Generic, TypeVar

from v380cli.camera.access import Access
from v380cli.camera.settings.client import SettingsClient
from v380cli.camera.stream_sample import StreamSample, take_sample
from v380cli.errors import (
    CameraNotFound,
    NetworkError,
    Refused,
    RemoteProtocolError,
    UnsupportedFirmware,
    V380Error,
)
from v380cli.models import Device, Quality, Via
from v380cli.net.stream import TcpChannel
from v380cli.wire.login import LoginTicket
from v380cli.wire.onvif_services import DeviceInformation
from v380cli.wire.provisioning import NetworkState, list_state_forms
from v380cli.wire.settings.clock import CLOCK, Clock
from v380cli.wire.settings.exchange import Form
from v380cli.wire.settings.record import RECORD, RecordPlan
from v380cli.wire.versions import VERSIONS, Versions

T = TypeVar("T")
log = logging.getLogger(__name__)


class Reason(StrEnum):
    """Why a part is missing."""

    NOT_OFFERED = "not_offered"  # the camera says that it does not know the command
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    NOT_UNDERSTOOD = "not_understood"  # its answer is not what the protocol has
    NOT_ASKED = "not_asked"


REASONS: dict[type[V380Error], Reason] = {
    UnsupportedFirmware: Reason.NOT_OFFERED,
    RemoteProtocolError: Reason.NOT_UNDERSTOOD,
    Refused: Reason.REFUSED,
    NetworkError: Reason.NO_ANSWER,
}


@dataclass(frozen=True, slots=True)
class Missing:
    """A part that is not known, and why, in a word and in a sentence."""

    reason: Reason
    message: str


NOT_ASKED = Missing(Reason.NOT_ASKED, "the camera was not asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """What the camera said to a settings command, and the middle of the exchange."""

    value: T
    command: int
    time: dt.datetime
    duration_s: float


Part = Answer[T] | Missing


@dataclass(slots=True, kw_only=True)
class Inspection:
    """What is known of a camera; `error` is what ended it before all was asked.

    `onvif` is what a camera says of itself that was reached by RTSP and ONVIF only.
    """

    device: Device
    ticket: LoginTicket | None = None
    versions: Part[Versions] = NOT_ASKED
    record: Part[RecordPlan] = NOT_ASKED
    clock: Part[Clock] = NOT_ASKED
    network: Part[NetworkState] = NOT_ASKED
    streams: dict[Quality, StreamSample | Missing] = field(
        default_factory=lambda: dict.fromkeys(Quality, NOT_ASKED)
    )
    onvif: DeviceInformation | None = None
    via: Via = Via.LAN
    error: V380Error | None = None


class _CameraGone(Exception):
    """No connection any more; no V380Error, so that no part takes it for an answer of its own."""

    def __init__(self, error: NetworkError) -> None:
        super().__init__(error.message)
        self.error = error


class _LetIn(Access):
    """The way to a camera that has let us in: where it ends, all ends."""

    def __init__(self, access: Access) -> None:
        super().__init__(access.device, interrupt=access.interrupt)
        self.last_ticket = access.last_ticket

    def open_channel(self) -> TcpChannel:
        try:
            return super().open_channel()
        except NetworkError as error:
            raise _CameraGone(error) from None


class Inspector:
    """Inspects one camera in about a minute at most; `stop` may come from a signal handler.

    What a camera refuses, does not offer or does not answer is missing, and the rest goes on. A
    log-in that fails and a camera that takes no connection any more end it.
    """

    def __init__(self, access: Access, *, streams: bool = True, via: Via = Via.LAN) -> None:
        self.state = "log-in"
        self._via = via
        self._access = access
        self._qualities = tuple(Quality) if streams else ()

    @property
    def device(self) -> Device:
        """The camera where it was seen last."""
        return self._access.device

    def stop(self) -> None:
        """Ask for an early end."""
        self._access.interrupt.request()

    def fail(self, error: V380Error) -> Inspection:
        """What there is when `run` itself was ended by an error."""
        return Inspection(device=self.device, error=error)

    def run(self) -> Inspection:
        """Ask for everything; no error is raised, `Inspection.error` has it."""
        inspection = Inspection(device=self.device)
        try:
            self._inspect(inspection)
        except V380Error as error:
            inspection.error = error
        except _CameraGone as gone:
            inspection.error = gone.error
        return inspection

    def _inspect(self, inspection: Inspection) -> None:
        try:
            if self._via is Via.RTSP:
                raise NetworkError("the private protocol is not wanted")
            inspection.ticket = self._access.log_in()
        except (CameraNotFound, NetworkError, RemoteProtocolError) as error:
            self._access.interrupt.check()
            if self._via is Via.LAN or not self._inspect_by_onvif(inspection):
                raise error from None
            return
        inspection.device = self.device
        access = _LetIn(self._access)
        client = SettingsClient(access)
        inspection.versions = self._ask(client, "versions", VERSIONS.list_get_forms())
        inspection.record = self._ask(client, "record plan", RECORD.list_get_forms())
        inspection.clock = self._ask(client, "clock", CLOCK.list_get_forms())
        inspection.network = self._ask(client, "network", list_state_forms())
        for quality in self._qualities:
            self.state = f"{quality} stream"
            sample = partial(take_sample, access, quality)
            inspection.streams[quality] = _find_part(sample)
        access.interrupt.check()

    def _inspect_by_onvif(self, inspection: Inspection) -> bool:
        """What there is to know by RTSP and ONVIF; whether there is anything."""
        from v380cli.camera.onvif import OnvifClient
        from v380cli.camera.roads import Roads

        self.state = "ONVIF"
        access = Access(self.device, interrupt=self._access.interrupt, transport=Roads(Via.RTSP))
        information = _find_part(lambda: OnvifClient.open(access).read_information())
        if isinstance(information, DeviceInformation):
            inspection.onvif = information
        for quality in self._qualities:
            self.state = f"{quality} stream"
            inspection.streams[quality] = _find_part(partial(take_sample, access, quality))
        inspection.via = Via.RTSP
        inspection.device = access.device
        return any(
            not isinstance(part, Missing) for part in (information, *inspection.streams.values())
        )

    def _ask(self, client: SettingsClient, what: str, forms: Mapping[int, Form[T]]) -> Part[T]:
        self.state = what
        return _find_part(partial(_run_timed, client, forms))


def _run_timed(client: SettingsClient, forms: Mapping[int, Form[T]]) -> Answer[T]:
    begun, begun_s = dt.datetime.now(dt.UTC), time.monotonic()
    command, value = client.run_first(forms)
    duration_s = time.monotonic() - begun_s
    middle = begun + dt.timedelta(seconds=duration_s / 2)
    return Answer(value=value, command=command, time=middle, duration_s=duration_s)


def _find_part(ask: Callable[[], T]) -> T | Missing:
    try:
        return ask()
    except tuple(REASONS) as error:
        reason = next(reason for kind, reason in REASONS.items() if isinstance(error, kind))
        log.info("%s", error.message)
        return Missing(reason, error.message)
