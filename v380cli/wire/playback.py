"""One recording played from the SD card: bytes in, frames out (PROTOCOL.md, section 3).

    send data_to_send(), feed receive_data(), and take next_event() until it says NEED_DATA

The reply brings PlaybackOpened; acknowledgements come out of data_to_send() as the camera wants
them. The vendor's download is the same playback, read at full speed (section 3c).
"""

import datetime as dt
from typing import Literal, Protocol

from v380cli.errors import Refused, RemoteProtocolError, UnsupportedFirmware
from v380cli.wire.card import (
    ACK_BATCH,
    FINISHED,
    CardEntry,
    CardFrame,
    Finished,
    PlaybackOpened,
)
from v380cli.wire.card_files import (
    ACK_MODE,
    CONTINUOUS,
    FileControl,
    FileFinish,
    FilePlay,
    FilePlayReply,
)
from v380cli.wire.card_segments import (
    Action,
    OpenResult,
    SegmentControl,
    SegmentOpen,
    SegmentOpenReply,
)
from v380cli.wire.card_stream import FileStream, SegmentStream
from v380cli.wire.commands import VIDEO_TYPES, CardCommand, Command, FrameType, Result
from v380cli.wire.crypto import MediaCipher, media_key
from v380cli.wire.decryption import START_CODES
from v380cli.wire.login import LoginTicket
from v380cli.wire.session import NEED_DATA, NeedData, TicketExpired

RESULT_END = 8
# A camera may wait sooner than it was told to; one that asks all the time is not obeyed.
SMALLEST_BATCH = 10
NOTE = 7  # any byte does; it marks what belongs to one start
IMA_TYPES = frozenset({FrameType.IMA_ADPCM, FrameType.IMA_ADPCM_VARIANT})
IMA_MAX_STEP_INDEX = 88
UNSUPPORTED = (Command.UNSUPPORTED, Command.UNSUPPORTED_SETTING)

Event = PlaybackOpened | CardFrame | Finished | Literal[NeedData.NEED_DATA]


class PlaybackSession(Protocol):
    """What both generations can do."""

    def data_to_send(self) -> bytes:
        """What is to be sent now; it is handed out once."""
        ...

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes, however they are cut."""
        ...

    def next_event(self) -> Event:
        """What happened next, or NEED_DATA. Raises a Refused or RemoteProtocolError."""
        ...

    def nudge(self) -> None:
        """Acknowledge what came, whether or not it is time: for a camera that says nothing."""
        ...

    def finish(self) -> None:
        """Say goodbye with the next data_to_send()."""
        ...


class SegmentPlayback:
    """363 and 364: a segment from the wall clock time `position` on."""

    def __init__(
        self,
        ticket: LoginTicket,
        device_id: int,
        number: int,
        position: dt.datetime,
        *,
        batch: int = ACK_BATCH,
        note: int = NOTE,
    ) -> None:
        self._number, self._position = number, position
        self._batch, self._note = batch, note
        self._wait_for = batch
        self._decryptor = CardDecryptor(ticket)
        self._stream = SegmentStream(note)
        self._reply = bytearray()
        self._is_open = False
        self._outgoing = SegmentOpen(
            device_id=device_id, ticket=ticket.ticket, number=number, position=position
        ).encode()

    def data_to_send(self) -> bytes:
        """What is to be sent now; it is handed out once."""
        data, self._outgoing = self._outgoing, b""
        return data

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes, however they are cut."""
        missing = SegmentOpenReply.SIZE - len(self._reply)
        if missing:
            self._reply += data[:missing]
            data = data[missing:]
        if data:
            self._stream.receive_data(data)
        if self._stream.wants_ack:
            self._wait_for = find_batch(self._stream.unacknowledged, self._wait_for)
        if self._stream.wants_ack or self._stream.unacknowledged >= self._wait_for:
            self.nudge()

    def next_event(self) -> Event:
        """What happened next, or NEED_DATA. Raises a Refused or RemoteProtocolError."""
        if not self._is_open:
            return self._read_reply()
        frame = self._stream.next_frame()
        if frame is not None:
            return self._decryptor.decrypt(frame)
        return FINISHED if self._stream.is_finished else NEED_DATA

    def nudge(self) -> None:
        """Acknowledge what came, whether or not it is time: for a camera that says nothing."""
        if self._is_open:
            self._control(Action.ACKNOWLEDGE)
            self._stream.wants_ack = False
            self._stream.unacknowledged = 0

    def finish(self) -> None:
        """Say goodbye with the next data_to_send()."""
        if self._is_open:
            self._control(Action.STOP)

    def _read_reply(self) -> Event:
        if len(self._reply) >= RESULT_END:
            padded = bytes(self._reply).ljust(SegmentOpenReply.SIZE, b"\0")
            _check_open_reply(SegmentOpenReply.decode(padded))
        if len(self._reply) < SegmentOpenReply.SIZE:
            return NEED_DATA
        reply = SegmentOpenReply.decode(self._reply)
        self._is_open = True
        self._control(Action.START)
        return PlaybackOpened(max(0, reply.width), max(0, reply.height))

    def _control(self, action: Action) -> None:
        self._outgoing += SegmentControl(
            action=action,
            note=self._note,
            batch=self._batch,
            last_frame_id=self._stream.last_frame_id,
            number=self._number,
            position=self._position,
            last_packet=self._stream.last_packet,
        ).encode()


