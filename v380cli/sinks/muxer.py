"""One media file being written by FFmpeg. Imports PyAV: use a `ContainerSink`, which waits."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import av
from av.container import InputContainer

from v380cli.errors import MediaError
from v380cli.media.sink import Formats, Packet, Track
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.output_file import OutputFile, storage_error
from v380cli.sinks.tracks import OutTrack, make_lead_in, open_audio_track, open_video_track

_FFMPEG_NAMES = {
    ContainerFormat.MP4: "mp4",
    ContainerFormat.MKV: "matroska",
    ContainerFormat.TS: "mpegts",
}
_COMMON_OPTIONS = {
    "flush_packets": "1",  # what was written outlives a kill
    # Video waits in memory for audio no longer than this (µs) when the camera stops sending it.
    "max_interleave_delta": "1000000",
}
_OPTIONS = {
    # Fragments of a second survive a kill, and a close makes an ordinary indexed MP4 of them.
    # Without delay_moov there is no edit list, and a track that starts late is moved to zero.
    ContainerFormat.MP4: {
        "movflags": "hybrid_fragmented+frag_keyframe+delay_moov",
        "frag_duration": "1000000",
    },
    ContainerFormat.MKV: {"cluster_time_limit": "1000"},
    ContainerFormat.TS: {},
}


class Muxer:
    """Copies packets into `file`, which it closes. MediaError and StorageError as in `Sink`."""

    def __init__(
        self,
        file: OutputFile,
        container: ContainerFormat,
        formats: Formats,
        template: InputContainer,
        creation_time: dt.datetime | None = None,
    ) -> None:
        """Write the header; `template` holds a stream like the video to come."""
        self._file = file
        with self._explained():
            self._out = av.open(
                file,
                "w",
                format=_FFMPEG_NAMES[container],
                container_options=_COMMON_OPTIONS | _OPTIONS[container],
            )
            if creation_time:
                stamp = creation_time.astimezone(dt.UTC).replace(tzinfo=None)
                self._out.metadata["creation_time"] = f"{stamp.isoformat(timespec='microseconds')}Z"
            self._tracks = self._add_tracks(container, formats, template)

    def write(self, packet: Packet) -> bool:
        """Mux one packet; False if the file has no such track."""
        track = self._tracks.get(packet.track)
        if track is None:
            return False
        with self._explained():
            for out in track.write(packet):
                self._out.mux_one(out)
        return True

    def close(self) -> None:
        """Write what was held back and the index; after a failed write leave the file as it is."""
        try:
            if self._file.error is None:
                with self._explained():
                    self._finish()
        finally:
            self._file.close()  # first: PyAV writes no index into a closed file
            self._out.close()

    def _add_tracks(
        self, container: ContainerFormat, formats: Formats, template: InputContainer
    ) -> dict[Track, OutTrack]:
        tracks: dict[Track, OutTrack] = {Track.VIDEO: open_video_track(self._out, template)}
        if formats.audio is None:
            self._out.start_encoding()
            return tracks
        takes_pcm = container is ContainerFormat.MKV
        tracks[Track.AUDIO], audio = open_audio_track(self._out, formats.audio, takes_pcm)
        self._out.start_encoding()
        if container is ContainerFormat.MP4:
            # A delayed moov waits for the first packet of every track, and audio may never come.
            self._out.mux_one(make_lead_in(audio, formats.audio))
        return tracks

    def _finish(self) -> None:
        for track in self._tracks.values():
            for out in track.finish():
                self._out.mux_one(out)
        self._out.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OSError, av.FFmpegError) as error:
            if self._file.error is not None:
                raise storage_error(self._file.path, self._file.error) from error
            raise MediaError(f"cannot put this into {self._file.path.name}: {error}") from error
