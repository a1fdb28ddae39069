"""What of a camera's recordings is on the disk already: by the catalogue, or by the file itself."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from v380cli.camera.recordings import CardRecording
from v380cli.errors import MediaError, StorageError
from v380cli.models import RecordedFile
from v380cli.sinks.probe import probe_file
from v380cli.store.catalogue import FetchedFile, RecordingKey, open_catalogue

HASH_BYTES = 1 << 20
# A file says when its first picture was taken; that is a keyframe close to the listed beginning.
START_TOLERANCE = dt.timedelta(seconds=2)
END_TOLERANCE_S = 2.5  # the listed times are whole seconds


class Cut(NamedTuple):
    """A part of a recording, in seconds since its beginning; `end_s` may be infinite."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Inventory:
    """The recordings of one camera that are in `folder`."""

    folder: Path
    device_id: int

    def find(self, recording: CardRecording, cut: Cut | None, path: Path) -> list[FetchedFile]:
        """The files of a recording, or of this part of it, whatever they are like by now.

        One that lies at `path` and is this recording's by its own words counts, and is noted: the
        catalogue was lost, or the folder came from somewhere else.
        """
        with open_catalogue() as catalogue:
            known = catalogue.find(self._make_key(recording, cut))
        if known or cut:
            return known
        stray = recognize_file(path, recording)
        return self.note(recording, None, [stray], [hash_file(path)]) if stray else []

    def note(
        self,
        recording: CardRecording,
        cut: Cut | None,
        files: Sequence[RecordedFile],
        hashes: Sequence[str],
    ) -> list[FetchedFile]:
        """Put the files of a recording into the catalogue, instead of those noted before."""
        key = self._make_key(recording, cut)
        fetched = [
            FetchedFile(
                key=key,
                part=part,
                wall_end=recording.entry.end,
                path=file.path,
                start=file.start,
                duration_s=file.duration_s,
                video_packets=file.video_packets,
                audio_packets=file.audio_packets,
                size_bytes=file.size_bytes,
                codec=file.codec,
                sha256=sha256,
            )
            for part, (file, sha256) in enumerate(zip(files, hashes, strict=True))
        ]
        with open_catalogue() as catalogue:
            catalogue.replace(key, fetched)
        return fetched

    def _make_key(self, recording: CardRecording, cut: Cut | None) -> RecordingKey:
        return RecordingKey(
            folder=self.folder,
            device_id=self.device_id,
            kind=recording.entry.kind,
            wall_start=recording.entry.start.replace(fold=recording.fold),
            cut=f"{cut.start_s:.3f} to {cut.end_s:.3f}" if cut else "",
        )


def recognize_file(path: Path, recording: CardRecording) -> RecordedFile | None:
    """The file at `path`, if it begins and ends as the recording does; MPEG-TS does not tell."""
    if not path.exists():
        return None
    try:
        info = probe_file(path)
    except MediaError:
        return None
    start = info.creation_time
    if start is None or abs(start - recording.start) > START_TOLERANCE:
        return None
    if recording.duration_s - info.duration_s > END_TOLERANCE_S:
        return None
    return RecordedFile(
        path=path.absolute(),
        start=start.astimezone(recording.start.tzinfo),
        duration_s=info.duration_s,
        video_packets=info.video_packets,
        audio_packets=info.audio_packets,
        size_bytes=path.stat().st_size,
        codec=info.video_codec,
    )


def is_whole(
    known: Sequence[FetchedFile], recording: CardRecording, cut: Cut | None = None
) -> bool:
    """Whether all files of what is wanted are there as they were written, and it has not grown."""
    wanted_end = recording.entry.end
    if cut and cut.end_s < recording.duration_s:
        wanted_end = recording.entry.start + dt.timedelta(seconds=cut.end_s)
    if any(file.wall_end < wanted_end for file in known):
        return False
    return all(file.is_pruned or measure(file.path) == file.size_bytes for file in known)


def measure(path: Path) -> int | None:
    """The size of a file, None if it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def to_recorded(file: FetchedFile, zone: dt.tzinfo | None) -> RecordedFile:
    """A file of the catalogue in the words of a result, its time in this zone."""
    return RecordedFile(
        path=file.path,
        start=file.start.astimezone(zone),
        duration_s=file.duration_s,
        video_packets=file.video_packets,
        audio_packets=file.audio_packets,
        size_bytes=file.size_bytes,
        codec=file.codec,
    )


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in hex. Raises StorageError."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(HASH_BYTES):
                digest.update(piece)
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error
    return digest.hexdigest()
