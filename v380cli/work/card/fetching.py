"""Fetch recordings of one camera into files: what `download` and `sync` share."""

import datetime as dt
import threading
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from v380cli.camera.fetch import Fetcher, Interrupted
from v380cli.camera.recordings import CardReader, CardRecording
from v380cli.errors import (
    CredentialsRefused,
    MediaError,
    NetworkError,
    StorageError,
    V380Error,
    describe_error,
)
from v380cli.models import Device, RecordedFile
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.naming import plan_path
from v380cli.work.card.inventory import (
    Cut,
    Inventory,
    hash_file,
    is_whole,
    measure,
    to_recorded,
)
from v380cli.work.card.selection import Selection, find_recordings
from v380cli.work.card.workplace import (
    Workplace,
    check_space,
    remove_leftover,
    set_aside,
)
from v380cli.work.card.writing import SpoolFollower
from v380cli.work.recording_result import format_file
from v380cli.work.targets import reach

MIN_FREE_BYTES = 500_000_000
# A camera that could not be reached for two recordings in a row is gone; the rest need not wait.
MAX_LINK_FAILURES = 2
WHOLE = Cut(0.0, float("inf"))
_NAMING = threading.Lock()  # cameras side by side may want the same names


class Status(StrEnum):
    """What became of a recording."""

    FETCHED = "fetched"
    PRESENT = "present"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class FetchPlan:
    """How to fetch; `start` and `end` cut every recording at keyframes, in true time."""

    output: str
    folder: Path
    container: ContainerFormat = ContainerFormat.MP4
    audio: bool = True
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    min_free_bytes: int = MIN_FREE_BYTES

    def cut(self, recording: CardRecording) -> Cut | None:
        """The part of a recording that is wanted, None for all of it."""
        start_s = (self.start - recording.start).total_seconds() if self.start else 0.0
        end_s = (self.end - recording.start).total_seconds() if self.end else float("inf")
        if start_s <= 0 and end_s >= recording.duration_s:
            return None
        return Cut(max(0.0, start_s), end_s)

    def wants(self, recording: CardRecording) -> bool:
        """Whether anything of a recording is wanted."""
        cut = self.cut(recording)
        return cut is None or cut.start_s < min(cut.end_s, recording.duration_s)


@dataclass(frozen=True)
class Outcome:
    """What became of one recording."""

    recording: CardRecording
    status: Status
    files: Sequence[RecordedFile] = ()
    error: V380Error | None = None

    def to_json(self, device: Device) -> dict[str, Any]:
        """An object of `recordings download --json`."""
        document: dict[str, Any] = {
            "device": device.label,
            "id": self.recording.id,
            "type": self.recording.kind,
            "start": self.recording.start,
            "end": self.recording.end,
            "status": str(self.status),
            "files": [format_file(file) for file in self.files],
        }
        if self.error:
            document["error"] = describe_error(self.error)
        return document


@dataclass(slots=True)
class Progress:
    """What a display reads from another thread; media times in seconds."""

    count: int = 0
    done: int = 0
    total_s: float = 0.0
    done_s: float = 0.0
    bytes_received: int = 0
    label: str = ""


@dataclass
class CameraReport:
    """How it went with one camera; `error` is what ended it before its time."""

    device: Device
    outcomes: list[Outcome] = field(default_factory=list)
    error: V380Error | None = None

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.status is Status.FAILED]


