"""A live link by way of another `v380` of this user that has the camera open."""

from collections.abc import Callable

from v380cli.camera.gathered_link import GatheredLink
from v380cli.errors import NetworkError
from v380cli.net.stream import TcpChannel
from v380cli.wire.session import MediaReceived, StreamOpened
from v380cli.wire.shared_media import MediaParser
from v380cli.wire.stream_counters import StreamCounters

LOCAL = "local"  # the road, beside those of `Via`
RECEIVE_BYTES = 1 << 16


class LocalLink(GatheredLink):
    """An open live stream, read by one thread; `send` takes controls to the one that has it."""

    via = LOCAL

    def __init__(
        self,
        channel: TcpChannel,
        opened: StreamOpened,
        encryption: str,
        send: Callable[[bytes], None],
    ) -> None:
        super().__init__(channel)
        self.address = "another v380"
        self.opened = opened
        self.encryption = encryption
        self.counters = StreamCounters()
        self._send = send
        self._parser = MediaParser()
        self._buffer = memoryview(bytearray(RECEIVE_BYTES))
        self.set_prompt(True)  # whoever has the camera open gathers for us

    def send_control(self, packet: bytes) -> None:
        """Have it sent over the link of the other one; raises NetworkError."""
        self._send(packet)

    def _take_burst(self) -> list[MediaReceived]:
        burst = list(self._parser.read_media())
        for media in burst:
            self._count(media)
        return burst

    def _receive(self) -> None:
        count = self._channel.receive_gathered(self._buffer)
        if count == 0:
            raise NetworkError("the v380 that had the camera open has ended")
        if count:
            self.counters.bytes_received += count
            self._parser.receive_data(self._buffer[:count])

    def _count(self, media: MediaReceived) -> None:
        self.counters.video_frames += media.kind == "video"
        self.counters.audio_frames += media.kind == "audio"
        self.counters.unknown_frames += media.kind == "unknown"
