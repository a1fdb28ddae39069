"""A live stream: log in, open it, hand out its media."""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Self

from v380cli.camera.login import Connect, log_in, use_ticket
from v380cli.errors import NetworkError, NetworkTimeout
from v380cli.models import Device, Quality
from v380cli.net.stream import TcpChannel
from v380cli.wire.fragments import StreamCounters
from v380cli.wire.login import LoginTicket
from v380cli.wire.session import (
    NEED_DATA,
    USUAL_YES,
    LiveSession,
    MediaReceived,
    StreamOpened,
)

REPLY_TIMEOUT_S = 5.0
# A camera sends several frames a second; one that sends no media for this long is gone.
SILENCE_TIMEOUT_S = 8.0
RECEIVE_BYTES = 1 << 16
# A thread that wakes for every frame costs a third more than one that wakes for several: 64 cameras
# took 34 % of a core waiting for any byte and 25 % waiting for these.
GATHER_BYTES = 1 << 15
PROMPT_BYTES = 1  # for somebody who looks on
GATHER_WAIT_S = 0.25

Clock = Callable[[], float]

log = logging.getLogger(__name__)


class LiveStream:
    """An open live stream, read by one thread and interrupted by any."""

    def __init__(self, channel: TcpChannel, session: LiveSession, ticket: LoginTicket) -> None:
        self.ticket = ticket
        self._session = session
        self._channel = channel
        self._is_ended = False
        self._buffer = memoryview(bytearray(RECEIVE_BYTES))
        self._opened = StreamOpened(width=0, height=0, version=0, max_packet=0)

    @property
    def opened(self) -> StreamOpened:
        """What the camera said of the stream when it let us have it."""
        return self._opened

    @property
    def counters(self) -> StreamCounters:
        """What came over this link so far, and what was lost on it."""
        return self._session.counters

    @property
    def encryption(self) -> str:
        """How the media turned out to be encrypted."""
        return self._session.encryption

    @classmethod
    def open(
        cls,
        device: Device,
        *,
        quality: Quality = Quality.HD,
        audio: bool = True,
        prompt: bool = False,
        ticket: LoginTicket | None = None,
        connect: Connect = TcpChannel.open,
    ) -> "LiveStream":
        """Log in and open the stream; a ticket that the camera calls expired is renewed once.

        Whoever has just logged in brings the `ticket`. With `prompt` each frame is handed out when
        it comes, at a third more CPU. Raises NetworkError, a Refused, or RemoteProtocolError.
        """

        def log_in_as(variant: str) -> LoginTicket:
            return log_in(device, connect=connect, variant=variant)

        def open_with(ticket: LoginTicket) -> "LiveStream":
            return cls._open_with(ticket, device, quality, audio, prompt, connect)

        return use_ticket(ticket or log_in_as(""), open_with, log_in_as)

    @classmethod
    def _open_with(
        cls,
        ticket: LoginTicket,
        device: Device,
        quality: Quality,
        audio: bool,
        prompt: bool,
        connect: Connect,
    ) -> "LiveStream":
        session = LiveSession(ticket, device.device_id, quality=quality, audio=audio)
        channel = connect(device.host, device.port)
        try:
            stream = cls(channel, session, ticket)
            stream._opened = stream._await_opening()
            log.info("%s: %s", device.label, stream.opened)
            if stream.opened.result not in USUAL_YES:
                log.warning("%s: result %d is taken for a yes", device.label, stream.opened.result)
            channel.gather(PROMPT_BYTES if prompt else GATHER_BYTES, GATHER_WAIT_S)
        except BaseException:
            channel.close()
            raise
        return stream

    def _await_opening(self) -> StreamOpened:
        self._send()
        deadline = time.monotonic() + REPLY_TIMEOUT_S
        while not isinstance(event := self._session.next_event(), StreamOpened):
            if event is NEED_DATA:
                self._check_end()
                self._take(self._channel.receive_into(self._buffer, deadline - time.monotonic()))
        self._send()
        return event

    def read_media(
        self, *, deadline_s: Clock = lambda: float("inf"), silence_s: float = SILENCE_TIMEOUT_S
    ) -> Iterator[MediaReceived]:
        """Yield media as it comes, until the monotonic clock shows what `deadline_s` tells.

        Raises NetworkError when the link breaks or ends, NetworkTimeout when no media came for
        `silence_s` seconds, whatever else came. Both moments are met within `GATHER_WAIT_S`.
        """
        silent_at = time.monotonic() + silence_s
        while True:
            event = self._session.next_event()
            if isinstance(event, MediaReceived):
                silent_at = time.monotonic() + silence_s
                yield event
                continue
            self._check_end()
            now = time.monotonic()
            if now >= deadline_s():
                return
            if now >= silent_at:
                raise NetworkTimeout(f"no media for {silence_s:g} s")
            self._take(self._channel.receive_gathered(self._buffer))

    def send_control(self, packet: bytes) -> None:
        """Send one control packet (PROTOCOL.md, section 5a); from any thread, beside the reader.

        Raises NetworkError. The camera does not answer.
        """
        self._channel.send(packet)

    def interrupt(self) -> None:
        """End pending and later reads with NetworkError; safe from any thread."""
        self._channel.interrupt()

    def close(self) -> None:
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self) -> None:
        if data := self._session.data_to_send():
            self._channel.send(data)

    def _take(self, count: int | None) -> None:
        """Feed the session what has come: nothing yet (None), or nothing any more (0)."""
        if count:
            self._session.receive_data(self._buffer[:count])
        elif count == 0:
            self._is_ended = True
            self._session.receive_eof()

    def _check_end(self) -> None:
        if self._is_ended:
            raise NetworkError("the camera hung up")
