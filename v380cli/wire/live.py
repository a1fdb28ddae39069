"""Live stream messages: 301, 401 and 303 (PROTOCOL.md, sections 2c and 11)."""

import struct
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from v380cli.wire.commands import Command
from v380cli.wire.layout import I32, U8, U16, U64, Annotated, Message

AUDIO_OFF, AUDIO_ON = 4096, 4097
QUALITY_SD, QUALITY_HD = 0, 1
START_ARGUMENT = 0x3001  # newer clients; older ones echo the result of 401 (section 11)
WHOLE_BLOCK_VERSION = 21  # a 401 of this version marks a camera that encrypts whole blocks
FRAME_HEADER = struct.Struct("<iHHQ")  # the same as FrameHeader, where it has to be fast


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLoginRequest(Message):
    """301: asks for one of the two streams of a channel."""

    SIZE: ClassVar[int] = 256

    command: Annotated[int, I32.at(0)] = Command.STREAM_LOGIN
    device_id: Annotated[int, I32.at(4)]
    channel: Annotated[int, I32.at(8)] = 0
    unknown_0x0c: Annotated[int, U16.at(12)] = 20  # always 20
    ticket: Annotated[int, I32.at(14)] = field(repr=False)
    unknown_0x12: Annotated[int, I32.at(18)] = 0
    audio: Annotated[int, I32.at(22)] = AUDIO_ON
    quality: Annotated[int, I32.at(26)] = QUALITY_HD


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLoginReply(Message):
    """401: 32 bytes on newer firmware, 412 on older; what follows [32] is not known."""

    SIZE: ClassVar[int] = 32
    LEGACY_SIZE: ClassVar[int] = 412

    command: Annotated[int, I32.at(0)] = Command.STREAM_LOGIN_REPLY
    result: Annotated[int, I32.at(4)]
    version: Annotated[int, U16.at(8)] = 0
    width: Annotated[int, I32.at(10)] = 0
    height: Annotated[int, I32.at(14)] = 0
    max_packet: Annotated[int, I32.at(18)] = 0
    audio_khz: Annotated[int, U8.at(22)] = 0  # 8 is what was seen
    audio_bits: Annotated[int, U8.at(23)] = 0  # 16 with frame type 22, 8 with 26
    audio_channels: Annotated[int, U8.at(24)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStartRequest(Message):
    """303: lets the media flow."""

    SIZE: ClassVar[int] = 256

    command: Annotated[int, I32.at(0)] = Command.STREAM_START
    argument: Annotated[int, I32.at(4)] = START_ARGUMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameHeader(Message):
    """The first 16 bytes of a reassembled media frame; the payload follows."""

    SIZE: ClassVar[int] = FRAME_HEADER.size

    frame_id: Annotated[int, I32.at(0)]
    frame_type: Annotated[int, U16.at(4)]
    fps: Annotated[int, U16.at(6)] = 0
    timestamp_ms: Annotated[int, U64.at(8)] = 0


class MediaFrame(NamedTuple):
    """A reassembled media frame: the fields of its header, and its payload as it came."""

    frame_id: int
    frame_type: int
    fps: int
    timestamp_ms: int
    payload: bytes
