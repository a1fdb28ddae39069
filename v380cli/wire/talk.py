"""One talk, from its request to its end: bytes in, bytes out (PROTOCOL.md, section 4).

    feed receive_data() until next_event() says that it is open,
    then say() a block at a time and advance() the clock, and send data_to_send() after each

To stop is to close the connection. Whatever the camera says after its yes is of no meaning to us.
"""

import math
from dataclasses import dataclass, field
from enum import Enum, IntEnum, auto
from typing import ClassVar, Final, Literal

from v380cli.errors import CameraBusy, LocalProtocolError, Refused, RemoteProtocolError
from v380cli.wire.commands import REPLY_OFFSET, FrameType, Result, TalkCommand
from v380cli.wire.crypto import MediaCipher, media_key
from v380cli.wire.layout import I32, U8, U16, Annotated, Message, text
from v380cli.wire.machine import NEED_DATA, NeedData, RequestMachine
from v380cli.wire.refusals import Asked, check_supported, find_refusal
from v380cli.wire.settings.exchange import SettingLogin

PACKET_BYTES = 16  # of what is said after the start, but for the sound itself
FRAGMENT_MAX_BYTES = 496
# The camera wants one every 3 s; a busy machine may be late with it.
KEEP_ALIVE_S = 2.5
CAMERA_PATIENCE_S = 15.0  # after so much silence it hangs up
FIRST_SEQUENCE = 1  # of the clients that were heard out of real cameras
REASON_END = 12  # number, result and reason: all that a no has to say


class TalkForm(IntEnum):
    """How a talk is asked for; the number of the request."""

    TICKET = TalkCommand.START
    LEGACY = TalkCommand.LEGACY_START


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkStart(Message):
    """377: asks to be heard, with the ticket of a log-in."""

    SIZE: ClassVar[int] = 256

    command: Annotated[int, I32.at(0)] = TalkCommand.START
    device_id: Annotated[int, I32.at(4)]
    ticket: Annotated[int, I32.at(8)] = field(repr=False)
    channel: Annotated[int, I32.at(12)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyTalkStart(Message):
    """177: the same with user and password in clear."""

    SIZE: ClassVar[int] = 412

    command: Annotated[int, I32.at(0)] = TalkCommand.LEGACY_START
    username: Annotated[str, text(32).at(4)] = ""
    password: Annotated[str, text(32).at(36)] = field(default="", repr=False)
    device_id: Annotated[int, I32.at(68)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkStartReply(Message):
    """477 and 277; `reason` counts after a no, as in the frames of settings (section 1a)."""

    SIZE: ClassVar[int] = 16
    MIN_SIZE: ClassVar[int] = 8

    command: Annotated[int, I32.at(0)]
    result: Annotated[int, I32.at(4)]
    reason: Annotated[int, I32.at(8)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkKeepAlive(Message):
    """188: a sign of life."""

    SIZE: ClassVar[int] = PACKET_BYTES

    command: Annotated[int, I32.at(0)] = TalkCommand.KEEP_ALIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkAudio(Message):
    """180: comes before `length` bytes of sound."""

    SIZE: ClassVar[int] = PACKET_BYTES

    command: Annotated[int, I32.at(0)] = TalkCommand.AUDIO
    fragments: Annotated[int, U8.at(4)] = 1
    index: Annotated[int, U8.at(5)] = 0
    codec: Annotated[int, U8.at(6)] = FrameType.IMA_ADPCM
    length: Annotated[int, U16.at(13)]
    sequence: Annotated[int, U8.at(15)]


class TalkEvent(Enum):
    """The type of `TALK_OPENED`."""

    OPENED = auto()


TALK_OPENED: Final = TalkEvent.OPENED


class TalkSession(RequestMachine):
    """The protocol of one talk; one session a connection. Times are seconds of any one clock."""

    def __init__(self, login: SettingLogin, form: TalkForm, *, encrypts_media: bool) -> None:
        super().__init__(_make_request(login, form))
        self.form = form
        # 177 carries no ticket, so there is no key that both sides know (I)
        self.encrypts = encrypts_media and form is TalkForm.TICKET
        self._cipher = MediaCipher(media_key(login.ticket)) if self.encrypts else None
        self._is_open = False
        self._sequence = FIRST_SEQUENCE

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take in what came, however it is cut."""
        super().receive_data(data[: TalkStartReply.SIZE - len(self._received)])

    def next_event(self) -> Literal[TalkEvent.OPENED, NeedData.NEED_DATA]:
        """TALK_OPENED once the camera has said yes; raises what it said instead.

        That is TicketExpired, another Refused, or RemoteProtocolError.
        """
        if self._is_open:
            return NEED_DATA
        check_supported(self._received, f"the camera does not know talk command {self.form:d}")
        if len(self._received) < TalkStartReply.MIN_SIZE:
            return NEED_DATA
        reply = TalkStartReply.decode(self._received)
        if _is_yes(reply, self.form):
            self._is_open, self.next_deadline = True, -math.inf
            return TALK_OPENED
        if self._is_ended or len(self._received) >= REASON_END:
            raise _find_refusal(reply, self.form)
        return NEED_DATA

    def say(self, block: bytes) -> None:
        """Say one IMA ADPCM block in clear (`media.ima`)."""
        if len(block) > FRAGMENT_MAX_BYTES:
            raise LocalProtocolError(f"a block of {len(block)} bytes does not fit into a packet")
        header = TalkAudio(length=len(block), sequence=self._sequence)
        self._sequence = (self._sequence + 1) % 256
        self._outgoing += header.encode()
        self._outgoing += self._cipher.encrypt_audio(block) if self._cipher else block

    def advance(self, now_s: float) -> None:
        """Give a sign of life when one is due; the next is due at `next_deadline`."""
        if now_s >= self.next_deadline:
            self._outgoing += TalkKeepAlive().encode()
            self.next_deadline = now_s + KEEP_ALIVE_S


def _make_request(login: SettingLogin, form: TalkForm) -> bytes:
    if form is TalkForm.TICKET:
        return TalkStart(device_id=login.device_id, ticket=login.ticket).encode()
    return LegacyTalkStart(
        username=login.username, password=login.password.reveal(), device_id=login.device_id
    ).encode()


def _is_yes(reply: TalkStartReply, form: TalkForm) -> bool:
    """1001 is what 477 says and 1000 what 277 does; either is a yes to both."""
    is_answer = reply.command == form + REPLY_OFFSET
    return is_answer and reply.result in (Result.OK, Result.OK_PLAYBACK)


def _find_refusal(reply: TalkStartReply, form: TalkForm) -> Refused | RemoteProtocolError:
    """What a reply other than yes means."""
    if reply.command != form + REPLY_OFFSET:
        return RemoteProtocolError(f"the camera answered {form:d} with message {reply.command}")
    if known := find_refusal(Asked.TALK, reply.reason, reply.result):
        return known
    return CameraBusy(
        f"the camera refused to listen (result {reply.result}, reason {reply.reason})",
        hint="somebody may be talking to it: close the app and try again",
    )
