"""Files in folders that others may share: made new, never through a link, synced where they can be.

Everything raises OSError; who calls knows what the file is for.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

PRIVATE_FILE_MODE = 0o600
PRIVATE_FOLDER_MODE = 0o700
PUBLIC_FILE_MODE = 0o666  # less the umask

DEVICES = Path("/dev")

# What file systems and folders answer that cannot sync: CIFS, vboxsf, FUSE; or that one may write
# but not read.
CANNOT_SYNC = {
    *{errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS},
    *{errno.EACCES, errno.EPERM, errno.EBADF},
}


def create_file(path: Path, mode: int = PRIVATE_FILE_MODE) -> int:
    """Make a file and open it to write; FileExistsError for whatever is there, links included."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(path, flags, mode)


def open_own_file(path: Path, flags: int, mode: int = PRIVATE_FILE_MODE) -> int:
    """Open a file, or make it: ELOOP for a link, FileExistsError for what others have planted."""
    descriptor = os.open(
        path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, mode
    )
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_nlink <= 1 and _is_trusted(status, path):
        os.set_blocking(descriptor, True)
        return descriptor
    os.close(descriptor)
    raise FileExistsError(errno.EEXIST, "something of another user's is there", str(path))


def make_own_folder(path: Path) -> None:
    """Make a folder for its owner alone, or take the one that we made before.

    FileExistsError for a link, for a file and for what others have planted.
    """
    try:
        path.mkdir(PRIVATE_FOLDER_MODE)
    except FileExistsError:
        status = path.lstat()
        if not (stat.S_ISDIR(status.st_mode) and _is_trusted(status, path)):
            raise


def _is_trusted(status: os.stat_result, path: Path) -> bool:
    """Whether it is ours, or belongs to whom the folder does: on FAT and CIFS that need not be us.

    The folder's owner can put anything in the place of anything in it.
    """
    return status.st_uid in (os.geteuid(), path.parent.stat().st_uid)


def write_whole(path: Path, data: bytes, mode: int = PUBLIC_FILE_MODE) -> None:
    """Write a file whole or not at all, new in the place of what has its name.

    What `is_device` says that it is, is written into.
    """
    if is_device(path):
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CLOEXEC), "wb") as device:
            device.write(data)
        return
    _write_beside(path, data, mode, give_name)


def write_new(path: Path, data: bytes, mode: int = PUBLIC_FILE_MODE) -> None:
    """Write a file whole or not at all; FileExistsError for whatever has its name by then."""
    _write_beside(path, data, mode, give_new_name)


def _write_beside(path: Path, data: bytes, mode: int, give: Callable[[Path, Path], None]) -> None:
    with _new_beside(path, mode) as (descriptor, part):
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(data)
        sync_file(descriptor)
        give(part, path)


@contextlib.contextmanager
def _new_beside(path: Path, mode: int) -> Iterator[tuple[int, Path]]:
    """A new file in the folder of `path`, removed when the block fails.

    Its name is short: that of `path` may be as long as names can be.
    """
    part = path.with_name(f".v380-{os.urandom(8).hex()}.part")
    descriptor = create_file(part, mode)
    try:
        yield descriptor, part
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    finally:
        os.close(descriptor)


def find_disk(path: Path) -> int:
    """The number of the file system that a file is on, or would be; 0 where it does not answer."""
    for folder in path.parents:
        try:
            return folder.stat().st_dev
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            break
    return 0


def is_device(path: Path) -> bool:
    """Whether it is a device or a FIFO that may be written into.

    It must be ours or the system's. A link to one is none, but in /dev, where standard output is.
    """
    try:
        if path.parent.resolve() == DEVICES:
            return path.exists()
        status = path.lstat()
    except OSError:
        return False
    is_file = any(check(status.st_mode) for check in (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK))
    return not is_file and status.st_uid in (0, os.geteuid())


def give_name(part: Path, path: Path) -> None:
    """Rename, so that a power cut does not take the name back."""
    part.replace(path)
    sync_folder(path.parent)


def give_new_name(part: Path, path: Path) -> None:
    """The same, but FileExistsError for whatever has the name, a moment before or at once."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # FAT and CIFS have no second names: there it is looked first
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        part.replace(path)
    else:
        part.unlink()
    sync_folder(path.parent)


def give_free_name(part: Path, paths: Iterable[Path]) -> Path:
    """The same with the first of these that nothing has, which is returned.

    FileExistsError where all are taken.
    """
    for path in paths:
        with contextlib.suppress(FileExistsError):  # or taken at this very moment
            give_new_name(part, path)
            return path
    raise FileExistsError(errno.EEXIST, "all names are taken", str(part))


def sync_file(descriptor: int) -> None:
    """Have what was written on the disk, as far as the disk can say so."""
    with _where_possible():
        os.fdatasync(descriptor)


def sync_folder(path: Path) -> None:
    """Have the names in a folder on the disk, where folders can be synced."""
    with _where_possible():
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def _where_possible() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in CANNOT_SYNC:
            raise
