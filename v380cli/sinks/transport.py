"""A live MPEG transport stream (ISO/IEC 13818-1), cut where viewers can begin. Imports PyAV."""

from collections.abc import Iterator
from itertools import pairwise

import av

from v380cli.errors import MediaError
from v380cli.media.sink import Formats, Packet, Track
from v380cli.sinks.chunks import Chunk, Collector
from v380cli.sinks.muxer import number_tables
from v380cli.sinks.templates import open_video_template
from v380cli.sinks.tracks import OutTrack, open_audio_track, open_video_track

_PACKET_BYTES = 188
_VIDEO_PID = 0x100
_PMT_PID = 0x1000
_TABLES = frozenset({0, 0x11, _PMT_PID})  # PAT, SDT, PMT

_OPTIONS = {
    "flush_packets": "1",
    "mpegts_start_pid": str(_VIDEO_PID),
    "mpegts_pmt_start_pid": str(_PMT_PID),
    # Microseconds; FFmpeg would hold pictures back until the sound, which comes in runs of 128 ms,
    # has caught up with them. So it is one picture.
    "max_interleave_delta": "1",
}


class TransportStream:
    """FFmpeg muxes; what it wrote for a packet is a chunk, or two if a keyframe begins in it."""

    def __init__(self, formats: Formats, keyframe: bytes, change: int = 0) -> None:
        self._written = Collector()
        options = _OPTIONS | number_tables(change)
        try:
            with open_video_template(formats.video.codec, keyframe) as template:
                out = av.open(self._written, "w", format="mpegts", container_options=options)
                self._tracks: dict[Track, OutTrack] = {Track.VIDEO: open_video_track(out, template)}
                if formats.audio:
                    audio, _ = open_audio_track(out, formats.audio, takes_pcm=False)
                    self._tracks[Track.AUDIO] = audio
                out.start_encoding()
        except av.FFmpegError as error:
            raise MediaError(f"this does not go into MPEG-TS: {error}") from error
        self._out = out
        self._tables = b""

    def write(self, packet: Packet) -> list[Chunk]:
        track = self._tracks.get(packet.track)
        if track is None:
            return []
        try:
            for out in track.write(packet):
                self._out.mux_one(out)
        except av.FFmpegError as error:
            raise MediaError(f"this does not go into MPEG-TS: {error}") from error
        return self._cut(self._written.take())

    def finish(self) -> list[Chunk]:
        try:
            for track in self._tracks.values():
                for out in track.finish():
                    self._out.mux_one(out)
            self._out.close()
        except av.FFmpegError as error:
            raise MediaError(f"this does not go into MPEG-TS: {error}") from error
        return self._cut(self._written.take())

    def _cut(self, data: bytes) -> list[Chunk]:
        """Cut before each keyframe; the first tables are every viewer's head."""
        self._tables = self._tables or _collect_tables(data)
        pictures = dict(_find_pictures(data))
        cuts = [offset for offset, is_keyframe in pictures.items() if is_keyframe and offset]
        return [
            self._make_chunk(
                data[begin:end], [pictures[at] for at in pictures if begin <= at < end]
            )
            for begin, end in pairwise([0, *cuts, len(data)])
            if begin < end
        ]

    def _make_chunk(self, data: bytes, keyframes: list[bool]) -> Chunk:
        is_start = any(keyframes)
        return Chunk(data, is_start, len(keyframes), self._tables if is_start else b"")


def _find_pictures(data: bytes) -> Iterator[tuple[int, bool]]:
    """Where pictures begin, and whether with a keyframe (payload_unit_start, random_access)."""
    for offset in range(0, len(data), _PACKET_BYTES):
        if _read_pid(data, offset) == _VIDEO_PID and data[offset + 1] & 0x40:
            has_adaptation = data[offset + 3] & 0x20 and data[offset + 4]
            yield offset, bool(has_adaptation and data[offset + 5] & 0x40)


def _collect_tables(data: bytes) -> bytes:
    packets = range(0, len(data), _PACKET_BYTES)
    return b"".join(
        data[at : at + _PACKET_BYTES] for at in packets if _read_pid(data, at) in _TABLES
    )


def _read_pid(data: bytes, offset: int) -> int:
    return (data[offset + 1] & 0x1F) << 8 | data[offset + 2]
