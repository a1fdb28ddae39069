"""A live link by way of another `v380` of this user that has the camera open."""

import time
from collections.abc import Callable, Iterator
from typing import Self

from v380cli.camera.live import GATHER_WAIT_S
from v380cli.camera.transport import SILENCE_TIMEOUT_S, Clock, never
from v380cli.errors import NetworkError, NetworkTimeout
from v380cli.net.stream import TcpChannel
from v380cli.wire.session import MediaReceived, StreamOpened
from v380cli.wire.shared_media import MediaParser
from v380cli.wire.stream_counters import StreamCounters

LOCAL = "local"  # the road, beside those of `Via`
RECEIVE_BYTES = 1 << 16


class LocalLink:
    """An open live stream, read by one thread; `send` takes controls to the one that has it."""

    via = LOCAL

    def __init__(
        self,
        channel: TcpChannel,
        opened: StreamOpened,
        encryption: str,
        send: Callable[[bytes], None],
    ) -> None:
        self.address = "another v380"
        self.opened = opened
        self.encryption = encryption
        self.counters = StreamCounters()
        self.arrival_s = time.monotonic()
        self._channel = channel
        self._send = send
        self._parser = MediaParser()
        self._buffer = memoryview(bytearray(RECEIVE_BYTES))
        channel.gather(1, GATHER_WAIT_S)

    def read_media(
        self, *, deadline_s: Clock = never, silence_s: float = SILENCE_TIMEOUT_S
    ) -> Iterator[MediaReceived]:
        """Yield media as it comes, until the monotonic clock shows what `deadline_s` tells.

        Raises NetworkError when the other one ends, NetworkTimeout when no media came for
        `silence_s` seconds. Both moments are met within `GATHER_WAIT_S`.
        """
        silent_at = time.monotonic() + silence_s
        while True:
            for media in self._parser.read_media():
                silent_at = time.monotonic() + silence_s
                self._count(media)
                yield media
            now_s = time.monotonic()
            if now_s >= deadline_s():
                return
            if now_s >= silent_at:
                raise NetworkTimeout(f"no media for {silence_s:g} s")
            self._take(self._channel.receive_gathered(self._buffer))

    def send_control(self, packet: bytes) -> None:
        """Have it sent over the link of the other one; raises NetworkError."""
        self._send(packet)

    def close(self) -> None:
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self, count: int | None) -> None:
        if count == 0:
            raise NetworkError("the v380 that had the camera open has ended")
        if count:
            self.arrival_s = time.monotonic()
            self.counters.bytes_received += count
            self._parser.receive_data(self._buffer[:count])

    def _count(self, media: MediaReceived) -> None:
        self.counters.video_frames += media.kind == "video"
        self.counters.audio_frames += media.kind == "audio"
        self.counters.unknown_frames += media.kind == "unknown"
