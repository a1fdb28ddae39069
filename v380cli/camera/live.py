"""A live stream: log in, open it, hand out its media."""

import logging
import time
from typing import TYPE_CHECKING

from v380cli.camera.conversation import converse
from v380cli.camera.gathered_link import GatheredLink
from v380cli.errors import NetworkError
from v380cli.models import Quality, Via
from v380cli.net.stream import TcpChannel
from v380cli.wire.login import LoginTicket
from v380cli.wire.machine import REPLY_TIMEOUT_S
from v380cli.wire.session import USUAL_YES, LiveSession, MediaReceived, StreamOpened
from v380cli.wire.stream_counters import StreamCounters

if TYPE_CHECKING:
    from v380cli.camera.access import Access

RECEIVE_BYTES = 1 << 18

log = logging.getLogger(__name__)


class LiveStream(GatheredLink):
    """An open live stream, read by one thread and interrupted by any.

    A prompt one does not wait for what comes behind a frame.
    """

    via = Via.LAN

    def __init__(self, channel: TcpChannel, session: LiveSession, address: str) -> None:
        super().__init__(channel)
        self.address = address
        self._session = session
        self._is_prompt = False
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
    def open(cls, access: "Access", *, quality: Quality, audio: bool, prompt: bool) -> "LiveStream":
        """Open the stream, logging in first where that is not done.

        With `prompt` each frame is handed out when it comes, at more CPU. Raises
        NetworkError, a Refused, or RemoteProtocolError.
        """

        def open_with(ticket: LoginTicket) -> "LiveStream":
            session = LiveSession(ticket, access.device.device_id, quality=quality, audio=audio)
            return cls._open(access, session, prompt)

        return access.use_ticket(open_with)

    @classmethod
    def _open(cls, access: "Access", session: LiveSession, prompt: bool) -> "LiveStream":
        channel = access.open_channel()
        try:
            stream = cls(channel, session, access.device.address)
            stream._opened = stream._await_opening()
            opened, label = stream.opened, access.device.label
            log.info("%s: %s", label, opened)
            if opened.result not in USUAL_YES:
                log.warning("%s: result %d is taken for a yes", label, opened.result)
            stream.set_prompt(prompt)
        except BaseException:
            channel.close()
            raise
        return stream

    def set_prompt(self, wanted: bool) -> None:
        """Hand out each frame when it comes, or many at once; from any thread, heeded soon."""
        self._is_prompt = wanted
        super().set_prompt(wanted)

    def _await_opening(self) -> StreamOpened:
        deadline_s = time.monotonic() + REPLY_TIMEOUT_S
        while not isinstance(
            event := converse(self._channel, self._session, deadline_s, buffer=self._buffer),
            StreamOpened,
        ):
            pass
        return event

    def send_control(self, packet: bytes) -> None:
        """Send one control packet (PROTOCOL.md, section 5a); from any thread, beside the reader.

        Raises NetworkError. The camera does not answer.
        """
        self._channel.send(packet)

    def close(self) -> None:
        self._session.give_up()
        super().close()

    def _take_burst(self) -> list[MediaReceived]:
        """The media that what was read brought."""
        if self._is_prompt:
            self._session.believe_end()
        return self._session.take_media()

    def _receive(self) -> None:
        """Feed the session what has come: nothing yet (None), or nothing any more (0)."""
        count = self._channel.receive_gathered(self._buffer)
        if count:
            self._session.receive_data(self._buffer[:count])
        elif count == 0:
            self._is_ended = True
            self._session.receive_eof()

    def _check_end(self) -> None:
        if self._is_ended:
            raise NetworkError("the camera hung up")


class Lan:
    """The private protocol over TCP: what every V380 camera speaks."""

    def open_live(
        self, access: "Access", *, quality: Quality, audio: bool, prompt: bool
    ) -> LiveStream:
        return LiveStream.open(access, quality=quality, audio=audio, prompt=prompt)


LAN = Lan()
