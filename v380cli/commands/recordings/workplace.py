"""Where a recording becomes a file: beside its final name, so that nothing unfinished has it.

20261120-080000-normal.mp4.download/frames        what was fetched so far
20261120-080000-normal.mp4.download/...mp4        the file while it is written
"""

import contextlib
import shutil
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from v380cli.commands._progress import format_size
from v380cli.errors import StorageError
from v380cli.sinks.naming import list_alternatives
from v380cli.store.spool import Spool, SpoolTaken

SUFFIX = ".download"
MAX_ALTERNATIVES = 100


class Workplace:
    """The folder for one recording, ours as long as its spool is open."""

    def __init__(self, path: Path, name: str) -> None:
        """Take the place beside `path`, or go on where a former one was left.

        Raises StorageError; SpoolTaken if another v380 is at it.
        """
        self.path = path
        self.spool = _open_spool(path, name)
        self.folder = self.spool.path.parent

    def clear(self) -> Path:
        """Remove what a kill left of a file; where to write it now."""
        for leftover in self.folder.iterdir():
            if leftover != self.spool.path:
                leftover.unlink()
        return self.folder / self.path.name

    def publish(self, written: Path, replaced: Sequence[Path] = ()) -> Path:
        """Give a finished file its name: a free one, or that of a file which it replaces."""
        wanted = self.path.with_name(written.name)
        candidates = islice(list_alternatives(wanted), MAX_ALTERNATIVES)
        for path in candidates:
            if path in replaced or not path.exists():
                written.replace(path)
                return path
        raise StorageError(f"there are {MAX_ALTERNATIVES} files named like {wanted}")

    def remove(self) -> None:
        """Done: nothing is left but the files."""
        self.spool.remove()
        with contextlib.suppress(OSError):  # something of the user's is in it
            self.folder.rmdir()

    def close(self) -> None:
        """Leave it for another time, or remove it when nothing is in it yet."""
        if self.spool.is_empty:
            self.remove()
        else:
            self.spool.close()


def _open_spool(path: Path, name: str) -> Spool:
    """The first place under this name, or a name with a number, that no other recording has."""
    taken: SpoolTaken | None = None
    for candidate in islice(list_alternatives(path), MAX_ALTERNATIVES):
        folder = candidate.with_name(candidate.name + SUFFIX)
        try:
            return Spool(folder / "frames", name)
        except SpoolTaken as error:
            taken = error
    assert taken
    raise taken


def check_space(folder: Path, min_free_bytes: int, needed_bytes: int = 0) -> None:
    """Raise StorageError when the disk has less left than it should keep."""
    try:
        free_bytes = shutil.disk_usage(folder).free
    except OSError as error:
        raise StorageError(f"{folder}: {error.strerror or error}") from error
    if free_bytes - needed_bytes < min_free_bytes:
        raise StorageError(
            f"only {format_size(free_bytes)} are free at {folder}",
            hint=f"{format_size(min_free_bytes)} are kept free; --min-free says how many",
        )


def set_aside(path: Path) -> None:
    """Keep a file that is not what it was under another name."""
    for aside in islice(
        list_alternatives(path.with_name(path.name + ".damaged")), MAX_ALTERNATIVES
    ):
        if not aside.exists():
            path.rename(aside)
            return
