"""One media file or stream being written by FFmpeg. Imports PyAV: use a sink, which waits."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import NoReturn

import av
from av.container import InputContainer

from v380cli.errors import (
    CredentialsRefused,
    DamagedMedia,
    InvalidInput,
    NetworkError,
    V380Error,
)
from v380cli.media.sink import Formats, Packet, Track
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.output_file import OutputFile
from v380cli.sinks.tracks import OutTrack, make_lead_in, open_audio_track, open_video_track

_FLUSH_ALL = {"flush_packets": "1"}  # what was written outlives a kill, and reaches a reader
_FILE_BATCH_S = 0.5
_FOR_FILES = {
    **_FLUSH_ALL,
    # Video waits in memory for audio no longer than this (µs) when the camera stops sending it: a
    # second more than for a batch.
    "max_interleave_delta": "1500000",
}
_FOR_READERS = {
    **_FLUSH_ALL,
    # FFmpeg's queue is sorted by time: a packet leaves it when the next one comes, of either track.
    "max_interleave_delta": "1",
    # In µs, how long the stream tells a player to keep everything back; FFmpeg says 0.7 s. It must
    # be more than an AAC frame at 8 kHz, which the sound begins before time zero.
    "max_delay": "200000",
}
_FAILURES = (OSError, av.FFmpegError)
_SERVER_LOST = "the server is lost"
_TABLES_VERSIONS = 32  # five bits (ISO/IEC 13818-1, 2.4.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class MuxStyle:
    """What FFmpeg is asked for: a muxer by name, its options, and what we know of it.

    `needs_lead_in`: sound has to come first, since it writes nothing before the first packet of
    every track (MP4), or takes nothing from before its very first packet (FLV).
    `batch_s`: about so much sound is encoded at a time; 0 where a reader waits for it.
    """

    muxer: str
    options: Mapping[str, str] = field(default_factory=dict)
    takes_pcm: bool = False
    needs_lead_in: bool = False
    batch_s: float = 0.0


FILE_STYLES = {
    # Fragments of a second survive a kill, and a close makes an ordinary indexed MP4 of them.
    # Without delay_moov there is no edit list, and a track that starts late is moved to zero.
    ContainerFormat.MP4: MuxStyle(
        muxer="mp4",
        options={
            **_FOR_FILES,
            "movflags": "hybrid_fragmented+frag_keyframe+delay_moov",
            "frag_duration": "1000000",
        },
        needs_lead_in=True,
        batch_s=_FILE_BATCH_S,
    ),
    ContainerFormat.MKV: MuxStyle(
        muxer="matroska", options={**_FOR_FILES, "cluster_time_limit": "1000"}, takes_pcm=True
    ),
    ContainerFormat.TS: MuxStyle(muxer="mpegts", options=_FOR_FILES, batch_s=_FILE_BATCH_S),
}
LIVE_STYLES = {
    ContainerFormat.MKV: MuxStyle(
        muxer="matroska",
        options={**_FOR_READERS, "live": "1", "cluster_time_limit": "0"},
        takes_pcm=True,
    ),
    ContainerFormat.TS: MuxStyle(
        muxer="mpegts",
        # Else sound is collected until there are 2.9 kB of it, half a second and more.
        options={**_FOR_READERS, "pes_payload_size": "0"},
    ),
}
RTSP = MuxStyle(muxer="rtsp", options={**_FOR_READERS, "rtsp_transport": "tcp"})
FLV = MuxStyle(
    muxer="flv",
    options={**_FOR_READERS, "flvflags": "no_duration_filesize"},
    needs_lead_in=True,
)


def choose_live_style(container: ContainerFormat, change: int) -> MuxStyle:
    """The style of a stream whose format is the first one (0) or the one after so many changes."""
    style = LIVE_STYLES[container]
    if container is not ContainerFormat.TS:
        return style
    return replace(style, options={**style.options, **number_tables(change)})


def number_tables(change: int) -> dict[str, str]:
    """MPEG-TS options: players look at the tables again because their version is another."""
    return {"tables_version": str(change % _TABLES_VERSIONS)}


class Muxer:
    """Copies packets into `output`: a file, which it closes, or the URL of a server.

    DamagedMedia and StorageError as in `Sink`; NetworkError for a URL.
    """

    def __init__(
        self,
        output: OutputFile | str,
        style: MuxStyle,
        formats: Formats,
        template: InputContainer,
        creation_time: dt.datetime | None = None,
    ) -> None:
        """Write the header; `template` holds a stream like the video to come."""
        self._file = None if isinstance(output, str) else output
        with self._explained(trouble="the server cannot be reached"):
            self._out = av.open(
                output, "w", format=style.muxer, container_options=dict(style.options)
            )
            if creation_time:
                stamp = creation_time.astimezone(dt.UTC).replace(tzinfo=None)
                self._out.metadata["creation_time"] = f"{stamp.isoformat(timespec='microseconds')}Z"
            self._tracks = self._add_tracks(style, formats, template)

    def write(self, packet: Packet) -> bool:
        """Mux one packet; False if there is no such track."""
        track = self._tracks.get(packet.track)
        if track is None:
            return False
        try:
            for out in track.write(packet):
                self._out.mux_one(out)
        except _FAILURES as error:
            self._explain(error)
        return True

    def close(self) -> None:
        """Write what was held back and the index; after a failed write leave the file as it is."""
        try:
            if self._file is None or self._file.error is None:
                with self._explained():
                    self._finish()
        finally:
            try:
                if self._file is not None:
                    with self._explained():
                        self._file.close()  # first: PyAV writes no index into a closed file
            finally:
                self._out.close()

    def _add_tracks(
        self, style: MuxStyle, formats: Formats, template: InputContainer
    ) -> dict[Track, OutTrack]:
        tracks: dict[Track, OutTrack] = {Track.VIDEO: open_video_track(self._out, template)}
        if formats.audio is None:
            self._out.start_encoding()
            return tracks
        tracks[Track.AUDIO], audio = open_audio_track(
            self._out, formats.audio, style.takes_pcm, style.batch_s
        )
        self._out.start_encoding()
        if style.needs_lead_in:
            self._out.mux_one(make_lead_in(audio, formats.audio))
        return tracks

    def _finish(self) -> None:
        for track in self._tracks.values():
            for out in track.finish():
                self._out.mux_one(out)
        self._out.close()

    @contextmanager
    def _explained(self, trouble: str = _SERVER_LOST) -> Iterator[None]:
        try:
            yield
        except _FAILURES as error:
            self._explain(error, trouble)

    def _explain(self, error: OSError | av.FFmpegError, trouble: str = _SERVER_LOST) -> NoReturn:
        """`trouble` is what any other failure of a server means."""
        if self._file is None:
            raise _explain_server(error, trouble) from None  # its text has the URL: passwords
        if self._file.error is not None:
            raise self._file.explain(self._file.error) from error
        raise DamagedMedia(f"cannot put this into {self._file.path.name}: {error}") from error


def _explain_server(error: OSError | av.FFmpegError, trouble: str) -> V380Error:
    """What went wrong between FFmpeg and a server."""
    if isinstance(error, av.HTTPUnauthorizedError | av.HTTPForbiddenError):
        return CredentialsRefused("the server refuses the user or the password in the URL")
    if isinstance(error, av.ProtocolNotFoundError):
        return InvalidInput("this build of PyAV does not speak that protocol")
    if isinstance(error, av.HTTPNotFoundError):
        return NetworkError("the server has no such path")
    return NetworkError(f"{trouble}: {error.strerror}")
