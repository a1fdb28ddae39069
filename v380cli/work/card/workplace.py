"""Where a recording becomes a file: beside its final name, so that nothing unfinished has it.

20261120-080000-normal.mp4.download/frames        what was fetched so far
20261120-080000-normal.mp4.download/...mp4        the file while it is written
"""

import contextlib
import os
import re
import shutil
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path

from v380cli import disk
from v380cli.errors import StorageError
from v380cli.sinks.naming import PART_SUFFIX, list_alternatives
from v380cli.store.spool import Spool, SpoolInUse, SpoolTaken
from v380cli.text import format_size

SUFFIX = ".download"
MAX_ALTERNATIVES = 100


class Workplace:
    """The folder for one recording, ours as long as its spool is open.

    It is for its owner alone, and what others have planted under its name is left as it is: then
    the folder has another name.
    """

    def __init__(self, path: Path, name: str) -> None:
        """Take the place beside `path`, or go on where a former one was left.

        Raises StorageError; SpoolInUse if another v380 is at it.
        """
        self.path = path
        self.spool = _open_spool(path, name)
        self.folder = self.spool.path.parent

    def clear(self) -> Path:
        """Remove what a kill left of a file; where to write it now."""
        ours = re.compile(
            rf"{re.escape(self.path.stem)}(-\d+)?{re.escape(self.path.suffix)}({PART_SUFFIX})?"
        )
        with _explain_failure(self.folder):
            for leftover in self.folder.iterdir():
                if ours.fullmatch(leftover.name) and not leftover.is_dir():
                    leftover.unlink()
        return self.folder / self.path.name

    def choose_name(self, written: Path, ours: Collection[Path], taken: Collection[Path]) -> Path:
        """The name for a finished file: one of `ours` or a free one, and none of those `taken`."""
        wanted = self.path.with_name(written.name).absolute()
        for path in islice(list_alternatives(wanted), MAX_ALTERNATIVES):
            if path not in taken and (path in ours or not os.path.lexists(path)):
                return path
        raise StorageError(f"there are {MAX_ALTERNATIVES} files named like {wanted}")

    def publish(self, written: Path, path: Path) -> None:
        """Give a finished file its name."""
        with _explain_failure(path):
            disk.give_name(written, path)

    def remove(self) -> None:
        """Done: nothing is left but the files."""
        self.clear()
        self.spool.remove()
        with contextlib.suppress(OSError):  # something of the user's is in it
            self.folder.rmdir()

    def close(self) -> None:
        """Leave it for another time, or remove it when nothing is in it yet."""
        if self.spool.is_empty:
            self.remove()
        else:
            self.spool.close()


def remove_leftover(path: Path, name: str) -> None:
    """Remove the place of a recording that is whole: a kill came when its files had their names."""
    if os.path.lexists(_name_folder(path)):
        with contextlib.suppress(SpoolInUse):  # who is at it removes it
            Workplace(path, name).remove()


def _open_spool(path: Path, name: str) -> Spool:
    """The first place under this name, or a name with a number, that nothing else has."""
    taken: SpoolTaken | None = None
    for candidate in islice(list_alternatives(path), MAX_ALTERNATIVES):
        folder = _name_folder(candidate)
        try:
            _make_folder(folder)
            return Spool(folder / "frames", name)
        except SpoolTaken as error:
            taken = error
    assert taken
    raise taken


def _name_folder(path: Path) -> Path:
    return path.with_name(path.name + SUFFIX)


def _make_folder(folder: Path) -> None:
    with _explain_failure(folder):
        try:
            disk.make_own_folder(folder)
        except FileExistsError:
            raise SpoolTaken(f"{folder} is not a folder of ours") from None


@contextlib.contextmanager
def _explain_failure(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error


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
        if not os.path.lexists(aside):
            with _explain_failure(aside):
                path.rename(aside)
            return
