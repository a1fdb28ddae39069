"""A sink that writes one file after the other, each under a name that it did not have before."""

import datetime as dt
import errno
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from v380cli.disk import give_name
from v380cli.errors import MediaError, StorageError
from v380cli.media.sink import Formats, Packet, Track
from v380cli.models import Newest, RecordedFile
from v380cli.sinks.background_sync import SyncSchedule
from v380cli.sinks.container import ContainerSink
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.naming import list_alternatives, part_path
from v380cli.sinks.output_file import storage_error
from v380cli.sinks.probe import count_readable

# As many files of one name in one second mean that something else is wrong.
MAX_ALTERNATIVES = 10_000
# A limit that is reached sooner is not the file system's, and another file would not help.
SHORTEST_FULL_S = 3.0
# What the index at the end has for each packet; MP4's is the largest.
INDEX_BYTES = 24

log = logging.getLogger(__name__)


class FileListener(Protocol):
    """Is told of files as they come and go, by any thread; it must not block."""

    def begin(self, planned: Path, start: dt.datetime) -> None:
        """A file was begun, which is to be at `planned`."""
        ...

    def finish(self, planned: Path, file: RecordedFile) -> None:
        """It is whole, at `file.path`."""
        ...

    def forget(self, planned: Path) -> None:
        """It was removed, since it has no picture."""
        ...


class NoListener:
    """For whoever does not want to be told."""

    def begin(self, planned: Path, start: dt.datetime) -> None: ...

    def finish(self, planned: Path, file: RecordedFile) -> None: ...

    def forget(self, planned: Path) -> None: ...


class SizeLimit:
    """Whether a file has no room for one more group of pictures like the largest that it has.

    What the muxer has not written yet may be as much again.
    """

    def __init__(self, max_bytes: float) -> None:
        self.max_bytes = max_bytes
        self.restart()

    def restart(self) -> None:
        """Another file begins."""
        self._size = self._largest = 0

    def is_near(self, file: ContainerSink) -> bool:
        """To be asked before each keyframe."""
        size = file.size_bytes
        self._largest = max(self._largest, size - self._size)
        self._size = size
        index = INDEX_BYTES * (file.video_packets + file.audio_packets)
        return size + index + 2 * self._largest > self.max_bytes


