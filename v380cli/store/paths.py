"""Our own files, readable by their owner alone."""

import os
import stat
from pathlib import Path

from v380cli.errors import StorageError
from v380cli.store import places
from v380cli.store.places import DATA_DIR_VARIABLE

PRIVATE_DIR_MODE = 0o700
PRIVATE_FILE_MODE = 0o600
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def find_data_dir() -> Path:
    """The user data directory, or what V380_DATA_DIR says; makes nothing."""
    return _check_home(places.find_data_dir())


def find_config_file() -> Path:
    """What V380_CONFIG says, else `config.toml` in V380_DATA_DIR, else in the user's own place."""
    return _check_home(places.find_config_file())


def _check_home(place: str) -> Path:
    """The path; StorageError for one below the home of nobody, which would be beside us."""
    if place.startswith("~"):
        raise StorageError(
            f"{place}: there is no such home", hint=f"choose a folder with {DATA_DIR_VARIABLE}"
        )
    return Path(place)


def find_list_path() -> Path:
    """Where the user's device list is, or would be."""
    return _check_home(places.find_list())


def find_run_dir() -> Path:
    """Where running commands meet; makes nothing. Cron's commands have no XDG_RUNTIME_DIR."""
    return find_data_dir() / "run"


def make_private_dir(path: Path) -> None:
    """Make `path`, and what is missing above it, for its owner alone (XDG Base Directory).

    Raises StorageError where one stands that others can use.
    """
    try:
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=PRIVATE_DIR_MODE, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"the data directory {path} cannot be made: {error.strerror}",
            hint=f"choose another one with {DATA_DIR_VARIABLE}",
        ) from error
    check_private(path, PRIVATE_DIR_MODE)


def make_private_file(path: Path) -> None:
    """Make an empty `path` for its owner alone, or leave the one that stands, if it is private."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE_MODE))
    except FileExistsError:
        pass
    except OSError as error:
        raise StorageError(f"{path} cannot be made: {error.strerror}") from error
    check_private(path, PRIVATE_FILE_MODE)


def check_private(path: Path, mode: int) -> None:
    """Raise StorageError, with the command that sets `mode`, if others can use `path`."""
    if path.stat().st_mode & OTHERS:
        import shlex

        raise StorageError(
            f"{path} can be used by other users of this machine, and it may hold passwords",
            hint=f"mend it with: chmod {mode:o} {shlex.quote(str(path))}",
        )
