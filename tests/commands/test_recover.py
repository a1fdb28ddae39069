"""`v380 recover`: what it prints, and with what it ends."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import Done
from tests.work.test_recovery import break_off
from v380cli.media.sink import Codec
from v380cli.sinks.formats import ContainerFormat


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "video"
    path.mkdir()
    return path


def test_a_folder_is_gone_through(v380: Callable[..., Done], folder: Path) -> None:
    break_off(folder / "porch.mp4", Codec.H264, ContainerFormat.MP4)
    done = v380("recover", str(folder), "--json")
    assert done.code == 0
    (document,) = done.json
    assert document["path"] == str(folder / "porch.mp4")
    assert document["size_bytes"] == (folder / "porch.mp4").stat().st_size
    assert document["duration_s"] > 5


def test_what_cannot_be_recovered_is_told_and_the_rest_is_done(
    v380: Callable[..., Done], folder: Path
) -> None:
    break_off(folder / "porch.mp4", Codec.H264, ContainerFormat.MP4)
    (folder / "yard.mp4.part").write_bytes(b"nothing of a film")
    done = v380("recover", str(folder))
    assert done.code == 10
    assert "porch.mp4" in done.out
    assert "yard.mp4.part" in done.err
    assert (folder / "porch.mp4").exists()


def test_one_that_cannot_be_recovered_has_its_own_exit_code(
    v380: Callable[..., Done], folder: Path
) -> None:
    part = folder / "yard.mp4.part"
    part.write_bytes(b"nothing of a film")
    assert v380("recover", str(part)).code == 8
    assert v380("recover", str(folder / "missing.mp4.part")).code == 9


def test_nothing_to_do_is_no_failure(v380: Callable[..., Done], folder: Path) -> None:
    done = v380("recover", str(folder))
    assert (done.code, done.out) == (0, "")
    assert "nothing was broken off" in done.err