class FetchJob:
    """Fetches what is selected from one camera; `run` blocks its thread, `stop` does not."""

    def __init__(self, device: Device, selection: Selection, plan: FetchPlan) -> None:
        self.progress = Progress()
        access = reach(device)
        self._interrupt, self._reader = access.interrupt, CardReader(access)
        self._selection, self._plan = selection, plan
        self._fetcher: Fetcher | None = None

    @property
    def device(self) -> Device:
        return self._reader.device

    def stop(self) -> None:
        """End soon; what is there is kept."""
        self._interrupt.request()
        if fetcher := self._fetcher:
            fetcher.stop()

    def fail(self, error: V380Error) -> CameraReport:
        """What there is when `run` itself was ended by an error."""
        return CameraReport(self.device, error=error)

    def run(self) -> CameraReport:
        """Fetch one after the other."""
        report = CameraReport(self.device)
        try:
            self._fetch_all(report)
        except V380Error as error:
            report.error = error
        report.device = self.device
        return report

    def current_bytes(self) -> int:
        """Received so far, with the recording that is on its way."""
        fetcher = self._fetcher
        return self.progress.bytes_received + (fetcher.bytes_received if fetcher else 0)

    def current_s(self) -> float:
        """Media time so far, with the recording that is on its way."""
        fetcher = self._fetcher
        return self.progress.done_s + (fetcher.position_ms / 1000 if fetcher else 0.0)

    def _fetch_all(self, report: CameraReport) -> None:
        found = find_recordings(self._reader, self._selection)
        recordings = self.choose([one for one in found if self._plan.wants(one)])
        self.progress.count = len(recordings)
        self.progress.total_s = sum(recording.duration_s for recording in recordings)
        link_failures = 0
        for recording in recordings:
            if self._interrupt():
                return
            try:
                outcome = self._fetch_one(recording)
                link_failures = 0
            except (CredentialsRefused, Interrupted, StorageError):  # the next would end alike
                raise
            except V380Error as error:
                outcome = Outcome(recording, Status.FAILED, error=error)
                link_failures = link_failures + 1 if isinstance(error, NetworkError) else 0
            report.outcomes.append(outcome)
            self.progress.done += 1
            self.progress.done_s += recording.duration_s
            if link_failures == MAX_LINK_FAILURES:
                raise NetworkError("the camera cannot be reached any more")

    def choose(self, recordings: list[CardRecording]) -> list[CardRecording]:
        """Which of those found are to be fetched."""
        return recordings

    def _fetch_one(self, recording: CardRecording) -> Outcome:
        self.progress.label = recording.id
        path, cut = self._plan_path(recording), self._plan.cut(recording)
        known = self._inventory.find(recording, cut, path)
        if known and is_whole(known, recording, cut):
            remove_leftover(path, self._name(recording))
            zone = recording.start.tzinfo
            return Outcome(recording, Status.PRESENT, [to_recorded(file, zone) for file in known])
        for file in known:
            if measure(file.path) not in (None, file.size_bytes):
                set_aside(file.path)
        with closing(Workplace(path, self._name(recording))) as place:
            written = self._fill(place, recording)
            files = self._publish(place, recording, written, [file.path for file in known])
            place.remove()
            if not files:
                raise MediaError("the recording has no picture that can be written")
        return Outcome(recording, Status.FETCHED, files)

    def _publish(
        self,
        place: Workplace,
        recording: CardRecording,
        written: Sequence[RecordedFile],
        replaced: Collection[Path],
    ) -> list[RecordedFile]:
        """Note the files and then give them their names: a kill between leaves none unknown."""
        hashes = [hash_file(file.path) for file in written]
        with _NAMING:
            files: list[RecordedFile] = []
            for file in written:
                taken = [named.path for named in files]
                files.append(replace(file, path=place.choose_name(file.path, replaced, taken)))
            self._inventory.note(recording, self._plan.cut(recording), files, hashes)
            for source, file in zip(written, files, strict=True):
                place.publish(source.path, file.path)
        return files

    @property
    def _inventory(self) -> Inventory:
        return Inventory(self._plan.folder, self.device.device_id)

    def _plan_path(self, recording: CardRecording) -> Path:
        start_s, _ = self._plan.cut(recording) or WHOLE
        return plan_path(
            self._plan.output,
            self.device.label,
            recording.start + dt.timedelta(seconds=start_s),
            self._plan.container,
            self.device.device_id,
            recording.kind,
        )

    def _name(self, recording: CardRecording) -> str:
        """What a spool must be called to be this recording's, cut in this way."""
        entry, cut = recording.entry, self._plan.cut(recording)
        part = tuple(cut) if cut else ()
        return f"{self.device.device_id} {entry.kind} {entry.start} {recording.fold} {part}"

    def _fill(self, place: Workplace, recording: CardRecording) -> list[RecordedFile]:
        """Fetch what is missing of the spool, and write its files meanwhile."""
        start_s, end_s = self._plan.cut(recording) or WHOLE
        follower = SpoolFollower(
            place.spool,
            recording,
            place.clear,
            self._plan.container,
            audio=self._plan.audio,
            opened_ms=int(start_s) * 1000,
        )
        fetcher = Fetcher(
            self._reader,
            recording,
            place.spool,
            start_s=start_s,
            end_s=end_s,
            check_space=lambda: check_space(place.folder, self._plan.min_free_bytes),
            on_keyframe=lambda: follower.follow(fetcher.fps),
        )
        self._fetcher = fetcher
        if self._interrupt():
            fetcher.stop()
        try:
            check_space(place.folder, self._plan.min_free_bytes)
            fetcher.run()
            return follower.finish(place.spool.fps)
        finally:
            follower.close()
            self.progress.bytes_received += fetcher.bytes_received
            self._fetcher = None
