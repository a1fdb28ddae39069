"""Still pictures as files: their formats, their names, and that nobody sees half of one.

Imports no PyAV, which takes 60 ms.
"""

import contextlib
import datetime as dt
import os
from enum import StrEnum
from itertools import islice
from pathlib import Path

from v380cli.disk import is_device, write_new, write_whole
from v380cli.errors import StorageError
from v380cli.sinks.naming import is_folder, list_alternatives, name_file
from v380cli.sinks.output_file import storage_error

MAX_ALTERNATIVES = 100
MOMENTS = ("{time}", "{start}")  # fields that make each name another


class PictureFormat(StrEnum):
    """How a still picture is stored; the values are file endings."""

    JPEG = "jpg"
    PNG = "png"
    WEBP = "webp"


ENDINGS = {**{str(each): each for each in PictureFormat}, "jpeg": PictureFormat.JPEG}


class PictureFiles:
    """Where pictures go: as `name_file` has it, into a file, a folder or a template.

    A name with the time in it never goes over another file. Any other is the latest picture's,
    put in the place of the former one at once. A device or a pipe is written to.
    """

    def __init__(self, output: str | None, picture_format: PictureFormat) -> None:
        self._output, self._format = output, picture_format
        is_named_by_us = output is None or is_folder(output)
        self._keeps_all = is_named_by_us or any(field in str(output) for field in MOMENTS)
        self._special = Path(output) if output and is_device(Path(output)) else None

    def name(self, label: str, device_id: int, taken_at: dt.datetime) -> Path:
        """The file of a picture, if no other has its name; InvalidInput for an unknown field."""
        return self._special or name_file(
            self._output,
            label,
            taken_at,
            self._format,
            device_id,
        )

    def write(self, data: bytes, label: str, device_id: int, taken_at: dt.datetime) -> Path:
        """Put a picture on the disk and return its path. Raises StorageError."""
        path = self.name(label, device_id, taken_at)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if self._keeps_all:
                return _write_beside_others(path, data)
            write_whole(path, data)
        except OSError as error:
            raise storage_error(path, error) from error
        return path


def find_format(output: str | None) -> PictureFormat | None:
    """The format that a file is named after; None for a folder and for other endings."""
    if output is None or is_folder(output):
        return None
    return ENDINGS.get(Path(output).suffix[1:].lower())


def _write_beside_others(path: Path, data: bytes) -> Path:
    """Write it under the first of its names that is free, and return that one."""
    for candidate in islice(list_alternatives(path), MAX_ALTERNATIVES):
        if not os.path.lexists(candidate):
            with contextlib.suppress(FileExistsError):  # somebody else was quicker
                write_new(candidate, data)
                return candidate
    raise StorageError(f"there are {MAX_ALTERNATIVES} files named like {path}")
