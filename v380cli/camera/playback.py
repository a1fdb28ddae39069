"""Play one recording from the card: log in, open it at a time, hand out its frames."""

import logging
import time
from collections.abc import Iterator
from typing import Self

from v380cli.camera.conversation import DeadlineReached, converse, send_pending
from v380cli.camera.frame_clock import FrameClock
from v380cli.camera.recordings import CardReader, CardRecording
from v380cli.errors import NetworkTimeout, RemoteProtocolError
from v380cli.net.stream import TcpChannel
from v380cli.wire.card.playback import Event, FilePlayback, PlaybackSession, SegmentPlayback
from v380cli.wire.card.words import (
    FINISHED,
    CardEntry,
    CardFrame,
    PlaybackOpened,
    from_wall_seconds,
    to_wall_seconds,
)
from v380cli.wire.machine import REPLY_TIMEOUT_S

SILENCE_TIMEOUT_S = 10.0  # a card that needs longer for its next frame is broken
RECEIVE_BYTES = 1 << 18

log = logging.getLogger(__name__)


class EmptyRecording(RemoteProtocolError):
    """A recording that was over before its first frame."""

    code = "empty_recording"


class CardPlayback:
    """An open playback, read by one thread and interrupted by any."""

    def __init__(
        self, channel: TcpChannel, session: PlaybackSession, entry: CardEntry, position_s: int
    ) -> None:
        self.opened = PlaybackOpened(0, 0)
        self._channel = channel
        self._session = session
        self._entry, self._position_s = entry, position_s
        self._buffer = memoryview(bytearray(RECEIVE_BYTES))

    @property
    def bytes_received(self) -> int:
        """How much came over this link."""
        return self._session.bytes_received

    @classmethod
    def open(cls, reader: CardReader, recording: CardRecording, position_s: float = 0.0) -> Self:
        """Open it at the second `position_s` after its beginning, or at a keyframe before it.

        Raises NetworkError, a Refused, or RemoteProtocolError.
        """
        return reader.retry_login(lambda: cls._open(reader, recording, int(position_s)))

    @classmethod
    def _open(cls, reader: CardReader, recording: CardRecording, position_s: int) -> Self:
        session = _make_session(reader, recording, position_s)
        channel = reader.access.open_channel()
        try:
            playback = cls(channel, session, recording.entry, position_s)
            playback._await_opening()
        except BaseException:
            channel.close()
            raise
        return playback

    def _await_opening(self) -> None:
        deadline_s = time.monotonic() + REPLY_TIMEOUT_S
        while not isinstance(event := self._next_event(deadline_s), PlaybackOpened):
            pass
        self.opened = event

    def make_clock(self) -> FrameClock:
        """A clock for its frames."""
        opened_ms = self._position_s * 1000
        return FrameClock(self._entry, fps=self.opened.fps, opened_ms=opened_ms)

    def read_frames(self, *, silence_s: float = SILENCE_TIMEOUT_S) -> Iterator[CardFrame]:
        """Yield frames until the camera says that there are no more.

        Raises NetworkError when the link breaks or ends before that, NetworkTimeout when no frame
        came for `silence_s` seconds, RemoteProtocolError for anything but a recording,
        EmptyRecording for one without a frame.
        """
        is_empty = True
        silent_at = time.monotonic() + silence_s
        while (event := self._next_frame(silent_at, silence_s)) is not FINISHED:
            if isinstance(event, CardFrame):
                is_empty = False
                yield event
                silent_at = time.monotonic() + silence_s
        self._session.finish()
        send_pending(self._channel, self._session)
        if is_empty:
            raise EmptyRecording("the camera ended the recording before its first frame")

    def interrupt(self) -> None:
        """End pending and later reads with NetworkError; safe from any thread."""
        self._channel.interrupt()

    def close(self) -> None:
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _next_frame(self, silent_at: float, silence_s: float) -> Event:
        try:
            return self._next_event(silent_at)
        except DeadlineReached:
            raise NetworkTimeout(f"nothing more of the recording for {silence_s:g} s") from None

    def _next_event(self, deadline_s: float) -> Event:
        return converse(
            self._channel,
            self._session,
            deadline_s,
            hung_up="the camera hung up in the middle of the recording",
            buffer=self._buffer,
        )


def _make_session(reader: CardReader, recording: CardRecording, position_s: int) -> PlaybackSession:
    entry, ticket = recording.entry, reader.ticket
    if not reader.uses_segments:
        return FilePlayback(ticket, reader.read_handle(), entry, position_s)
    position = from_wall_seconds(to_wall_seconds(entry.start) + position_s)
    return SegmentPlayback(ticket, reader.device.device_id, entry.number, position)
