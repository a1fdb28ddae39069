"""Talk: log in, ask to be heard, say a sound in real time (PROTOCOL.md, section 4)."""

import contextlib
import logging
import time
from collections.abc import Callable
from typing import Protocol

from v380cli.camera.access import Access
from v380cli.camera.conversation import DeadlineReached, converse, send_pending
from v380cli.camera.pacing import BLOCK_S, Pace
from v380cli.errors import MediaError, NetworkError, NetworkTimeout, Refused, UnsupportedFirmware
from v380cli.media.ima import BLOCK_SAMPLES, encode_ima_block
from v380cli.models import Device
from v380cli.net.stream import TcpChannel
from v380cli.wire.login import LEGACY_VARIANT, LoginTicket
from v380cli.wire.machine import REPLY_TIMEOUT_S
from v380cli.wire.settings.exchange import SettingLogin
from v380cli.wire.talk import TalkForm, TalkSession

RECEIVE_BYTES = 4096
PCM_BLOCK_BYTES = 2 * BLOCK_SAMPLES

HUNG_UP_HINT = "somebody else may have begun to talk"

log = logging.getLogger(__name__)


class Sound(Protocol):
    """PCM s16le, 8 kHz, mono, which need not be there yet."""

    def start(self) -> None:
        """Begin to make it."""
        ...

    def read(self, size: int, timeout_s: float) -> bytes | None:
        """The next `size` bytes, None when they are not there yet; fewer are the end."""
        ...


class Talker:
    """Says one sound through a camera; its counters may be read by any thread, meanwhile too.

    It ends after `limit_s` at the latest; `is_cut_off` tells that it was before the sound's end.
    With `force` a camera is asked that says it cannot listen.
    """

    def __init__(
        self,
        access: Access,
        *,
        limit_s: float = float("inf"),
        force: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.form: TalkForm | None = None
        self.encrypts = False
        self.blocks = 0
        self.late_blocks = 0
        self.is_cut_off = False
        self._limit_s = limit_s
        self._force = force
        self._access = access
        self._clock = clock
        self._buffer = memoryview(bytearray(RECEIVE_BYTES))

    @property
    def device(self) -> Device:
        """The camera where it was seen last."""
        return self._access.device

    @property
    def said_s(self) -> float:
        """How much has left, in seconds of sound."""
        return self.blocks * BLOCK_S

    def run(self, sound: Sound, tick: Callable[[], None] = lambda: None) -> None:
        """Log in and say `sound` to its end; `tick` is called after each block.

        Raises NetworkError (also when interrupted), a Refused, RemoteProtocolError, or
        MediaError.
        """
        channel, session = self._access.use_ticket(self._open)
        with channel:
            log.info("%s listens (%d)", self.device.label, session.form)
            self.form, self.encrypts = session.form, session.encrypts
            sound.start()
            self._say(channel, session, sound, tick)
        if not self.blocks:
            raise MediaError("there was no sound to say")

    def _open(self, ticket: LoginTicket) -> tuple[TcpChannel, TalkSession]:
        """By ticket, and where the camera does not know that, by user and password."""
        if ticket.abilities and not ticket.abilities.talk and not self._force:
            raise Refused(
                "the camera says that it cannot listen",
                hint="if it has a loudspeaker all the same, --force asks it",
            )
        if ticket.variant_name != LEGACY_VARIANT.name:
            try:
                return self._ask(ticket, TalkForm.TICKET)
            except UnsupportedFirmware as error:
                log.info("%s: %s", self.device.label, error.message)
        return self._ask(ticket, TalkForm.LEGACY)

    def _ask(self, ticket: LoginTicket, form: TalkForm) -> tuple[TcpChannel, TalkSession]:
        login = SettingLogin(
            device_id=self.device.device_id,
            ticket=ticket.ticket,
            username=self.device.username,
            password=self.device.password,
        )
        session = TalkSession(login, form, encrypts_media=ticket.encrypts_media)
        channel = self._access.open_channel()
        try:
            self._await_yes(channel, session)
        except BaseException:
            channel.close()
            raise
        return channel, session

    def _await_yes(self, channel: TcpChannel, session: TalkSession) -> None:
        converse(
            channel,
            session,
            self._clock() + REPLY_TIMEOUT_S,
            hung_up="the camera hung up without an answer",
            clock=self._clock,
        )

    def _say(
        self, channel: TcpChannel, session: TalkSession, sound: Sound, tick: Callable[[], None]
    ) -> None:
        pace: Pace | None = None
        step_index = 0
        end_s = self._clock() + self._limit_s
        while pcm := self._next_block(channel, session, sound, end_s):
            block, step_index = encode_ima_block(pcm.ljust(PCM_BLOCK_BYTES, b"\0"), step_index)
            if pace is None:
                pace = Pace(self._clock())
                end_s = pace.due_s + self._limit_s
            self._wait(channel, session, min(pace.due_s, end_s))
            if pace.due_s >= end_s:
                self.is_cut_off = True
                return
            pace.leave(self._clock())
            session.say(block)
            send_pending(channel, session)
            self.blocks, self.late_blocks = self.blocks + 1, pace.late_blocks
            tick()
        if pace:
            self._wait(channel, session, pace.due_s)  # the camera is still at the last block

    def _next_block(
        self, channel: TcpChannel, session: TalkSession, sound: Sound, end_s: float
    ) -> bytes:
        """The next block of PCM; short or empty at the end."""
        while (now_s := self._clock()) < end_s:
            session.advance(now_s)
            send_pending(channel, session)
            pcm = sound.read(PCM_BLOCK_BYTES, min(session.next_deadline, end_s) - now_s)
            self._access.interrupt.check()
            if pcm is not None:
                return pcm
            self._check_link(channel)
        self.is_cut_off = True
        return b""

    @property
    def _hung_up(self) -> str:
        return f"the camera hung up after {self.said_s:.1f} s"

    def _check_link(self, channel: TcpChannel) -> None:
        """See whether the camera has hung up; a sign of life before that would break the link."""
        with contextlib.suppress(NetworkTimeout):
            if not channel.receive_into(self._buffer, 0):
                raise NetworkError(self._hung_up, hint=HUNG_UP_HINT)

    def _wait(self, channel: TcpChannel, session: TalkSession, until_s: float) -> None:
        """Stay alive, but not when the camera hangs up; what it says has no meaning."""
        while self._clock() < until_s:
            with contextlib.suppress(DeadlineReached):
                converse(
                    channel,
                    session,
                    until_s,
                    hung_up=self._hung_up,
                    hint=HUNG_UP_HINT,
                    buffer=self._buffer,
                    clock=self._clock,
                )
