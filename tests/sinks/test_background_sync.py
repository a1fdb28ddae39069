"""A file comes onto the disk often enough, and nobody waits for a slow one."""

import errno
import os
import threading
from itertools import pairwise
from pathlib import Path

import pytest

from v380cli.sinks.background_sync import SyncSchedule
from v380cli.sinks.output_file import OutputFile

FRAME_MS = 100


@pytest.mark.parametrize("gop_ms", [100, 1000, 2000, 4000, 10_000])
def test_nothing_waits_for_longer_than_the_period(gop_ms: int) -> None:
    schedule = SyncSchedule(5.0)
    times = [
        time
        for time in range(0, 60_000, FRAME_MS)
        if schedule.is_due(time, is_keyframe=time % gop_ms == 0)
    ]
    distances = [later - former for former, later in pairwise([0, *times])]
    assert max(distances) <= 5000
    assert min(distances) >= 2500
    if gop_ms <= 4000:
        assert all(time % gop_ms == 0 for time in times)


def test_off_is_never() -> None:
    schedule = SyncSchedule(float("inf"))
    assert not any(schedule.is_due(time, is_keyframe=True) for time in range(0, 10**9, 10**7))


def test_a_slow_disk_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    is_done = threading.Event()

    def sync_slowly(descriptor: int) -> None:
        synced.append(descriptor)
        is_done.wait()

    monkeypatch.setattr(os, "fdatasync", sync_slowly)
    file = OutputFile(tmp_path / "clip.ts")
    file.write(b"1")
    file.sync_soon()
    file.write(b"2")
    file.sync_soon()  # still busy
    assert len(synced) <= 1
    is_done.set()
    file.close()
    assert len(synced) == 2  # the second at the end
    assert (tmp_path / "clip.ts").read_bytes() == b"12"
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sync-")]


def test_a_disk_that_fails_ends_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fdatasync", fail)
    file = OutputFile(tmp_path / "clip.ts")
    file.write(b"1")
    file.sync_soon()
    with pytest.raises(OSError, match="Input/output"):
        while True:
            file.write(b"2")
    with pytest.raises(OSError, match="Input/output"):
        file.close()


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EBADF])
def test_a_folder_that_cannot_be_synced_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fdatasync", refuse)
    monkeypatch.setattr(os, "fsync", refuse)
    file = OutputFile(tmp_path / "clip.ts")
    file.write(b"1")
    file.sync_soon()
    file.close()
    assert file.error is None


def test_a_system_without_another_thread_records_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    file = OutputFile(tmp_path / "clip.ts")
    file.write(b"1")
    file.sync_soon()
    file.close()
    assert (tmp_path / "clip.ts").read_bytes() == b"1"
