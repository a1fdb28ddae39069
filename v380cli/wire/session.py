"""One live stream, from its request to its media: bytes in, events out (PROTOCOL.md, section 2c).

    send data_to_send(), feed receive_data(), and take next_event() until it says NEED_DATA

The reply brings StreamOpened, after which data_to_send() has the request that lets the media flow.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from v380cli.errors import RemoteProtocolError
from v380cli.models import Quality
from v380cli.wire.commands import AUDIO_TYPES, LIVE_VIDEO_TYPES, Command, Result
from v380cli.wire.decryption import Encryption, MediaDecryptor
from v380cli.wire.fragment_record import MAX_FRAGMENT_BYTES
from v380cli.wire.fragments import FragmentAssembler
from v380cli.wire.live import (
    AUDIO_OFF,
    AUDIO_ON,
    QUALITY_HD,
    QUALITY_SD,
    MediaFrame,
    StreamLoginReply,
    StreamLoginRequest,
    StreamStartRequest,
)
from v380cli.wire.login import LoginTicket
from v380cli.wire.machine import NEED_DATA, NeedData, RequestMachine
from v380cli.wire.refusals import Asked, check_supported, find_refusal
from v380cli.wire.stream_counters import StreamCounters

REPLY_BYTES = StreamLoginReply.SIZE
RESULT_END = 8  # number and result are all that a refusal needs
# What follows the known part of a 401 on older firmware; it says nothing of its own length.
REPLY_TAIL_BYTES = StreamLoginReply.LEGACY_SIZE - StreamLoginReply.SIZE

# By the kHz of 401; 8 is what was seen (section 2c).
AUDIO_RATES_HZ = {
    8: 8000, 11: 11025, 12: 12000, 16: 16000, 22: 22050, 24: 24000, 32: 32000, 44: 44100, 48: 48000
}  # fmt: skip
AUDIO_BITS = (8, 16)
USUAL_YES = (Result.STREAM_OK, Result.OK)  # newer and older firmware (section 11)
AUDIO_CHANNELS = (1, 2)

QUALITIES = {Quality.HD: QUALITY_HD, Quality.SD: QUALITY_SD}


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """The camera lets us have the stream: what it claims of that.

    Sizes are in pixels and bytes. Of the sound only plausible values are handed on; 0 is unknown.
    """

    width: int
    height: int
    version: int
    max_packet: int
    audio_rate_hz: int = 0
    audio_bits: int = 0
    audio_channels: int = 0
    result: int = Result.STREAM_OK


@dataclass(slots=True)  # read often, and a named tuple's fields take longer to read
class MediaReceived:
    """One whole media frame in clear, without its header; the camera's clock in milliseconds.

    The payload of an unknown type is as it came.
    """

    frame_type: int
    frame_id: int
    fps: int
    timestamp_ms: int
    payload: bytes
    kind: Literal["video", "audio", "unknown"]


Event = StreamOpened | MediaReceived


class State(Enum):
    """What the next bytes are."""

    REPLY = auto()
    MEDIA = auto()


class LiveSession(RequestMachine):
    """The protocol of one live stream; one session a connection."""

    def __init__(
        self, ticket: LoginTicket, device_id: int, *, quality: Quality, audio: bool
    ) -> None:
        request = StreamLoginRequest(
            device_id=device_id,
            ticket=ticket.ticket,
            audio=AUDIO_ON if audio else AUDIO_OFF,
            quality=QUALITIES[quality],
        )
        super().__init__(request.encode())
        self.state = State.REPLY
        self._decryptor = MediaDecryptor(ticket)
        self._assembler = FragmentAssembler(lead_in_bytes=REPLY_TAIL_BYTES)

    @property
    def counters(self) -> StreamCounters:
        """What came so far, and what was lost."""
        return self._assembler.counters

    @property
    def encryption(self) -> Encryption:
        """How the media are encrypted, as far as is known yet."""
        return self._decryptor.encryption

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes, however they are cut."""
        missing = REPLY_BYTES - len(self._received)
        if missing:
            self._received += data[:missing]
            data = data[missing:]
        if data:
            self._assembler.receive_data(data)

    def receive_eof(self) -> None:
        """The camera will send no more; what is whole can still be taken."""
        super().receive_eof()
        self._assembler.flush()

    def give_up(self) -> None:
        """Nothing more is read, whatever the camera sends: what was lost until now is counted."""
        self._assembler.settle()

    def believe_end(self) -> None:
        """Nothing more stands ready: hand out a frame that is whole without waiting for more."""
        self._assembler.believe_end()

    def next_event(self) -> Event | Literal[NeedData.NEED_DATA]:
        """What happened next, or NEED_DATA.

        Raises TicketExpired, another Refused, or RemoteProtocolError, and after that again.
        """
        if self.state is State.REPLY:
            return self._read_reply()
        frame = self._assembler.next_frame()
        return NEED_DATA if frame is None else self._make_media(frame)

    def take_media(self) -> list[MediaReceived]:
        """All further events of a stream that is open: what came whole by now."""
        return [self._make_media(frame) for frame in self._assembler.take_frames()]

    def _read_reply(self) -> Event | Literal[NeedData.NEED_DATA]:
        check_supported(self._received, "the camera does not know this kind of live stream")
        if len(self._received) >= RESULT_END:
            check_stream_reply(self._decode_reply())
        if len(self._received) < REPLY_BYTES:
            if self._is_ended and self._received:
                raise RemoteProtocolError(self._describe_stump())
            return NEED_DATA
        reply = self._decode_reply()
        self._decryptor.set_stream_version(reply.version)
        self._outgoing += StreamStartRequest().encode()
        self.state = State.MEDIA
        return _describe_opening(reply)

    def _describe_stump(self) -> str:
        what = "the camera hung up in the middle of its reply to 301"
        if len(self._received) < RESULT_END:
            return what
        return f"{what} (result {self._decode_reply().result})"

    def _decode_reply(self) -> StreamLoginReply:
        return StreamLoginReply.decode(self._received.ljust(REPLY_BYTES, b"\0"))

    def _make_media(self, frame: MediaFrame) -> MediaReceived:
        frame_id, frame_type, fps, timestamp_ms, payload = frame
        kind: Literal["video", "audio", "unknown"] = "unknown"
        if frame_type in LIVE_VIDEO_TYPES:
            kind, payload = "video", self._decryptor.decrypt_video(payload)
        elif frame_type in AUDIO_TYPES:
            kind, payload = "audio", self._decryptor.decrypt_audio(payload)
        return MediaReceived(frame_type, frame_id, fps, timestamp_ms, payload, kind)


def _describe_opening(reply: StreamLoginReply) -> StreamOpened:
    return StreamOpened(
        width=reply.width,
        height=reply.height,
        version=reply.version,
        max_packet=reply.max_packet if 0 < reply.max_packet <= MAX_FRAGMENT_BYTES else 0,
        audio_rate_hz=AUDIO_RATES_HZ.get(reply.audio_khz, 0),
        audio_bits=reply.audio_bits if reply.audio_bits in AUDIO_BITS else 0,
        audio_channels=reply.audio_channels if reply.audio_channels in AUDIO_CHANNELS else 0,
        result=reply.result,
    )


def check_stream_reply(reply: StreamLoginReply) -> None:
    """Raise what a 401 says that is a no; any number but those is a yes (sections 2c and 11)."""
    if reply.command != Command.STREAM_LOGIN_REPLY:
        raise RemoteProtocolError(f"the camera answered 301 with message {reply.command}")
    if refusal := find_refusal(Asked.STREAM, reply.result):
        raise refusal
