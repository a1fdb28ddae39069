"""One recording played from the SD card: bytes in, frames out (PROTOCOL.md, section 3).

    send data_to_send(), feed receive_data(), and take next_event() until it says NEED_DATA

The reply brings PlaybackOpened; acknowledgements come out of data_to_send() as the camera wants
them. The vendor's download is the same playback, read at full speed (section 3c).
"""

import datetime as dt
import math
from abc import ABC, abstractmethod
from typing import Literal

from v380cli.errors import Refused, RemoteProtocolError
from v380cli.wire.card.decryption import CardDecryptor
from v380cli.wire.card.files import (
    ACK_MODE,
    CONTINUOUS,
    FileControl,
    FileFinish,
    FilePlay,
    FilePlayReply,
)
from v380cli.wire.card.segments import (
    Action,
    OpenResult,
    SegmentControl,
    SegmentOpen,
    SegmentOpenReply,
)
from v380cli.wire.card.stream import CardStream, FileStream, SegmentStream
from v380cli.wire.card.words import (
    ACK_BATCH,
    FINISHED,
    CardEntry,
    CardFrame,
    Finished,
    PlaybackOpened,
)
from v380cli.wire.commands import CardCommand, Result
from v380cli.wire.login import LoginTicket
from v380cli.wire.machine import NEED_DATA, NeedData, PatientMachine
from v380cli.wire.refusals import Asked, check_supported, find_refusal

# A camera that waits for an acknowledgement which got lost between two batches would wait for ever.
QUIET_S = 2.0
RESULT_END = 8
# A camera may wait sooner than it was told to; one that asks all the time is not obeyed.
SMALLEST_BATCH = 10
UNKNOWN_WAY = "the camera does not know this way to play recordings"
NOTE = 7  # any byte does; newer cameras mark their records with 0 all the same

Event = PlaybackOpened | CardFrame | Finished


