"""What `v380 view` keeps of a stream: pictures and recordings, in the current folder."""

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from v380cli.errors import V380Error
from v380cli.models import Device
from v380cli.sinks.background_sync import SYNC_S
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.naming import plan_path
from v380cli.sinks.segmented import SegmentedSink
from v380cli.sinks.tee import Branch, TeeSink
from v380cli.work.viewing.saved_pictures import SavedPictures

if TYPE_CHECKING:
    from v380cli.sinks.screen.scene import Picture

HELP = {"s": "save this picture", "r": "record, and stop recording"}


class ViewFiles:
    """Saves pictures, and records beside the view; each method says what it did."""

    def __init__(self, device: Device, tee: TeeSink) -> None:
        self._device = device
        self._tee = tee
        self._pictures = SavedPictures(device)
        self._sinks: list[SegmentedSink] = []
        self._branch: Branch | None = None
        self._started_s = 0.0

    @property
    def state(self) -> str:
        """How long it has been recording; empty when it is not."""
        if self._branch is None:
            return ""
        minutes, seconds = divmod(int(time.monotonic() - self._started_s), 60)
        return f"REC {minutes}:{seconds:02}"

    def save_picture(self, picture: "Picture") -> str:
        """Save it under the time of now."""
        return self._pictures.save(picture, _read_clock())

    def toggle_recording(self) -> str:
        """Begin a file with the next keyframe, or finish the one that is being written."""
        return self._start() if self._branch is None else self._stop(self._branch)

    def find_failure(self) -> str:
        """Why the recording has ended by itself, told once."""
        branch = self._branch
        if branch is None or branch.error is None:
            return ""
        self._branch = None
        return f"not recording any more: {branch.error.message}"

    def list_paths(self) -> Iterator[Path]:
        """What was saved, once all is closed."""
        yield from self._pictures.paths
        for sink in self._sinks:
            yield from (file.path for file in sink.files)

    def _start(self) -> str:
        sink = SegmentedSink(self._plan, ContainerFormat.MP4, _read_clock, sync_s=SYNC_S)
        self._sinks.append(sink)
        self._branch = self._tee.attach(sink)
        self._started_s = time.monotonic()
        return "recording"

    def _stop(self, branch: Branch) -> str:
        self._branch = None
        try:
            self._tee.detach(branch)
        except V380Error as error:
            return error.message
        files = self._sinks[-1].files
        return f"saved {files[-1].path}" if files else "nothing recorded: no keyframe came"

    def _plan(self, start: dt.datetime) -> Path:
        device = self._device
        return plan_path(None, device.label, start, ContainerFormat.MP4, device.device_id)


def _read_clock() -> dt.datetime:
    return dt.datetime.now().astimezone()
