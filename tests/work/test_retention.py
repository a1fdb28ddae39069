"""A recorder keeps to its disk: files of its own go, the oldest first, and nothing else ever."""

import datetime as dt
import errno
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from v380cli.models import RecordedFile
from v380cli.sinks.naming import part_path
from v380cli.store.footage import FileState, Footage, open_footage
from v380cli.work.retention import Retention, tidy

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
SIZE = 1000


def begin_file(folder: Path, camera: str, hours: int) -> Footage:
    """A file that was begun so many hours ago, and is being written."""
    path = folder / camera / f"{hours:02}.mp4"
    footage = Footage(
        path=path,
        output=str(folder),
        camera=camera,
        label=camera,
        device_id=1,
        start=NOW - hours * HOUR,
    )
    path.parent.mkdir(exist_ok=True)
    part_path(path).write_bytes(b"x" * SIZE)
    with open_footage() as files:
        files.begin(footage)
    return footage


def make_file(folder: Path, camera: str, hours: int) -> Path:
    """A whole one."""
    footage = begin_file(folder, camera, hours)
    part_path(footage.path).rename(footage.path)
    recorded = RecordedFile(
        path=footage.path,
        start=footage.start,
        duration_s=1,
        video_packets=1,
        audio_packets=0,
        size_bytes=SIZE,
        codec="h264",
    )
    with open_footage() as files:
        files.finish(footage.path, recorded)
    return footage.path


def list_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two cameras with three files each, and what others put there."""
    folder = tmp_path / "video"
    folder.mkdir()
    for camera in ("front", "yard"):
        for hours in (1, 30, 60):
            make_file(folder, camera, hours)
    (folder / "front" / "00.mp4").write_bytes(b"mine" * SIZE)
    return folder


def test_what_is_too_old_goes(folder: Path) -> None:
    deleted = tidy(str(folder), Retention(keep=dt.timedelta(days=1)), NOW)
    assert len(deleted) == 4
    assert list_files(folder) == ["front/00.mp4", "front/01.mp4", "yard/01.mp4"]
    assert tidy(str(folder), Retention(keep=dt.timedelta(days=1)), NOW) == []


def test_each_camera_keeps_its_newest(folder: Path) -> None:
    begin_file(folder, "yard", 0)
    deleted = tidy(str(folder), Retention(keep_bytes=2 * SIZE), NOW)
    assert [str(path.relative_to(folder)) for path in deleted] == [
        "front/60.mp4",
        "yard/60.mp4",
        "yard/30.mp4",
    ]
    assert (folder / "yard" / "00.mp4.part").exists()


def test_the_oldest_of_all_go_while_the_disk_is_low(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measure(_: object) -> SimpleNamespace:
        there = len(list_files(folder))
        return SimpleNamespace(f_bavail=10 - there, f_frsize=SIZE)

    monkeypatch.setattr("v380cli.work.retention.os.statvfs", measure)
    tidy(str(folder), Retention(min_free_bytes=6 * SIZE), NOW)
    assert list_files(folder) == ["front/00.mp4", "front/01.mp4", "yard/01.mp4", "yard/30.mp4"]


def test_a_day_that_the_user_took_away_does_not_keep_the_disk_full(folder: Path) -> None:
    older = make_file(folder, "gone", 90)
    shutil.rmtree(older.parent)
    tidy(str(folder), Retention(min_free_bytes=1 << 62), NOW)
    assert list_files(folder) == ["front/00.mp4"]


def test_nothing_of_others_is_touched(folder: Path, tmp_path: Path) -> None:
    begin_file(folder, "front", 90)
    other = make_file(tmp_path, "elsewhere", 99)
    tidy(str(folder), Retention(keep=HOUR / 2, keep_bytes=0, min_free_bytes=1 << 62), NOW)
    assert list_files(folder) == ["front/00.mp4", "front/90.mp4.part"]
    assert other.exists()


def test_an_empty_folder_of_a_date_goes(folder: Path) -> None:
    tidy(str(folder), Retention(keep=HOUR / 2), NOW)
    assert sorted(path.name for path in folder.iterdir()) == ["front"]


def test_what_the_user_deleted_is_forgotten(folder: Path) -> None:
    (folder / "front" / "60.mp4").unlink()
    assert tidy(str(folder), Retention(keep_bytes=2 * SIZE), NOW) == [folder / "yard" / "60.mp4"]
    with open_footage() as files:
        assert len(files.list_files(str(folder))) == 4


def take_disk_away(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unmount: what is at the mount point now is of another disk."""
    folder.rename(folder.with_name("unmounted"))
    folder.mkdir()
    monkeypatch.setattr("v380cli.store.footage.find_disk", lambda _: 1 << 40)


