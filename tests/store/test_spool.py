"""The spool keeps whole frames through everything, and is one recording's alone."""

import random
import resource
from pathlib import Path

import pytest

from v380cli.errors import StorageError
from v380cli.store.spool import FrameHead, Spool, SpoolInUse, SpoolTaken
from v380cli.wire.card.words import CardFrame

FRAMES = [
    CardFrame(number, 0 if number % 10 == 0 else 1, number * 66, bytes([number]) * (50 + number))
    for number in range(35)
]


def fill(path: Path, frames: list[CardFrame] = FRAMES, name: str = "mine") -> None:
    spool = Spool(path, name)
    for frame in frames:
        spool.append(frame)
    spool.close()


def test_frames_come_back_in_order(tmp_path: Path) -> None:
    fill(tmp_path / "frames")
    spool = Spool(tmp_path / "frames", "mine")
    assert list(spool.read_frames()) == FRAMES
    assert [head.size for head in spool.list_heads()] == [len(f.payload) for f in FRAMES]
    assert not spool.is_complete
    spool.close()


def test_frames_without_times_stay_without(tmp_path: Path) -> None:
    frames = [frame._replace(timestamp_ms=None) for frame in FRAMES]
    fill(tmp_path / "frames", frames)
    spool = Spool(tmp_path / "frames", "mine")
    assert list(spool.read_frames()) == frames
    spool.close()


def test_any_cut_or_garbled_end_leaves_whole_frames(tmp_path: Path) -> None:
    fill(tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    chance = random.Random(380)
    for number in range(60):
        size = chance.randrange(40, len(whole))
        tail = bytes(chance.randrange(256) for _ in range(chance.choice([0, 5, 300])))
        path = tmp_path / f"cut{number}"
        path.write_bytes(whole[:size] + tail)
        spool = Spool(path, "mine")
        frames = list(spool.read_frames())
        assert frames == FRAMES[: len(frames)]
        spool.append(FRAMES[len(frames)])
        assert list(spool.read_frames()) == FRAMES[: len(frames) + 1]
        spool.close()


def test_it_is_cut_at_its_last_keyframe(tmp_path: Path) -> None:
    fill(tmp_path / "frames")
    spool = Spool(tmp_path / "frames", "mine")
    assert spool.cut_at_keyframe() == FrameHead.of(FRAMES[30])
    assert list(spool.read_frames()) == FRAMES[:30]
    spool.close()


def test_without_a_keyframe_it_begins_anew(tmp_path: Path) -> None:
    fill(tmp_path / "frames", FRAMES[1:5])
    spool = Spool(tmp_path / "frames", "mine")
    assert spool.cut_at_keyframe() is None
    assert spool.is_empty
    spool.close()


def test_what_is_complete_stays_so(tmp_path: Path) -> None:
    fill(tmp_path / "frames")
    spool = Spool(tmp_path / "frames", "mine")
    spool.finish(25)
    spool.close()
    spool = Spool(tmp_path / "frames", "mine")
    assert (spool.is_complete, spool.fps) == (True, 25)
    assert list(spool.read_frames()) == FRAMES
    spool.close()


def test_another_recordings_spool_is_left_alone(tmp_path: Path) -> None:
    fill(tmp_path / "frames")
    before = (tmp_path / "frames").read_bytes()
    with pytest.raises(SpoolTaken, match="another recording"):
        Spool(tmp_path / "frames", "yours")
    assert (tmp_path / "frames").read_bytes() == before


def test_one_at_a_time(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "frames", "mine")
    with pytest.raises(SpoolInUse, match="another v380"):
        Spool(tmp_path / "frames", "mine")
    with pytest.raises(SpoolTaken):
        Spool(tmp_path / "frames", "yours")
    spool.close()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        Spool(tmp_path / "file" / "frames", "mine")


def test_what_does_not_reach_the_disk_is_told(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "frames", "mine")
    limit, hard_limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    spool.append(FRAMES[0])
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, hard_limit))
    try:
        with pytest.raises(StorageError, match="cannot write"):
            spool.flush()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard_limit))
    spool.close()


def test_a_head_knows_its_frame() -> None:
    frame = FRAMES[0]
    head = FrameHead.of(frame)
    assert head.matches(frame._replace(frame_id=99))
    assert not head.matches(frame._replace(timestamp_ms=1))
    assert not head.matches(frame._replace(payload=b"x" * len(frame.payload)))
    counted = frame._replace(timestamp_ms=None)
    assert not FrameHead.of(counted).matches(counted._replace(frame_id=99))