class SegmentedSink:
    """Writes `name.mp4.part` and renames it to `name.mp4` when it is finished.

    A new file begins with every `open`, with the first keyframe `segment_s` after the beginning of
    the one before, or before which it would exceed `max_bytes`, and when it is as large as it can
    be on this disk. Its times start at 0, for both tracks alike. `plan` makes a path from the time
    at which a file begins (`naming.plan_path`); what is there already stays. `clock` gives aware
    local time. A power cut costs what came in the last `sync_s`. `files` are the last of those
    finished, complete after `close`; one without a picture is removed. `unplaced_audio` packets
    have no place in any file: most are from before its first picture.
    """

    def __init__(
        self,
        plan: Callable[[dt.datetime], Path],
        container: ContainerFormat,
        clock: Callable[[], dt.datetime],
        segment_s: float | None = None,
        sync_s: float = float("inf"),
        *,
        max_bytes: float = float("inf"),
        listener: FileListener | None = None,
    ) -> None:
        self.files: Newest[RecordedFile] = Newest()
        self._plan = plan
        self._container = container
        self._clock = clock
        self._segment_ms = float("inf") if segment_s is None else segment_s * 1000
        self._schedule = SyncSchedule(sync_s)
        self._limit = SizeLimit(max_bytes)
        self._listener = listener or NoListener()
        self._formats: Formats | None = None
        self._path = Path()
        self._start = dt.datetime.min
        self._start_ms: int | None = None  # PTS of the file's first packet
        self._file: ContainerSink | None = None
        self.unplaced_audio = 0  # packets
        self._dropped: list[int] = []  # by both threads
        self._counting: list[threading.Thread] = []
        self._lens = 1

    def open_lens(self, number: int) -> "SegmentedSink":
        """A sink for another lens of the camera: NAME-lens2.mp4, which are among our `files`."""

        def plan(start: dt.datetime) -> Path:
            path = self._plan(start)
            return path.with_stem(f"{path.stem}-lens{number}")

        lens = SegmentedSink(
            plan,
            self._container,
            self._clock,
            self._segment_ms / 1000,
            self._schedule.period_s,
            max_bytes=self._limit.max_bytes,
            listener=self._listener,
        )
        lens.files, lens._dropped, lens._lens = self.files, self._dropped, number
        return lens

    @property
    def path(self) -> Path:
        """What the present file, or else the last, is called when it is finished."""
        return self._path

    @property
    def dropped_frames(self) -> int:
        """Pictures that have no place in any file, complete after `close`."""
        return sum(self._dropped)

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        """Begin the next file."""
        self._finish_file()
        self._start = self._clock()
        self._path, file = self._begin_file(formats, first_keyframe)
        self._listener.begin(self._path, self._start)
        self._file, self._formats, self._start_ms = file, formats, None
        self._schedule.restart()
        self._limit.restart()

    def write(self, packet: Packet) -> None:
        """Take one packet; audio from before the file's first picture is left out and counted."""
        if self._formats is None:
            raise MediaError("the recording is not open")
        if packet.track is Track.VIDEO:
            if packet.is_keyframe and self._is_next_due(packet.pts_ms):
                self.open(self._formats, packet.data)
            if self._start_ms is None:
                self._start_ms = packet.pts_ms
        file, start_ms = self._file, self._start_ms
        if file is None or start_ms is None or packet.pts_ms < start_ms:
            self._leave_out(packet)
        else:
            self._put(file, packet.move(-start_ms))

    def close(self) -> None:
        """Finish the file and give it its name, or remove it if it is empty."""
        self._formats = None
        try:
            self._finish_file()
        finally:
            for thread in self._counting:
                thread.join()
            self._counting.clear()
            self.files.sort(key=lambda file: file.start)

    def _begin_file(self, formats: Formats, first_keyframe: bytes) -> tuple[Path, ContainerSink]:
        """A file under the next free name, which another process may take at the last moment."""
        planned = self._plan(self._start)
        for _ in range(MAX_ALTERNATIVES):
            path = _find_free_path(planned)
            file = ContainerSink(part_path(path), self._container, self._start)
            try:
                file.open(formats, first_keyframe)
            except StorageError as error:
                if not isinstance(error.__cause__, FileExistsError):
                    raise
            else:
                return path, file
        raise _explain_crowd(planned)

    def _is_next_due(self, keyframe_ms: int) -> bool:
        if self._start_ms is None:
            return False
        is_long = keyframe_ms - self._start_ms >= self._segment_ms
        return self._file is None or self._limit.is_near(self._file) or is_long

    def _put(self, file: ContainerSink, packet: Packet) -> None:
        try:
            file.write(packet)
        except StorageError:
            if not _is_full(file):
                raise
            log.warning("%s: no file can be larger on this disk; another begins", self._path.name)
            self._leave_out(packet)
            self._finish_file()
        else:
            if self._schedule.is_due(packet.pts_ms, is_keyframe=packet.is_keyframe):
                file.sync_soon()

    def _leave_out(self, packet: Packet) -> None:
        if packet.track is Track.VIDEO:
            self._dropped.append(1)
        else:
            self.unplaced_audio += 1

    def _finish_file(self) -> None:
        file, self._file = self._file, None
        if file is None:
            return
        try:
            file.close()
        except StorageError:
            if not _is_full(file):  # else all is there but the index
                raise
        finally:
            self._keep(file)

    def _keep(self, file: ContainerSink) -> None:
        planned = self._path
        if file.video_packets == 0:
            file.path.unlink(missing_ok=True)
            self._listener.forget(planned)
            return
        try:
            path = _publish(file.path, planned)
            size_bytes = path.stat().st_size
        except OSError as error:
            raise storage_error(planned, error) from error
        kept = RecordedFile(
            path=path,
            start=self._start,
            duration_s=file.duration_s,
            video_packets=file.video_packets,
            audio_packets=file.audio_packets,
            size_bytes=size_bytes,
            codec=str(file.codec),
            lens=self._lens,
        )
        if file.error is None:
            self._finish(planned, kept)
        else:
            self._begin_to_count(planned, kept)

    def _finish(self, planned: Path, file: RecordedFile) -> None:
        self.files.note(file)
        self._listener.finish(planned, file)

    def _begin_to_count(self, planned: Path, file: RecordedFile) -> None:
        """Read back what was cut short: beside the recording, since a file can be of 4 GiB."""
        self._counting = [thread for thread in self._counting if thread.is_alive()]
        thread = threading.Thread(target=self._count, args=(planned, file), name="count")
        self._counting.append(thread)
        thread.start()

    def _count(self, planned: Path, file: RecordedFile) -> None:
        there = count_readable(file.path)
        self._dropped.append(file.video_packets - there.video_packets)
        if there.video_packets:
            self._finish(planned, replace(file, **there._asdict()))
        else:
            file.path.unlink(missing_ok=True)
            self._listener.forget(planned)


def _is_full(file: ContainerSink) -> bool:
    """Whether it ended since no file can be larger: FAT32's 4 GiB, or a limit of the process."""
    is_too_large = file.error is not None and file.error.errno == errno.EFBIG
    return is_too_large and file.duration_s >= SHORTEST_FULL_S


def _find_free_path(path: Path) -> Path:
    """The path, or the next with a number that neither a file nor a part has."""
    for candidate in islice(list_alternatives(path), MAX_ALTERNATIVES):
        if not any(map(os.path.lexists, (candidate, part_path(candidate)))):
            return candidate
    raise _explain_crowd(path)


def _explain_crowd(path: Path) -> StorageError:
    return StorageError(f"there are {MAX_ALTERNATIVES} files named like {path}")


def _publish(part: Path, path: Path) -> Path:
    """Give it its name, or the next free one."""
    if os.path.lexists(path):  # since the part was begun, by another program
        path = _find_free_path(path)
    give_name(part, path)
    return path
