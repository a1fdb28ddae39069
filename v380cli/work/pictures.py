"""What becomes of keyframes: files, standard output, or one contact sheet.

PyAV is imported while the camera is answering: it takes 60 ms.
"""

import datetime as dt
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from v380cli.camera.snapshot import Keyframe, SnapshotReport
from v380cli.models import Device
from v380cli.sinks.output_file import storage_error
from v380cli.sinks.picture_file import PictureFormat
from v380cli.sinks.pipe import OutputPipe

if TYPE_CHECKING:
    from v380cli.sinks.contact_sheet import Tile
    from v380cli.sinks.pictures import Picture

STDOUT = "-"
SHEET_LABEL = "cameras"  # stands where the name of a camera does in that of a picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A picture that was taken; `seconds` from when it was due until it was where it belongs."""

    device: Device
    path: Path
    width: int
    height: int
    codec: str
    size_bytes: int
    taken_at: dt.datetime
    seconds: float
    via: str

    def to_json(self) -> dict[str, Any]:
        """The object of `snapshot --json`."""
        return {
            "device": self.device.label,
            "path": self.path,
            "width": self.width,
            "height": self.height,
            "codec": self.codec,
            "size_bytes": self.size_bytes,
            "taken_at": self.taken_at,
            "seconds": round(self.seconds, 3),
            "via": self.via,
        }


OnSnapshot = Callable[[Snapshot], None]


class Place(Protocol):
    """Where the bytes of pictures go."""

    def write(self, data: bytes, label: str, device_id: int, taken_at: dt.datetime) -> Path: ...


class StandardOutput:
    """The picture and nothing else, for another program to read."""

    def write(self, data: bytes, label: str, device_id: int, taken_at: dt.datetime) -> Path:
        pipe = OutputPipe(sys.stdout.fileno(), "standard output")
        try:
            pipe.write(data)
        except BrokenPipeError:
            pass  # the reader has gone: it has what it wanted
        except OSError as error:
            raise storage_error(pipe.path, error) from error
        return Path(STDOUT)


class Printer(Protocol):
    """Makes something of keyframes, each in the thread of its camera."""

    def develop(self, device: Device, keyframe: Keyframe) -> None:
        """Take one; MediaError when it cannot be decoded, StorageError when it has no place."""
        ...

    def finish(self, reports: Sequence[SnapshotReport]) -> None:
        """All cameras are done."""
        ...


class SinglePrinter:
    """Makes a picture of each keyframe, at once."""

    def __init__(self, picture_format: PictureFormat, place: Place, tell: OnSnapshot) -> None:
        self._format, self._place, self._tell = picture_format, place, tell

    def develop(self, device: Device, keyframe: Keyframe) -> None:
        from v380cli.sinks.pictures import decode_keyframe, encode_picture

        start_s = time.monotonic()
        picture = decode_keyframe(keyframe.codec, keyframe.data)
        data = encode_picture(picture, self._format)
        path = self._place.write(data, device.label, device.device_id, keyframe.taken_at)
        snapshot = _describe(device, keyframe, picture, start_s)
        self._tell(replace(snapshot, path=path, size_bytes=len(data)))

    def finish(self, reports: Sequence[SnapshotReport]) -> None:
        pass


class SheetPrinter:
    """Keeps a picture of each camera and makes one of them all in the end."""

    def __init__(self, picture_format: PictureFormat, place: Place, tell: OnSnapshot) -> None:
        self._format, self._place, self._tell = picture_format, place, tell
        self._taken: dict[str, tuple[Snapshot, Picture]] = {}  # by the label of the camera

    def develop(self, device: Device, keyframe: Keyframe) -> None:
        from v380cli.sinks.pictures import decode_keyframe

        start_s = time.monotonic()
        picture = decode_keyframe(keyframe.codec, keyframe.data)
        snapshot = _describe(device, keyframe, picture, start_s)
        self._taken[device.label] = (snapshot, picture)

    def finish(self, reports: Sequence[SnapshotReport]) -> None:
        """Write the sheet, unless there is no picture at all."""
        if not self._taken:
            return
        from v380cli.sinks.contact_sheet import make_contact_sheet
        from v380cli.sinks.pictures import encode_picture

        sheet = make_contact_sheet([self._make_tile(report) for report in reports])
        data = encode_picture(sheet, self._format)
        now = dt.datetime.now().astimezone()
        path = self._place.write(data, SHEET_LABEL, 0, now)
        for snapshot, _ in self._taken.values():
            self._tell(replace(snapshot, path=path, size_bytes=len(data)))

    def _make_tile(self, report: SnapshotReport) -> "Tile":
        from v380cli.sinks.contact_sheet import Tile

        label = report.device.label
        if label in self._taken:
            snapshot, picture = self._taken[label]
            return Tile(title=label, note=f"{snapshot.taken_at:%Y-%m-%d %H:%M:%S}", picture=picture)
        reason = report.error.message if report.error else "interrupted"
        return Tile(title=label, note=reason)


def _describe(device: Device, keyframe: Keyframe, picture: "Picture", start_s: float) -> Snapshot:
    """A snapshot that has no place yet."""
    return Snapshot(
        device=device,
        path=Path(),
        width=picture.width,
        height=picture.height,
        codec=keyframe.codec,
        size_bytes=0,
        taken_at=keyframe.taken_at,
        seconds=keyframe.waited_s + time.monotonic() - start_s,
        via=keyframe.via,
    )