class PlaybackSession(PatientMachine, ABC):
    """What both generations share: a reply of known size, then records, acknowledged in batches."""

    def __init__(
        self,
        stream: CardStream,
        ticket: LoginTicket,
        *,
        request: bytes,
        reply_bytes: int,
        batch: int,
    ) -> None:
        super().__init__(request)
        self.bytes_received = 0
        self._records = stream
        self._decryptor = CardDecryptor(ticket)
        self._reply_bytes = reply_bytes
        self._is_open = False
        self._batch = self._wait_for = batch

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes, however they are cut."""
        self.bytes_received += len(data)
        missing = self._reply_bytes - len(self._received)
        super().receive_data(data[:missing])
        data = data[missing:]
        if data:
            self._records.receive_data(data)
        if self._records.wants_ack:
            self._wait_for = find_batch(self._records.unacknowledged, self._wait_for)
        is_due = self._wants_acks and self._records.unacknowledged >= self._wait_for
        if self._records.wants_ack or is_due:
            self.nudge()

    def next_event(self) -> Event | Literal[NeedData.NEED_DATA]:
        """What happened next, or NEED_DATA. Raises a Refused or RemoteProtocolError."""
        if not self._is_open:
            opened = self._read_reply()
            self._is_open = opened is not None
            return opened or NEED_DATA
        frame = self._records.next_frame()
        if frame is not None:
            return self._decryptor.decrypt(frame)
        return FINISHED if self._is_finished else NEED_DATA

    def nudge(self) -> None:
        """Acknowledge what came, whether or not it is time: for a camera that says nothing."""
        if self._is_open:
            self._outgoing += self._acknowledge()
            self._records.wants_ack = False
            self._records.unacknowledged = 0

    def finish(self) -> None:
        """Say goodbye with the next data_to_send()."""
        if self._is_open:
            self._outgoing += self._say_goodbye()

    @property
    def _patience_s(self) -> float:
        return QUIET_S if self._is_open else math.inf

    def _conclude(self) -> None:
        self.nudge()

    @property
    def _wants_acks(self) -> bool:
        """Whether the camera waits for acknowledgements."""
        return True

    @property
    def _is_finished(self) -> bool:
        """Whether all has come."""
        return self._records.is_finished

    @abstractmethod
    def _read_reply(self) -> PlaybackOpened | None:
        """Read what came of the reply, and order the media once it is a whole yes."""

    @abstractmethod
    def _acknowledge(self) -> bytes: ...

    @abstractmethod
    def _say_goodbye(self) -> bytes: ...


class SegmentPlayback(PlaybackSession):
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
        self._number, self._position, self._note = number, position, note
        self._stream = SegmentStream()
        request = SegmentOpen(
            device_id=device_id, ticket=ticket.ticket, number=number, position=position
        )
        super().__init__(
            self._stream,
            ticket,
            request=request.encode(),
            reply_bytes=SegmentOpenReply.SIZE,
            batch=batch,
        )

    def _read_reply(self) -> PlaybackOpened | None:
        check_supported(self._received, UNKNOWN_WAY)
        if len(self._received) >= RESULT_END:
            padded = bytes(self._received).ljust(SegmentOpenReply.SIZE, b"\0")
            check_open_reply(SegmentOpenReply.decode(padded))
        if len(self._received) < SegmentOpenReply.SIZE:
            return None
        reply = SegmentOpenReply.decode(self._received)
        self._outgoing += self._control(Action.START)
        return PlaybackOpened(max(0, reply.width), max(0, reply.height))

    def _acknowledge(self) -> bytes:
        return self._control(Action.ACKNOWLEDGE)

    def _say_goodbye(self) -> bytes:
        return self._control(Action.STOP)

    def _control(self, action: Action) -> bytes:
        return SegmentControl(
            action=action,
            note=self._note,
            batch=self._batch,
            last_frame_id=self._stream.last_frame_id,
            number=self._number,
            position=self._position,
            last_packet=self._stream.last_packet,
        ).encode()


class FilePlayback(PlaybackSession):
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
        self._frame_total = self._mode = 0
        super().__init__(
            FileStream(),
            ticket,
            request=FilePlay(handle=handle, number=entry.number, name=entry.name).encode(),
            reply_bytes=FilePlayReply.SIZE,
            batch=batch,
        )

    @property
    def _wants_acks(self) -> bool:
        return self._mode >= ACK_MODE

    @property
    def _is_finished(self) -> bool:
        """No record says so: the last frame has the last number (I)."""
        is_last = 0 < self._frame_total <= self._records.last_frame_id + 1
        return self._records.is_finished or (self._records.has_begun and is_last)

    def _read_reply(self) -> PlaybackOpened | None:
        check_supported(self._received, UNKNOWN_WAY)
        if len(self._received) < FilePlayReply.SIZE:
            return None
        reply = FilePlayReply.decode(self._received)
        if reply.command != CardCommand.FILE_PLAY_REPLY:
            raise RemoteProtocolError(f"the camera answered 152 with message {reply.command}")
        if reply.length_s <= 0 and reply.frame_total <= 0:
            raise Refused("the camera cannot play this recording")
        self._frame_total, self._mode = reply.frame_total, reply.mode
        self._outgoing += self._control(0)
        return PlaybackOpened(
            max(0, reply.width), max(0, reply.height), max(0, reply.frame_total), reply.fps
        )

    def _acknowledge(self) -> bytes:
        return self._control(self._records.last_frame_id)

    def _say_goodbye(self) -> bytes:
        return FileFinish(number=self._number).encode()

    def _control(self, last_frame_id: int) -> bytes:
        return FileControl(
            position_s=self._position_s,
            last_frame_id=last_frame_id,
            batch=self._batch if self._wants_acks else CONTINUOUS,
        ).encode()


def find_batch(unacknowledged: int, batch: int) -> int:
    """After how many to acknowledge, seen that the camera asked for it after so many."""
    return min(batch, max(unacknowledged, SMALLEST_BATCH)) if unacknowledged else batch


def check_open_reply(reply: SegmentOpenReply) -> None:
    """Raise what a 463 says that is not yes (sections 3b and 8)."""
    if reply.command != CardCommand.SEGMENT_OPEN_REPLY:
        raise RemoteProtocolError(f"the camera answered 363 with message {reply.command}")
    if reply.result not in (OpenResult.OK, Result.OK):
        what = f"the camera refused to play the recording ({reply.result})"
        raise find_refusal(Asked.CARD_PLAY, reply.result) or Refused(what)