class FilePlayback:
    """152 and 158: a file from `position_s` on."""

    def __init__(
        self,
        ticket: LoginTicket,
        handle: int,
        entry: CardEntry,
        position_s: int = 0,
        *,
        batch: int = ACK_BATCH,
    ) -> None:
        self._number, self._position_s = entry.number, position_s
        self._batch = self._wait_for = batch
        self._decryptor = CardDecryptor(ticket)
        self._stream = FileStream()
        self._reply = bytearray()
        self._opened: FilePlayReply | None = None
        self._outgoing = FilePlay(handle=handle, number=entry.number, name=entry.name).encode()

    def data_to_send(self) -> bytes:
        """What is to be sent now; it is handed out once."""
        data, self._outgoing = self._outgoing, b""
        return data

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes, however they are cut."""
        missing = FilePlayReply.SIZE - len(self._reply)
        if missing:
            self._reply += data[:missing]
            data = data[missing:]
        if data:
            self._stream.receive_data(data)
        if self._stream.wants_ack:
            self._wait_for = find_batch(self._stream.unacknowledged, self._wait_for)
        is_due = self._wants_acks and self._stream.unacknowledged >= self._wait_for
        if self._stream.wants_ack or is_due:
            self.nudge()

    def next_event(self) -> Event:
        """What happened next, or NEED_DATA. Raises a Refused or RemoteProtocolError."""
        if self._opened is None:
            return self._read_reply()
        frame = self._stream.next_frame()
        if frame is not None:
            return self._decryptor.decrypt(frame)
        return FINISHED if self._is_finished(self._opened) else NEED_DATA

    def nudge(self) -> None:
        """Acknowledge what came, whether or not it is time: for a camera that says nothing."""
        if self._opened is not None:
            self._control(self._stream.last_frame_id)
            self._stream.wants_ack = False
            self._stream.unacknowledged = 0

    def finish(self) -> None:
        """Say goodbye with the next data_to_send()."""
        if self._opened is not None:
            self._outgoing += FileFinish(number=self._number).encode()

    @property
    def _wants_acks(self) -> bool:
        return self._opened is not None and self._opened.mode >= ACK_MODE

    def _is_finished(self, opened: FilePlayReply) -> bool:
        """No record says so: the last frame has the last number (I)."""
        total = opened.frame_total
        return self._stream.is_finished or 0 < total <= self._stream.last_frame_id + 1

    def _read_reply(self) -> Event:
        if len(self._reply) < FilePlayReply.SIZE:
            return NEED_DATA
        reply = FilePlayReply.decode(self._reply)
        if reply.command in UNSUPPORTED:
            raise UnsupportedFirmware("the camera does not know this way to play recordings")
        if reply.command != CardCommand.FILE_PLAY_REPLY:
            raise RemoteProtocolError(f"the camera answered 152 with message {reply.command}")
        if reply.length_s <= 0 and reply.frame_total <= 0:
            raise Refused("the camera cannot play this recording")
        self._opened = reply
        self._control(0)
        return PlaybackOpened(
            max(0, reply.width), max(0, reply.height), max(0, reply.frame_total), reply.fps
        )

    def _control(self, last_frame_id: int) -> None:
        self._outgoing += FileControl(
            position_s=self._position_s,
            last_frame_id=last_frame_id,
            batch=self._batch if self._wants_acks else CONTINUOUS,
        ).encode()


def find_batch(unacknowledged: int, batch: int) -> int:
    """After how many to acknowledge, seen that the camera asked for it after so many."""
    return min(batch, max(unacknowledged, SMALLEST_BATCH)) if unacknowledged else batch


class CardDecryptor:
    """Recorded video is clear or encrypted as live video is; sound goes by the version (2b).

    Both are hearsay, so what a frame must begin with is believed more.
    """

    def __init__(self, ticket: LoginTicket) -> None:
        self._cipher = MediaCipher(media_key(ticket.ticket))
        self._decrypts_audio = ticket.encrypts_media
        self._is_audio_settled = not ticket.encrypts_media

    def decrypt(self, frame: CardFrame) -> CardFrame:
        """The frame with its payload in clear."""
        if frame.frame_type in VIDEO_TYPES:
            if frame.payload.startswith(START_CODES):
                return frame
            clear = self._cipher.decrypt_video(frame.payload)
            return frame._replace(payload=clear) if clear.startswith(START_CODES) else frame
        if not self._is_audio_settled:
            self._settle_audio(frame)
        if self._decrypts_audio:
            return frame._replace(payload=self._cipher.decrypt_audio(frame.payload))
        return frame

    def _settle_audio(self, frame: CardFrame) -> None:
        """Go by the header of the sound where only one of the two readings has one."""
        is_clear = _begins_like_sound(frame.frame_type, frame.payload)
        deciphered = self._cipher.decrypt_audio(frame.payload)
        if is_clear != _begins_like_sound(frame.frame_type, deciphered):
            self._decrypts_audio = not is_clear
            self._is_audio_settled = True


def _begins_like_sound(frame_type: int, payload: bytes) -> bool:
    """Whether it has the header of its coding; true for those without one."""
    if frame_type in IMA_TYPES:
        return len(payload) >= 4 and payload[2] <= IMA_MAX_STEP_INDEX and payload[3] == 0
    if frame_type == FrameType.AAC_ADTS:
        return payload[:1] == b"\xff" and payload[1] & 0xF6 == 0xF0
    return True


def _check_open_reply(reply: SegmentOpenReply) -> None:
    """Raise what a 463 says that is no yes (sections 3b and 8)."""
    if reply.command in UNSUPPORTED:
        raise UnsupportedFirmware("the camera does not know this way to play recordings")
    if reply.command != CardCommand.SEGMENT_OPEN_REPLY:
        raise RemoteProtocolError(f"the camera answered 363 with message {reply.command}")
    match reply.result:
        case OpenResult.OK | Result.OK:
            return
        case Result.TICKET_EXPIRED | Result.TICKET_INVALID:
            raise TicketExpired("the camera wants a new log-in before it plays a recording")
        case OpenResult.NO_PRIVILEGE:
            raise Refused("the camera gives this user no right to see recordings")
    raise Refused(f"the camera refused to play the recording ({reply.result})")
