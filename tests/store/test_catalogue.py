"""The catalogue remembers what was fetched, apart from the device list."""

import contextlib
import datetime as dt
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from v380cli.errors import StorageError
from v380cli.store.catalogue import (
    CATALOGUE,
    COLUMNS,
    FILE_NAME,
    FetchedFile,
    RecordingKey,
    open_catalogue,
)
from v380cli.store.places import DATA_DIR_VARIABLE

START = dt.datetime(2026, 10, 25, 2, 10)
KEY = RecordingKey(folder=Path("/mirror"), device_id=7, kind=2, wall_start=START)
FILE = FetchedFile(
    key=KEY,
    part=0,
    wall_end=START + dt.timedelta(minutes=1),
    path=Path("/mirror/yard/1.mp4"),
    start=dt.datetime(2026, 10, 25, 0, 10, tzinfo=dt.UTC),
    duration_s=60.0,
    video_packets=900,
    audio_packets=950,
    size_bytes=123456,
    codec="h264",
    sha256="ab" * 32,
)


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path / "data"))
    return tmp_path / "data"


def test_what_was_noted_is_found() -> None:
    with open_catalogue() as catalogue:
        catalogue.replace(KEY, [FILE])
    with open_catalogue() as catalogue:
        assert catalogue.find(KEY) == [FILE]
        assert catalogue.list_files(KEY.folder, 7) == [FILE]
        assert catalogue.list_files(Path("/other"), 7) == []


def test_a_part_of_a_recording_is_apart_from_the_whole() -> None:
    part = replace(KEY, cut="3.000 to 7.000")
    cut = replace(FILE, key=part, path=Path("/mirror/yard/1-cut.mp4"))
    with open_catalogue() as catalogue:
        catalogue.replace(part, [cut])
        assert catalogue.find(KEY) == []
        catalogue.replace(KEY, [FILE])
        assert catalogue.find(part) == [cut]
        assert catalogue.list_files(KEY.folder, 7) == [FILE]


def test_one_of_version_1_is_brought_up(data_dir: Path) -> None:
    with open_catalogue() as catalogue:
        catalogue.replace(KEY, [FILE])
    former = [name for name in COLUMNS.split(", ") if name != "cut"]
    columns = ", ".join([*former, "fetched"])
    with contextlib.closing(sqlite3.connect(data_dir / FILE_NAME)) as connection, connection:
        connection.execute("ALTER TABLE files RENAME TO newer")
        connection.execute(CATALOGUE.migrations[0][0])
        connection.execute(f"INSERT INTO files ({columns}) SELECT {columns} FROM newer")
        connection.execute("DROP TABLE newer")
        connection.execute("PRAGMA user_version = 1")
    with open_catalogue() as catalogue:
        assert catalogue.find(KEY) == [FILE]


def test_the_second_pass_of_an_hour_is_another_recording() -> None:
    second = replace(KEY, wall_start=START.replace(fold=1))
    with open_catalogue() as catalogue:
        catalogue.replace(KEY, [FILE])
        assert catalogue.find(second) == []
        catalogue.replace(second, [replace(FILE, key=second, path=Path("/mirror/yard/2.mp4"))])
        assert len(catalogue.list_files(KEY.folder, 7)) == 2


def test_a_recording_that_has_grown_replaces_what_it_was() -> None:
    grown = replace(FILE, duration_s=90.0)
    with open_catalogue() as catalogue:
        catalogue.replace(KEY, [FILE, replace(FILE, part=1, path=Path("/mirror/yard/1-2.mp4"))])
        catalogue.replace(KEY, [grown])
        assert catalogue.find(KEY) == [grown]


def test_what_was_pruned_is_known_and_not_listed() -> None:
    with open_catalogue() as catalogue:
        catalogue.replace(KEY, [FILE])
        catalogue.mark_pruned(FILE.path)
        assert [file.is_pruned for file in catalogue.find(KEY)] == [True]
        assert catalogue.list_files(KEY.folder, 7) == []


def test_a_damaged_catalogue_is_set_aside_and_leaves_the_device_list_alone(data_dir: Path) -> None:
    with open_catalogue() as catalogue:
        catalogue.replace(KEY, [FILE])
    (data_dir / "devices.db").write_bytes(b"the list")
    (data_dir / FILE_NAME).write_bytes(b"no database" * 1000)
    with pytest.raises(StorageError, match="catalogue of recordings was damaged"), open_catalogue():
        pass
    assert (data_dir / "devices.db").read_bytes() == b"the list"
    with open_catalogue() as catalogue:
        assert catalogue.find(KEY) == []
