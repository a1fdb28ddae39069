"""A sink that decodes: for somebody who looks on, the newest picture and no other."""

import threading
from typing import TYPE_CHECKING

from v380cli.errors import MediaError
from v380cli.media.sink import Codec, Formats, Packet, Track

if TYPE_CHECKING:
    import av

    from v380cli.sinks.pictures import PictureDecoder

# 20 s at 15 frames a second: no camera has a longer keyframe interval. Who looks away for longer
# goes on at the next keyframe.
MAX_WAITING = 300


class PictureSink:
    """Takes packets in one thread and gives pictures in another, at that one's pace.

    `write` only keeps what came since the last keyframe; `take_newest` decodes it. A keyframe
    forgets what waits before it, so a decoder or a screen that is too slow leaves pictures out and
    is never behind by more than a keyframe interval. Sound is left out.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codec: Codec | None = None
        self._waiting: list[tuple[Codec, Packet]] = []
        self._needs_keyframe = True
        self._decoder: PictureDecoder | None = None  # of the thread that takes
        self._decoder_codec: Codec | None = None

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        """Take pictures of this format; the first comes with `write`."""
        with self._lock:
            self._codec = formats.video.codec
            self._forget()

    def write(self, packet: Packet) -> None:
        """Keep a picture until it is taken; MediaError when closed."""
        if packet.track is not Track.VIDEO:
            return
        with self._lock:
            if self._codec is None:
                raise MediaError("the view is not open")
            if packet.is_keyframe or len(self._waiting) == MAX_WAITING:
                self._forget()
            self._needs_keyframe &= not packet.is_keyframe
            if not self._needs_keyframe:
                self._waiting.append((self._codec, packet))

    def close(self) -> None:
        """Take nothing more; what waits is still given."""
        with self._lock:
            self._codec = None

    def take_newest(self) -> "av.VideoFrame | None":
        """Decode what came since the last call and return its last picture, if there is one.

        All calls come from one thread.
        """
        with self._lock:
            waiting, self._waiting = self._waiting, []
        newest = None
        for codec, packet in waiting:
            for picture in self._choose_decoder(codec).decode(packet.data):
                newest = picture
        return newest

    def _choose_decoder(self, codec: Codec) -> "PictureDecoder":
        """The decoder of the stream so far; a new size needs no other, a new codec does."""
        if self._decoder is None or codec is not self._decoder_codec:
            from v380cli.sinks.pictures import PictureDecoder  # PyAV takes 60 ms to import

            self._decoder, self._decoder_codec = PictureDecoder(codec), codec
        return self._decoder

    def _forget(self) -> None:
        self._waiting = []
        self._needs_keyframe = True
