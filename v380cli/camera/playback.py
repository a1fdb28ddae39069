"""Play one recording from the card: log in, open it at a time, hand out its frames."""

import logging
import time
from collections.abc import Iterator
from typing import Self

from v380cli.camera.frame_clock import FrameClock
from v380cli.camera.recordings import CardReader, CardRecording
from v380cli.errors import NetworkError, NetworkTimeout, RemoteProtocolError
from v380cli.net.stream import TcpChannel
from v380cli.wire.card import (
    FINISHED,
    CardEntry,
    CardFrame,
    PlaybackOpened,
    from_wall_seconds,
    to_wall_seconds,
)
from v380cli.wire.playback import FilePlayback, PlaybackSession, SegmentPlayback
from v380cli.wire.session import NEED_DATA

REPLY_TIMEOUT_S = 5.0
# A camera that waits for an acknowledgement which got lost between two batches would wait for ever.
QUIET_S = 2.0
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
        self.bytes_received = 0
        self._channel = channel
        self._session = session
        self._entry, self._position_s = entry, position_s
        self._buffer = memoryview(bytearray(RECEIVE_BYTES))

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
        deadline = time.monotonic() + REPLY_TIMEOUT_S
        while not isinstance(event := self._session.next_event(), PlaybackOpened):
            self._receive(deadline - time.monotonic())
        self.opened = event
        self._send()

    def make_clock(self) -> FrameClock:
        """A clock for its frames."""
        opened_ms = self._position_s * 1000
        return FrameClock(self._entry, fps=self.opened.fps, opened_ms=opened_ms)

    def read_frames(self, *, silence_s: float = SILENCE_TIMEOUT_S) -> Iterator[CardFrame]:
        """Yield frames until the camera says that there are no more.

        Raises NetworkError when the link breaks or ends before that, NetworkTimeout when no frame
        came for `silence_s` seconds, RemoteProtocolError for what is no recording, EmptyRecording
        for one without a frame.
        """
        is_empty = True
        silent_at = time.monotonic() + silence_s
        while (event := self._session.next_event()) is not FINISHED:
            if isinstance(event, CardFrame):
                is_empty = False
                yield event
                silent_at = time.monotonic() + silence_s
            elif event is NEED_DATA:
                self._wait(silent_at, silence_s)
        self._session.finish()
        self._send()
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

    def _wait(self, silent_at: float, silence_s: float) -> None:
        remaining_s = silent_at - time.monotonic()
        if remaining_s <= 0:
            raise NetworkTimeout(f"nothing more of the recording for {silence_s:g} s")
        try:
            self._receive(min(QUIET_S, remaining_s))
        except NetworkTimeout:
            self._session.nudge()
            self._send()

    def _send(self) -> None:
        if data := self._session.data_to_send():
            self._channel.send(data)

    def _receive(self, timeout_s: float) -> None:
        """Feed the session once, and send what it wants to say to that."""
        self._send()
        count = self._channel.receive_into(self._buffer, timeout_s)
        if not count:
            raise NetworkError("the camera hung up in the middle of the recording")
        self.bytes_received += count
        self._session.receive_data(self._buffer[:count])
        self._send()


def _make_session(reader: CardReader, recording: CardRecording, position_s: int) -> PlaybackSession:
    entry, ticket = recording.entry, reader.ticket
    if not reader.uses_segments:
        return FilePlayback(ticket, reader.read_handle(), entry, position_s)
    position = from_wall_seconds(to_wall_seconds(entry.start) + position_s)
    return SegmentPlayback(ticket, reader.device.device_id, entry.number, position)
