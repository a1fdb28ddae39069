"""A sink that writes one file after the other, each under a name that it did not have before."""

import datetime as dt
import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from v380cli.errors import MediaError, StorageError
from v380cli.media.sink import Formats, Packet, Track
from v380cli.models import RecordedFile
from v380cli.sinks.container import ContainerSink
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.naming import list_alternatives, part_path
from v380cli.sinks.output_file import storage_error

# As many files of one name in one second mean that something else is wrong.
MAX_ALTERNATIVES = 10_000


class SegmentedSink:
    """Writes `name.mp4.part` and renames it to `name.mp4` when it is finished.

    A new file begins with every `open`, and with the first keyframe `segment_s` after the
    beginning of the one before. Its times start at 0, for both tracks alike. `plan` makes a path
    from the time at which a file begins (`naming.plan_path`); what is there already stays.
    `clock` gives aware local time. `files` are those finished; one without a picture is removed.
    """

    def __init__(
        self,
        plan: Callable[[dt.datetime], Path],
        container: ContainerFormat,
        clock: Callable[[], dt.datetime],
        segment_s: float | None = None,
    ) -> None:
        self.files: list[RecordedFile] = []
        self._plan = plan
        self._container = container
        self._clock = clock
        self._segment_ms = float("inf") if segment_s is None else segment_s * 1000
        self._formats: Formats | None = None
        self._path = Path()
        self._start = dt.datetime.min
        self._start_ms: int | None = None  # PTS of the file's first packet
        self._file: ContainerSink | None = None

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        """Begin the next file."""
        self.close()
        self._start = self._clock()
        self._path = _find_free_path(self._plan(self._start))
        file = ContainerSink(part_path(self._path), self._container, self._start)
        file.open(formats, first_keyframe)
        self._file, self._formats, self._start_ms = file, formats, None

    def write(self, packet: Packet) -> None:
        """Take one packet; audio from before the file's first picture is left out."""
        if self._file is None or self._formats is None:
            raise MediaError("the recording is not open")
        if packet.track is Track.VIDEO:
            if self._start_ms is None:
                self._start_ms = packet.pts_ms
            elif packet.is_keyframe and packet.pts_ms - self._start_ms >= self._segment_ms:
                self.open(self._formats, packet.data)
                self._start_ms = packet.pts_ms
        if self._start_ms is not None and packet.pts_ms >= self._start_ms:
            pts_ms = packet.pts_ms - self._start_ms
            self._file.write(Packet(packet.track, packet.data, pts_ms, packet.is_keyframe))

    def close(self) -> None:
        """Finish the file and give it its name, or remove it if it is empty."""
        file, self._file = self._file, None
        if file is None:
            return
        try:
            file.close()
        finally:
            self._keep(file)

    def _keep(self, file: ContainerSink) -> None:
        try:
            if file.video_packets == 0:
                file.path.unlink()
                return
            path = _publish(file.path, self._path)
            size_bytes = path.stat().st_size
        except OSError as error:
            raise storage_error(self._path, error) from error
        self.files.append(
            RecordedFile(
                path=path,
                start=self._start,
                duration_s=file.duration_s,
                video_packets=file.video_packets,
                audio_packets=file.audio_packets,
                size_bytes=size_bytes,
                codec=str(file.codec),
            )
        )


def _find_free_path(path: Path) -> Path:
    """The path, or the next with a number that neither a file nor a part has."""
    for candidate in islice(list_alternatives(path), MAX_ALTERNATIVES):
        if not any(map(os.path.lexists, (candidate, part_path(candidate)))):
            return candidate
    raise StorageError(f"there are {MAX_ALTERNATIVES} files named like {path}")


def _publish(part: Path, path: Path) -> Path:
    """Put what was written on the disk, then give it its name."""
    descriptor = os.open(part, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if os.path.lexists(path):  # since the part was begun, by another program
        path = _find_free_path(path)
    part.rename(path)
    return path
