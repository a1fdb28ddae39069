"""What doctor finds on this machine."""

import errno
import os
from pathlib import Path

import pytest

from v380cli import disk
from v380cli.work.doctor.finding import State, run_checks
from v380cli.work.doctor.machine import check_disk


def look(folder: Path) -> tuple[State, str]:
    (finding,) = run_checks([("disk", check_disk)], folder)
    return finding.state, finding.message


def test_a_disk_that_takes_recordings(tmp_path: Path) -> None:
    assert look(tmp_path)[0] in (State.OK, State.WARN)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_stands_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "video").touch()
    state, message = look(tmp_path / "video")
    assert state is State.FAIL
    assert "Not a directory" in message


def test_a_disk_that_can_only_be_read_stands_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(disk, "create_file", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    assert look(tmp_path)[0] is State.FAIL
