"""What cuts a live stream into chunks, one for each format."""

import time

from v380cli.media.sink import Formats, Packet, Track
from v380cli.sinks.chunks import Chunk, ChunkMuxer, LiveFormat
from v380cli.sinks.rtp import RtpStream


class RawVideo:
    """Access units as they are."""

    def write(self, packet: Packet) -> list[Chunk]:
        if packet.track is not Track.VIDEO:
            return []
        return [Chunk(packet.data, is_start=packet.is_keyframe, pictures=1)]

    def finish(self) -> list[Chunk]:
        return []


def open_chunk_muxer(
    live_format: LiveFormat, formats: Formats, keyframe: bytes, change: int
) -> ChunkMuxer:
    """A muxer for what begins with this keyframe; MediaError if there is no picture in it.

    UnsupportedMedia where this container has no place for it. `change` counts the formats that the
    camera had before.
    """
    if live_format is LiveFormat.MP4:
        from v380cli.sinks.fragmented import FragmentedMp4  # PyAV takes 60 ms to import

        return FragmentedMp4(formats, keyframe)
    if live_format is LiveFormat.TS:
        from v380cli.sinks.transport import TransportStream

        return TransportStream(formats, keyframe, change)
    if live_format is LiveFormat.RTP:
        return RtpStream(formats, time.time())
    return RawVideo()
