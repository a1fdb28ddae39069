"""Nothing is written through what others planted, and a file is whole or not there."""

import errno
import os
import stat
from pathlib import Path

import pytest

from v380cli import disk

ANOTHER_USER = 54321


def test_a_new_file_is_private_and_goes_through_no_link(tmp_path: Path) -> None:
    os.close(disk.create_file(tmp_path / "new"))
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    (tmp_path / "link").symlink_to(tmp_path / "victim")
    with pytest.raises(FileExistsError):
        disk.create_file(tmp_path / "link")
    assert not (tmp_path / "victim").exists()


def test_a_file_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "door.jpg"
    disk.write_whole(target, b"1")
    disk.write_whole(target, b"2", disk.PRIVATE_FILE_MODE)
    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (b"2", 0o600)

    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", fail)
    with pytest.raises(OSError, match="Input/output"):
        disk.write_whole(target, b"3")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"2"]


@pytest.mark.parametrize("has_links", [True, False])
def test_a_new_file_takes_no_name_from_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")  # as FAT does

    if not has_links:
        monkeypatch.setattr(os, "link", refuse)
    disk.write_new(tmp_path / "door.jpg", b"1")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "nowhere")
    for name in ("door.jpg", "link.jpg"):
        with pytest.raises(FileExistsError):
            disk.write_new(tmp_path / name, b"2")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["door.jpg", "link.jpg"]
    assert (tmp_path / "door.jpg").read_bytes() == b"1"


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"mine")
    (tmp_path / "door.jpg").symlink_to(tmp_path / "victim")
    disk.write_whole(tmp_path / "door.jpg", b"picture")
    assert (tmp_path / "victim").read_bytes() == b"mine"
    assert (tmp_path / "door.jpg").read_bytes() == b"picture"


def test_a_name_may_be_as_long_as_names_can_be(tmp_path: Path) -> None:
    longest = tmp_path / ("x" * 251 + ".jpg")
    disk.write_whole(longest, b"1")
    assert longest.read_bytes() == b"1"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to have files of another user")
def test_what_another_user_planted_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"a file of theirs, which they can read")
    os.mkfifo(tmp_path / "fifo")
    for name in ("folder", "file", "fifo"):
        os.chown(tmp_path / name, ANOTHER_USER, ANOTHER_USER)
    with pytest.raises(FileExistsError):
        disk.make_own_folder(tmp_path / "folder")
    with pytest.raises(FileExistsError):
        disk.open_own_file(tmp_path / "file", os.O_RDWR)
    disk.write_whole(tmp_path / "file", b"secret", disk.PRIVATE_FILE_MODE)
    disk.write_whole(tmp_path / "fifo", b"secret", disk.PRIVATE_FILE_MODE)
    assert {(tmp_path / name).stat().st_uid for name in ("file", "fifo")} == {os.geteuid()}


def test_our_own_files_and_folders_are_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        disk.make_own_folder(tmp_path / "folder")
        os.close(disk.open_own_file(tmp_path / "folder" / "file", os.O_RDWR))
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o700


def test_links_are_no_files_and_no_folders_of_ours(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    (tmp_path / "dangling").symlink_to(tmp_path / "victim")
    with pytest.raises(FileExistsError):
        disk.make_own_folder(tmp_path / "link")
    with pytest.raises(OSError, match="symbolic links"):
        disk.open_own_file(tmp_path / "dangling", os.O_RDWR)
    assert not (tmp_path / "victim").exists()


def test_a_hard_link_to_another_file_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"mine")
    (tmp_path / "frames").hardlink_to(tmp_path / "victim")
    with pytest.raises(FileExistsError):
        disk.open_own_file(tmp_path / "frames", os.O_RDWR)


def test_a_device_is_written_into(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        disk.write_whole(Path("/dev/full"), b"1")
    disk.write_whole(Path("/dev/null"), b"1")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    (tmp_path / "link").symlink_to("/dev/null")
    assert not disk.is_device(tmp_path / "link")
    assert not disk.is_device(tmp_path / "missing")


@pytest.mark.parametrize("number", sorted(disk.CANNOT_SYNC))
def test_what_cannot_be_synced_is_finished_all_the_same(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fdatasync", refuse)
    monkeypatch.setattr(os, "fsync", refuse)
    disk.write_whole(tmp_path / "door.jpg", b"1")
    assert [path.name for path in tmp_path.iterdir()] == ["door.jpg"]


def test_a_name_is_on_the_disk_once_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is synced, and after the rename."""
    synced: list[tuple[str, bool]] = []
    (tmp_path / "door.part").touch()

    def note(descriptor: int) -> None:
        folder = Path(f"/proc/self/fd/{descriptor}").readlink()
        synced.append((str(folder), (folder / "door").exists()))

    monkeypatch.setattr(os, "fsync", note)
    disk.give_name(tmp_path / "door.part", tmp_path / "door")
    assert synced == [(str(tmp_path), True)]


def test_a_free_name_is_one_that_nobody_took_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program has taken the first name since, and takes the second at this moment."""
    names = [tmp_path / name for name in ("a", "a-2", "a-3")]
    part = tmp_path / "part"
    part.write_bytes(b"ours")
    names[0].write_bytes(b"theirs")
    link = os.link

    def link_second(source: Path, target: Path) -> None:
        if target == names[1]:
            target.write_bytes(b"theirs")
        link(source, target)

    monkeypatch.setattr(os, "link", link_second)
    assert disk.give_free_name(part, names) == names[2]
    assert [name.read_bytes() for name in names] == [b"theirs", b"theirs", b"ours"]
    part.write_bytes(b"ours")
    with pytest.raises(FileExistsError):
        disk.give_free_name(part, names)
    assert part.exists()
