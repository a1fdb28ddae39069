"""Where pictures go, what is never written over, and that nobody sees half of one."""

import datetime as dt
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from v380cli.errors import InvalidInput, StorageError
from v380cli.sinks.picture_file import PictureFiles, PictureFormat, find_format

WHEN = dt.datetime(2026, 11, 20, 8, 1, 2)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(output: str | None, data: bytes = b"one", label: str = "porch") -> str:
    return str(PictureFiles(output, PictureFormat.JPEG).write(data, label, 12345678, WHEN))


@pytest.mark.parametrize(
    ("output", "name"),
    [
        (None, "porch-20261120-080102.jpg"),
        ("new/folder/", "new/folder/porch-20261120-080102.jpg"),
        (".", "porch-20261120-080102.jpg"),
        ("door", "door.jpg"),
        ("door.jpeg", "door.jpeg"),
        ("{name}/{date}/{time}", "porch/20261120/080102.jpg"),
        ("{id}.png", "12345678.png"),
    ],
)
def test_names(output: str | None, name: str) -> None:
    assert write(output) == name
    assert Path(name).read_bytes() == b"one"


@pytest.mark.parametrize("output", [None, "pictures/", "{time}.jpg", "x-{start}"])
def test_a_name_with_the_time_never_goes_over_another(output: str | None) -> None:
    first, second, third = (write(output, data) for data in (b"1", b"2", b"3"))
    assert [Path(path).read_bytes() for path in (first, second, third)] == [b"1", b"2", b"3"]
    assert (Path(second).stem, Path(third).stem) == (
        f"{Path(first).stem}-2",
        f"{Path(first).stem}-3",
    )


def test_those_who_take_the_name_of_a_moment_at_once_get_one_each() -> None:
    writers = 4
    barrier = threading.Barrier(writers)

    def take(number: int) -> str:
        barrier.wait()
        return write(None, b"%d" % number)

    with ThreadPoolExecutor(writers) as pool:
        paths = list(pool.map(take, range(writers)))
    assert [Path(path).read_bytes() for path in paths] == [b"0", b"1", b"2", b"3"]


@pytest.mark.parametrize("output", ["door.jpg", "{name}.jpg", "{name}-{date}.jpg"])
def test_any_other_name_has_the_latest(output: str, folder: Path) -> None:
    assert write(output, b"1") == write(output, b"2")
    (only,) = folder.iterdir()
    assert only.read_bytes() == b"2"


def test_a_former_picture_stays_until_the_next_is_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("door.jpg", b"1")

    def fail(_descriptor: int) -> None:
        assert Path("door.jpg").read_bytes() == b"1"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdatasync", fail)
    with pytest.raises(StorageError, match=r"door\.jpg: No space left"):
        write("door.jpg", b"2")
    assert [path.read_bytes() for path in folder.iterdir()] == [b"1"]


def test_what_a_killed_run_left_is_no_obstacle(folder: Path) -> None:
    (folder / "door.jpg.part").write_bytes(b"half of a picture")
    write("door.jpg", b"2")
    assert (folder / "door.jpg").read_bytes() == b"2"
    assert (folder / "door.jpg.part").read_bytes() == b"half of a picture"


@pytest.mark.parametrize("planted", ["door.jpg.part", "door.jpg"])
def test_a_planted_link_is_not_followed(folder: Path, planted: str) -> None:
    (folder / "diary").write_bytes(b"mine")
    (folder / planted).symlink_to("diary")
    write("door.jpg", b"picture")
    assert (folder / "diary").read_bytes() == b"mine"
    assert (folder / "door.jpg").read_bytes() == b"picture"
    assert not (folder / "door.jpg").is_symlink()


def test_a_link_to_nothing_keeps_its_name(folder: Path) -> None:
    (folder / "porch-20261120-080102.jpg").symlink_to("nothing")
    assert write(None) == "porch-20261120-080102-2.jpg"
    assert not (folder / "nothing").exists()


def test_a_pipe_keeps_its_place(folder: Path) -> None:
    os.mkfifo("pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe").read_bytes()))
    reader.start()
    assert write("pipe", b"1") == "pipe"
    reader.join()
    assert (read, list(folder.iterdir())) == ([b"1"], [folder / "pipe"])
    assert Path("pipe").is_fifo()


def test_a_name_from_a_camera_stays_in_the_folder(folder: Path) -> None:
    assert write("{name}.jpg", label="../../etc/pass wd") == "etc-pass-wd.jpg"
    assert (folder / "etc-pass-wd.jpg").exists()


def test_where_nothing_can_be_written(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(StorageError):
        write("file/door.jpg")
    with pytest.raises(InvalidInput, match="nonsense"):
        write("{nonsense}.jpg")


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("a.jpg", PictureFormat.JPEG),
        ("a.JPEG", PictureFormat.JPEG),
        ("{name}.png", PictureFormat.PNG),
        ("a.webp", PictureFormat.WEBP),
        ("a.mp4", None),
        ("a", None),
        ("pictures.png/", None),
        (None, None),
    ],
)
def test_the_format_is_in_the_name(output: str | None, expected: PictureFormat | None) -> None:
    assert find_format(output) is expected
