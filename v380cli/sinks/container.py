"""A sink that is one MP4, Matroska or MPEG-TS file."""

import datetime as dt
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from v380cli.errors import DamagedMedia, MediaError
from v380cli.media.sequence import brings_other_pps
from v380cli.media.sink import Codec, Formats, Packet, Track, VideoFormat
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.output_file import OutputFile

if TYPE_CHECKING:
    from v380cli.sinks.muxer import Muxer


class ContainerSink:
    """Writes one new file at `path`, which must not exist; video is never transcoded.

    A kill leaves all but the last two seconds playable. PCM becomes AAC in MP4 and TS and stays
    PCM in MKV; AAC is copied. Audio that the formats do not name is left out. `duration_s`
    reaches to the end of the last picture.
    """

    def __init__(
        self, path: Path, container: ContainerFormat, creation_time: dt.datetime | None = None
    ) -> None:
        self.path = path
        self.creation_time = creation_time
        self.container = container
        self.codec: Codec | None = None
        self.width = self.height = 0
        self.video_packets = self.audio_packets = 0
        self.duration_s = 0.0
        self._first_pts_ms = self._last_pts_ms = 0
        self._file: OutputFile | None = None
        self._distance_ms = 0  # between the last two pictures
        self._muxer: Muxer | None = None
        self._head: VideoFormat | None = None  # whose parameter sets are the only ones

    @property
    def error(self) -> OSError | None:
        """What ended the file before its time: not all that was counted is in it."""
        return self._file.error if self._file else None

    @property
    def size_bytes(self) -> int:
        """How much is in the file so far."""
        return self._file.size_bytes if self._file else 0

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        """Create the file; nothing is left behind if that fails."""
        from v380cli.sinks.muxer import FILE_STYLES, Muxer  # PyAV takes 60 ms to import
        from v380cli.sinks.templates import open_video_template

        with open_video_template(formats.video.codec, first_keyframe) as template:
            picture = template.streams.video[0].codec_context
            self.codec, self.width, self.height = formats.video.codec, picture.width, picture.height
            file = OutputFile(self.path)
            try:
                style = FILE_STYLES[self.container]
                self._muxer = Muxer(file, style, formats, template, self.creation_time)
            except BaseException:
                with suppress(OSError):  # what is raised says more
                    file.close()
                self.path.unlink(missing_ok=True)
                raise
            self._file = file
            if (self.container, self.codec) == (ContainerFormat.MP4, Codec.HEVC):
                self._head = formats.video

    def sync_soon(self) -> None:
        """Have what was written so far on the disk, without waiting for it."""
        if self._file is not None:
            self._file.sync_soon()

    def write(self, packet: Packet) -> None:
        """Mux one packet."""
        if self._muxer is None:
            raise MediaError(f"{self.path.name} is not open")
        if self._head and packet.track is Track.VIDEO and not packet.is_keyframe:
            _check_sets(self._head, packet)
        is_written = self._muxer.write(packet)
        if packet.track is Track.VIDEO:
            self._count_video(packet.pts_ms)
        elif is_written:
            self.audio_packets += 1

    def close(self) -> None:
        """Finish the file."""
        muxer, self._muxer = self._muxer, None
        if muxer is not None:
            muxer.close()

    def _count_video(self, pts_ms: int) -> None:
        if self.video_packets == 0:
            self._first_pts_ms = self._last_pts_ms = pts_ms
        distance_ms = pts_ms - self._last_pts_ms
        # A picture is as long as the one before it; behind a gap that is the one before the gap.
        last_frame_ms = min(distance_ms, self._distance_ms or distance_ms)
        self.duration_s = (pts_ms + last_frame_ms - self._first_pts_ms) / 1000
        self._last_pts_ms, self._distance_ms = pts_ms, distance_ms
        self.video_packets += 1


def _check_sets(head: VideoFormat, packet: Packet) -> None:
    if brings_other_pps(head, packet.data):
        raise DamagedMedia("a PPS of H.265 changed between keyframes, which MP4 cannot hold")
