"""Access units to pictures, and pictures to JPEG, PNG or WebP. Imports PyAV."""

from enum import StrEnum

import av
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext

from v380cli.errors import MediaError
from v380cli.media.sink import Codec


class PictureFormat(StrEnum):
    """How a still picture is stored; the values are file endings."""

    JPEG = "jpg"
    PNG = "png"
    WEBP = "webp"


class PictureDecoder:
    """Decodes access units of one codec, in order; the first must be a keyframe.

    Each picture comes out when its unit goes in: V380 cameras send no B-frames (PROTOCOL.md,
    section 11). A unit that cannot be decoded gives no picture.
    """

    def __init__(self, codec: Codec) -> None:
        decoder = av.CodecContext.create(str(codec), "r")
        assert isinstance(decoder, VideoCodecContext)
        decoder.thread_type = "SLICE"  # frame threads would hold pictures back
        decoder.flags |= Flags.low_delay
        self._decoder = decoder

    def decode(self, unit: bytes) -> list[av.VideoFrame]:
        """Return the pictures that are ready, mostly one."""
        try:
            return self._decoder.decode(av.Packet(unit))
        except av.FFmpegError:
            return []

    def flush(self) -> list[av.VideoFrame]:
        """Return what was held back after all; nothing can be decoded any more."""
        try:
            return self._decoder.decode(None)
        except av.FFmpegError:
            return []


def decode_keyframe(codec: Codec, keyframe: bytes) -> av.VideoFrame:
    """Decode a keyframe that has its parameter sets; MediaError when it holds no picture."""
    decoder = PictureDecoder(codec)
    pictures = [*decoder.decode(keyframe), *decoder.flush()]
    if not pictures:
        raise MediaError(f"the camera's {codec} keyframe cannot be decoded")
    return pictures[0]