def mount_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    shutil.rmtree(folder)
    folder.with_name("unmounted").rename(folder)


@pytest.mark.parametrize(
    "retention",
    [Retention(keep=HOUR / 2), Retention(keep_bytes=0), Retention(min_free_bytes=1 << 62)],
)
def test_files_of_a_disk_that_is_away_are_remembered(folder: Path, retention: Retention) -> None:
    with pytest.MonkeyPatch.context() as patch:
        take_disk_away(folder, patch)
        assert tidy(str(folder), retention, NOW) == []
        mount_again(folder, patch)
    assert len(tidy(str(folder), retention, NOW)) == 6


def test_a_disk_that_is_away_costs_no_file_of_another(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        take_disk_away(folder, patch)
        newest = make_file(folder, "yard", 0)
        assert tidy(str(folder), Retention(keep_bytes=SIZE), NOW) == []
    assert newest.exists()


def test_what_does_not_answer_is_remembered(folder: Path) -> None:
    def fail(_: Path) -> os.stat_result:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("v380cli.work.retention.os.path.lexists", lambda _: False)
        patch.setattr(Path, "lstat", fail)
        assert tidy(str(folder), Retention(keep_bytes=0), NOW) == []
    assert len(tidy(str(folder), Retention(keep_bytes=0), NOW)) == 6


def test_a_list_of_an_older_version_is_read(folder: Path) -> None:
    """It does not know the disks: what is not there was deleted."""
    with open_footage() as files:
        files._connection.execute("UPDATE files SET disk = 0")
    shutil.rmtree(folder / "front")
    assert tidy(str(folder), Retention(keep_bytes=0), NOW)
    with open_footage() as files:
        assert files.list_files(str(folder)) == []


def test_what_cannot_be_deleted_is_tried_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    retention = Retention(keep=dt.timedelta(days=2))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda _: os.close(-1))
        assert tidy(str(folder), retention, NOW) == []
    assert len(tidy(str(folder), retention, NOW)) == 2


def test_a_link_in_the_place_of_a_file_costs_the_link_only(folder: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"theirs")
    (folder / "front" / "60.mp4").unlink()
    (folder / "front" / "60.mp4").symlink_to(victim)
    tidy(str(folder), Retention(keep=dt.timedelta(days=2)), NOW)
    assert victim.read_bytes() == b"theirs"


def test_states_come_back_as_they_were(folder: Path) -> None:
    with open_footage() as files:
        first, *_ = files.list_files(str(folder), FileState.FINISHED)
        assert files.change(first, FileState.HANDED_ON)
        assert not files.change(first, FileState.HANDED_ON)
        (handed_on,) = files.list_files(str(folder), FileState.HANDED_ON)
    assert handed_on.path == first.path


def test_what_is_ours_beside_a_file_goes_with_it(folder: Path) -> None:
    for hours in ("01", "30"):
        for ending in (".jpg", ".txt"):
            (folder / "yard" / hours).with_suffix(ending).write_bytes(b"picture, or the user's")
    tidy(str(folder), Retention(keep=dt.timedelta(days=1)), NOW, [".jpg"])
    yard = [name for name in list_files(folder) if name.startswith("yard")]
    assert yard == ["yard/01.jpg", "yard/01.mp4", "yard/01.txt", "yard/30.txt"]
