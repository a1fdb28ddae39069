"""What becomes of recorded files: noted, handed to the user's command, and at last deleted.

Threads of their own do it, in the order of what happened: no recorder waits for a database, a
command or a disk, and no note waits for a command.
"""

import contextlib
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from v380cli.errors import StorageError, V380Error
from v380cli.models import Device, RecordedFile
from v380cli.sinks.naming import part_path
from v380cli.sinks.probe import count_readable
from v380cli.store.claims import claim
from v380cli.store.footage import FileState, Footage, open_footage
from v380cli.work.hooks import Hook
from v380cli.work.lane import Lane
from v380cli.work.recovery import StillWritten, recover
from v380cli.work.retention import Retention, tidy

TIDY_S = 60.0  # how often, although nothing was finished: other programs fill disks, too
LEFT_BEHIND = FileState.FINISHED, FileState.HANDING_ON  # by a kill, before the hook had its end

Heard = Callable[[Device, RecordedFile], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarePlan:
    """What is to become of the files of one output, which is an absolute path or a template.

    `companions` are endings of files of ours beside them, which go with them.
    """

    output: str
    retention: Retention
    hook: Hook | None = None
    companions: tuple[str, ...] = ()


class Aftercare:
    """Takes care of the files of one output while its block runs, and of those left from before.

    `tell` gets a sentence for a person about what failed, once in a row; nothing of that ends a
    recording.
    """

    def __init__(self, plan: CarePlan, tell: Callable[[str], None]) -> None:
        self._plan, self._talk = plan, tell
        self._told = ""
        self._notes = Lane("notes", self._tell_once, idle=self._tidy, period_s=TIDY_S)
        self._chores = Lane("chores", self._tell_once)
        self._lanes = contextlib.ExitStack()

    def __enter__(self) -> "Aftercare":
        self._notes.put(self._look_back)
        self._lanes.enter_context(self._chores)
        self._lanes.callback(self._chores.put, self._hand_on_all)  # what the last notes were of
        self._lanes.enter_context(self._notes)
        return self

    def __exit__(self, *_: object) -> None:
        """Do what is to be done; a hook ends within its own bound."""
        self._lanes.close()

    def watch(self, device: Device, hear: Heard) -> "FileNotes":
        """What a camera's sink tells of its files; `hear` is told of those that are whole."""
        return FileNotes(self, device, hear)

    def begin(self, device: Device, planned: Path, start: dt.datetime) -> None:
        """A file was begun that is to be at `planned`."""
        footage = Footage(
            path=planned.absolute(),
            output=self._plan.output,
            camera=str(device.device_id or device.label),
            label=device.label,
            device_id=device.device_id,
            start=start,
        )
        self._notes.put(partial(_note_begun, footage))

    def finish(self, planned: Path, file: RecordedFile) -> None:
        """A file is whole."""
        self._notes.put(partial(self._take_finished, planned.absolute(), file))

    def forget(self, planned: Path) -> None:
        """A file was removed, since it has no picture."""
        self._notes.put(partial(_forget, planned.absolute()))

    def _tell_once(self, sentence: str) -> None:
        if sentence != self._told:
            self._told = sentence
            self._tell(sentence)

    def _tell(self, sentence: str) -> None:
        """The files are taken care of, whether anybody listens or not."""
        with contextlib.suppress(OSError):
            self._talk(sentence)

    # -- notes: a moment each --------------------------------------------------------------------

    def _take_finished(self, planned: Path, file: RecordedFile) -> None:
        with open_footage() as footage:
            footage.finish(planned, file)
        self._tidy()
        # behind the note of the file that follows, so that a kill finds it noted
        self._notes.put(partial(self._chores.put, self._hand_on_all))

    def _look_back(self) -> None:
        """See what a kill broke off or kept from the hook, before anything new is noted."""
        with open_footage() as footage:
            broken_off = footage.list_files(self._plan.output, FileState.WRITING)
        for file in broken_off:
            self._chores.put(partial(self._take_up, file))
        self._chores.put(partial(self._hand_on_all, *LEFT_BEHIND))
        self._tidy()

    def _tidy(self) -> None:
        plan = self._plan
        if plan.retention.is_wanted:
            tidy(plan.output, plan.retention, dt.datetime.now(dt.UTC), plan.companions)

    # -- chores: they may take their time --------------------------------------------------------

    def _take_up(self, file: Footage) -> None:
        """Make a whole file of what was broken off, or of what a kill left with its name.

        Where the disk does not let us, it is tried again another time.
        """
        if file.is_away():
            return
        try:
            found = _complete(file)
        except StillWritten:
            return
        except StorageError as error:
            self._tell(error.message)
            return
        except V380Error as error:
            self._tell(error.message)
            found = None
        if found is None:
            _forget(file.path)
            return
        with open_footage() as footage:
            footage.finish(file.path, found)
        self._tell(f"{found.path} was broken off, and is finished now")

    def _hand_on_all(self, *states: FileState) -> None:
        if self._plan.hook is None:
            return
        with open_footage() as footage:
            waiting = footage.list_files(self._plan.output, *(states or (FileState.FINISHED,)))
        for file in waiting:
            if file.is_away():
                continue
            with claim(file.path) as is_ours:
                if is_ours:
                    self._hand_on(file, self._plan.hook)

    def _hand_on(self, file: Footage, hook: Hook) -> None:
        """Once for a file; again, and told so, where a kill came before its end was noted.

        A file that has gone meanwhile was taken away by the hook, which had it whole then.
        """
        begun = replace(file, state=FileState.HANDING_ON)
        with open_footage() as footage:
            if not footage.change(file, begun.state):
                return
        is_retry = file.state is begun.state
        if not is_retry or file.path.exists():
            self._call(hook, file, is_retry=is_retry)
        with open_footage() as footage:
            footage.change(begun, FileState.HANDED_ON)

    def _call(self, hook: Hook, file: Footage, *, is_retry: bool) -> None:
        values = describe(file, is_retry=is_retry)
        try:
            hook.run({key: str(value) for key, value in values.items()}, json.dumps(values))
        except V380Error as error:
            self._tell(f"{file.path}: {error.message}")


class FileNotes:
    """What one camera's sink tells; each call returns at once."""

    def __init__(self, aftercare: Aftercare, device: Device, hear: Heard) -> None:
        self._aftercare, self._device, self._hear = aftercare, device, hear

    def begin(self, planned: Path, start: dt.datetime) -> None:
        self._aftercare.begin(self._device, planned, start)

    def finish(self, planned: Path, file: RecordedFile) -> None:
        self._aftercare.finish(planned, file)
        self._hear(self._device, file)

    def forget(self, planned: Path) -> None:
        self._aftercare.forget(planned)


def describe(file: Footage, *, is_retry: bool) -> dict[str, str | int | float]:
    """What a hook is told of a file; `retry` is 1 where it may have had it already."""
    return {
        "path": str(file.path),
        "camera": file.label,
        "id": file.device_id,
        "start": file.start.astimezone().isoformat(timespec="milliseconds"),
        "duration": round(file.duration_s, 3),
        "retry": int(is_retry),
    }


def _complete(file: Footage) -> RecordedFile | None:
    """The whole file that this has become or becomes now; None when nothing is there."""
    part, path = part_path(file.path), file.path
    if part.exists():
        recovered = recover(part)
        path, duration_s = recovered.path, recovered.duration_s
        video_packets, audio_packets = recovered.video_packets, recovered.audio_packets
    elif path.is_file() and not path.is_symlink():
        duration_s, video_packets, audio_packets = count_readable(path)
    else:
        return None
    return RecordedFile(
        path=path,
        start=file.start,
        duration_s=duration_s,
        video_packets=video_packets,
        audio_packets=audio_packets,
        size_bytes=path.stat().st_size,
        codec="",
    )


def _note_begun(footage: Footage) -> None:
    with open_footage() as files:
        files.begin(footage)


def _forget(path: Path) -> None:
    with open_footage() as footage:
        footage.forget(path)
