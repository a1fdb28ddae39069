"""A camera that one can reach: where it is, the right to ask it, and what was learnt on the way.

    access = Access(device, search=search, learn=learn)
    with access.open_channel() as channel: ...

Every use case takes one, and none asks how it came about. Who makes it knows the device list; what
opens the camera's media is behind `open_live`, whatever the transport.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlsplit

from v380cli.camera.interrupt import Interrupt
from v380cli.camera.live import LAN
from v380cli.camera.local_link import LOCAL
from v380cli.camera.login import log_in
from v380cli.camera.media_hub import MediaHub
from v380cli.camera.refused_login import explain_refusal
from v380cli.camera.transport import LiveLink, Transport
from v380cli.errors import (
    CameraNotFound,
    CredentialsRefused,
    DeviceIdRefused,
    NetworkError,
    ProtocolError,
    Refused,
    V380Error,
)
from v380cli.models import Device, Quality
from v380cli.net.stream import TcpChannel
from v380cli.wire.login import DEFAULT_VARIANT, LoginTicket
from v380cli.wire.login_verdict import NEWER_DEVICE_VERSION
from v380cli.wire.refusals import TicketExpired

Search = Callable[[Device], Device]
Learn = Callable[[Device, Device], None]
T = TypeVar("T")

log = logging.getLogger(__name__)


def _learn_nothing(_known: Device, _device: Device) -> None:
    """For cameras of no list."""


class Access:
    """The way to one camera; its owner's thread uses it, any thread may interrupt it.

    `device` is the camera as it let us in last. `search` looks for one that is not at its address
    and may raise CameraNotFound. `learn` is told the camera as it was known and as it let us in,
    where the two differ. Who shares an `interrupt` is ended together.
    """

    def __init__(
        self,
        device: Device,
        *,
        search: Search | None = None,
        learn: Learn = _learn_nothing,
        interrupt: Interrupt | None = None,
        transport: Transport = LAN,
    ) -> None:
        self.device = device
        self.interrupt = interrupt or Interrupt()
        self.last_ticket: LoginTicket | None = None
        self.hub: MediaHub | None = None
        self._search, self._learn = search, learn
        self._transport = transport

    @property
    def ticket(self) -> LoginTicket:
        """The present right to ask; logs in where there is none."""
        return self.last_ticket or self.log_in()

    def log_in(self, variant: str = "") -> LoginTicket:
        """Log in anew, at the camera's address or where it is now; `variant` is tried first.

        Raises NetworkError, a Refused, or RemoteProtocolError.
        """
        known = self.device
        device, ticket = self._log_in_where_it_is(variant)
        self.last_ticket = ticket
        self.learn(replace(device, login_variant=ticket.variant_name), known)
        return ticket

    def learn(self, device: Device, known: Device | None = None) -> None:
        """Take over what was found out about the camera, and have it told where it is news."""
        known, self.device = known or self.device, device
        if device != known:
            self._learn(known, device)

    def forget_ticket(self) -> None:
        """Log in anew for what comes next: the camera may have, since its link was lost."""
        self.last_ticket = None

    def use_ticket(self, use: Callable[[LoginTicket], T]) -> T:
        """`use(ticket)`; a ticket that the camera calls expired is renewed once.

        An encrypting camera answers so to an old-style log-in, too (PROTOCOL.md, section 11): the
        new log-in begins with today's variant, unless the camera is known to be an older one.
        """
        ticket = self.ticket
        try:
            return use(ticket)
        except TicketExpired:
            log.info("%s does not accept its ticket; logging in again", self.device.label)
            is_older = 0 < ticket.device_version < NEWER_DEVICE_VERSION
            return use(self.log_in("" if is_older else DEFAULT_VARIANT.name))

    def at_new_address(self, use: Callable[[], T]) -> T | None:
        """`use()` where the camera is by now, which is learnt if that works; None if it is not new.

        Raises what `use` does: a refusal is told with the doubt that another device gave it.
        """
        moved, known = self._find_moved(), self.device
        if moved is None:
            return None
        log.info("%s answers at %s now", moved.label, moved.host)
        self.device = moved
        try:
            result = use()
        except (Refused, ProtocolError) as error:
            self.device = known
            raise _doubt(error, moved) from error
        except V380Error:
            self.device = known
            raise
        self.learn(self.device, known)
        return result

    def open_channel(self) -> TcpChannel:
        """A connection to where the camera was seen last; raises NetworkError."""
        return self.interrupt.connect(self.device.host, self.device.port)

    def open_live(
        self, *, quality: Quality = Quality.HD, audio: bool = True, prompt: bool = False
    ) -> LiveLink:
        """A live stream by the transport of this access; `prompt` is for somebody who looks on.

        Raises NetworkError, a Refused, or RemoteProtocolError.
        """
        link = self._transport.open_live(self, quality=quality, audio=audio, prompt=prompt)
        if self.hub and link.via != LOCAL:  # what is read along is not handed on again
            self.hub.tap(link, quality, audio=audio, prompt=prompt)
        return link

    def share(self) -> MediaHub:
        """Let others read along whatever is opened from now on."""
        self.hub = self.hub or MediaHub()
        return self.hub

    def pause(self, seconds: float) -> None:
        """Let this time pass; raises NetworkError soon after an interrupt."""
        self.interrupt.pause(seconds)

    def _log_in_where_it_is(self, variant: str) -> tuple[Device, LoginTicket]:
        """Anybody can answer a search: a refusal at the new address is told with that doubt."""
        try:
            return self.device, self._log_in_at(self.device, variant)
        except (CameraNotFound, NetworkError, DeviceIdRefused):  # nobody there, or another camera
            moved = self._find_moved()
            if moved is None:
                raise
        log.info("%s answers at %s now", moved.label, moved.address)
        try:
            return moved, self._log_in_at(moved, variant)
        except (Refused, ProtocolError) as error:
            raise _doubt(error, moved) from error

    def _log_in_at(self, device: Device, variant: str) -> LoginTicket:
        try:
            return log_in(device, connect=self.interrupt.connect, variant=variant)
        except CredentialsRefused as error:
            raise explain_refusal(error, device) from error

    def _find_moved(self) -> Device | None:
        """The camera with its new address, or with the id that was not known; None without news."""
        if self._search is None or self.interrupt():
            return None
        try:
            found = self._search(self.device)
        except V380Error as error:  # the search is a kindness: its failure ends nothing
            log.debug("%s: not found anew: %s", self.device.label, error.message)
            return None
        known = self.device
        is_news = (found.address, found.device_id) != (known.address, known.device_id)
        return _move_url(found, known.host) if is_news else None


def _move_url(moved: Device, old_host: str) -> Device:
    """With the address of its RTSP stream at the new host, where it was at the old one."""
    url = urlsplit(moved.rtsp_url)
    if not old_host or url.hostname != old_host:
        return moved
    place = moved.host if url.port is None else f"{moved.host}:{url.port}"
    return replace(moved, rtsp_url=url._replace(netloc=place).geturl())


def _doubt(error: V380Error, moved: Device) -> V380Error:
    return type(error)(
        f"{error.message}; {moved.label} was looked for and answered at {moved.address}, where "
        "another device may be answering in its name",
        hint=error.hint,
    )
