"""Recorded files are noted, handed to the user's command once each, and finished after a kill."""

import contextlib
import datetime as dt
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.media_samples import FPS, make_video
from tests.sinks.test_contract import write_all
from v380cli.errors import StorageError
from v380cli.media.sink import Codec, Formats
from v380cli.models import Device, RecordedFile
from v380cli.sinks.container import ContainerSink
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.naming import part_path
from v380cli.sinks.segmented import SegmentedSink
from v380cli.store.footage import FileState, Footage, open_footage
from v380cli.work.aftercare import Aftercare, CarePlan
from v380cli.work.hooks import Hook
from v380cli.work.retention import Retention

CAMERA = Device(name="porch", device_id=12345678)
START = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
VIDEO = make_video(Codec.H264)
FRAMES = 3 * FPS


def hear_nothing(_device: Device, _file: RecordedFile) -> None:
    pass


class Place:
    """A folder of recordings, what the hook wrote, and what a person was told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "video"
        self.folder.mkdir()
        self.calls = folder / "calls"
        self.command = f"sh -c 'cat >>{self.calls}; echo >>{self.calls}'"
        self.told: list[str] = []

    def open(self, command: str = "", tell: Callable[[str], None] | None = None) -> Aftercare:
        hook = Hook(command or self.command)
        plan = CarePlan(output=str(self.folder), retention=Retention(), hook=hook)
        return Aftercare(plan, tell or self.told.append)

    def record(self, aftercare: Aftercare, name: str) -> None:
        path = self.folder / name
        sink = SegmentedSink(
            lambda _: path,
            ContainerFormat.MP4,
            lambda: START,
            listener=aftercare.watch(CAMERA, hear_nothing),
        )
        write_all(sink, Formats(VIDEO.format), VIDEO.packets(FRAMES))
        sink.close()

    def leave(self, name: str, *, is_named: bool) -> None:
        """A file as a kill leaves it: noted as begun, with its name or without."""
        path = self.folder / name
        sink = ContainerSink(path if is_named else part_path(path), ContainerFormat.MP4)
        write_all(sink, Formats(VIDEO.format), VIDEO.packets(FRAMES))
        sink.close()
        self.note_begun(path)

    def note_begun(self, path: Path, state: FileState = FileState.WRITING) -> None:
        with open_footage() as files:
            files.begin(
                Footage(
                    path=path,
                    output=str(self.folder),
                    camera="12345678",
                    label="porch",
                    device_id=12345678,
                    start=START,
                    state=state,
                )
            )

    def list_called(self) -> list[str]:
        """The names of the files that the hook was called for."""
        return [Path(call["path"]).name for call in self.read_calls()]

    def read_calls(self) -> list[dict[str, Any]]:
        """What the hook was told each time."""
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        return [json.loads(line) for line in lines if line]

    def list_states(self) -> dict[str, FileState]:
        with open_footage() as files:
            return {file.path.name: file.state for file in files.list_files(str(self.folder))}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_each_file_is_handed_on_once(place: Place) -> None:
    with place.open() as aftercare:
        place.record(aftercare, "a.mp4")
        place.record(aftercare, "b.mp4")
    with place.open():
        pass
    assert place.list_called() == ["a.mp4", "b.mp4"]
    assert set(place.list_states().values()) == {FileState.HANDED_ON}
    assert place.told == []


def test_what_a_kill_left_is_finished_and_handed_on(place: Place) -> None:
    place.leave("cut.mp4", is_named=False)
    place.leave("named.mp4", is_named=True)
    place.note_begun(place.folder / "gone.mp4")
    for _ in range(2):
        with place.open():
            pass
    assert sorted(path.name for path in place.folder.iterdir()) == ["cut.mp4", "named.mp4"]
    assert sorted(place.list_called()) == ["cut.mp4", "named.mp4"]
    assert sorted(place.list_states()) == ["cut.mp4", "named.mp4"]
    assert len(place.told) == 2


def test_what_has_no_picture_is_told_once_and_stays(place: Place) -> None:
    path = place.folder / "bad.mp4"
    part_path(path).write_bytes(b"nothing")
    place.note_begun(path)
    for _ in range(2):
        with place.open():
            pass
    assert part_path(path).exists()
    assert len(place.told) == 1
    assert place.list_called() == []


def test_a_file_that_came_to_nothing_is_forgotten(place: Place) -> None:
    path = place.folder / "empty.mp4"
    with place.open() as aftercare:
        listener = aftercare.watch(CAMERA, hear_nothing)
        listener.begin(path, START)
        listener.forget(path)
    assert place.list_states() == {}


def test_files_of_a_disk_that_is_away_are_taken_up_later(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.leave("cut.mp4", is_named=False)
    place.leave("waiting.mp4", is_named=True)
    place.note_begun(place.folder / "waiting.mp4", FileState.HANDING_ON)
    mounted = place.folder.rename(place.folder.with_name("unmounted"))
    with monkeypatch.context() as patch:
        patch.setattr("v380cli.store.footage.find_disk", lambda _: 1 << 40)
        with place.open():
            pass
    mounted.rename(place.folder)
    assert place.told == []
    assert place.list_called() == []
    with place.open():
        pass
    assert sorted(place.list_called()) == ["cut.mp4", "waiting.mp4"]


def test_what_the_disk_does_not_let_finish_is_tried_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_part: Path) -> None:
        raise StorageError("the disk is full")

    place.leave("cut.mp4", is_named=False)
    with monkeypatch.context() as patch:
        patch.setattr("v380cli.work.aftercare.recover", refuse)
        with place.open():
            pass
    assert place.told == ["the disk is full"]
    with place.open():
        pass
    assert place.list_called() == ["cut.mp4"]


def test_a_hook_that_fails_is_told_and_stops_nothing(place: Place) -> None:
    with place.open("false") as aftercare:
        place.record(aftercare, "a.mp4")
    assert "failed with exit code 1" in place.told[0]
    assert place.list_states() == {"a.mp4": FileState.HANDED_ON}


def test_files_are_cared_for_when_nobody_can_be_told(place: Place) -> None:
    for name in ("a.mp4", "b.mp4"):
        part_path(place.folder / name).write_bytes(b"nothing")
        place.note_begun(place.folder / name)
    with place.open("false", tell=refuse_to_hear) as aftercare:
        place.record(aftercare, "c.mp4")
    assert place.list_states() == {"c.mp4": FileState.HANDED_ON}


def refuse_to_hear(_sentence: str) -> None:
    raise BrokenPipeError


@pytest.mark.parametrize(
    ("step", "when", "retries"),
    [
        ("finish", "before", [0]),
        ("finish", "after", [0]),
        ("handing-on", "after", [1]),
        ("hook", "amid", [0, 1]),
        ("handed-on", "before", [0, 1]),  # whether it had come to its end, nobody knows
        ("handed-on", "after", [0]),
    ],
)
def test_a_kill_costs_no_call(place: Place, step: str, when: str, retries: list[int]) -> None:
    """And there is a second one only where the kill came while the hook ran, which is told so."""
    sink = ContainerSink(place.folder / "a.mp4", ContainerFormat.MP4)
    write_all(sink, Formats(VIDEO.format), VIDEO.packets(FRAMES))
    sink.close()
    recorder = [sys.executable, str(Path(__file__).with_name("killed_recorder.py"))]
    if step == "hook":
        deadly = '[ "$V380_RETRY" = 1 ] || kill -9 $PPID'
        place.command = f"sh -c 'cat >>{place.calls}; echo >>{place.calls}; {deadly}'"
    done = subprocess.run([*recorder, step, when, str(place.folder), place.command], check=False)
    assert done.returncode == -signal.SIGKILL
    for _ in range(2):
        with place.open():
            pass
    assert [call["retry"] for call in place.read_calls()] == retries
    assert place.list_states() == {"a.mp4": FileState.HANDED_ON}


def test_what_the_hook_took_away_before_a_kill_was_handed_on(place: Place) -> None:
    place.note_begun(place.folder / "a.mp4", FileState.HANDING_ON)
    with place.open():
        pass
    assert place.list_called() == []
    assert place.list_states() == {"a.mp4": FileState.HANDED_ON}


def test_what_another_process_hands_on_is_left_to_it(place: Place) -> None:
    path = place.folder / "a.mp4"
    path.touch()
    place.note_begun(path, FileState.HANDING_ON)
    with hold_claim(path), place.open():
        pass
    assert place.list_called() == []
    with place.open():
        pass
    assert place.list_called() == ["a.mp4"]


@contextlib.contextmanager
def hold_claim(path: Path) -> Iterator[None]:
    """Another process is at work on it."""
    script = (
        "import sys; from pathlib import Path; from v380cli.store.claims import claim\n"
        "with claim(Path(sys.argv[1])) as is_ours: print(is_ours, flush=True); input()"
    )
    command = [sys.executable, "-c", script, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "True\n"
        yield
        process.communicate("\n")


def test_a_list_that_cannot_be_kept_is_told_once(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "blocked").touch()
    monkeypatch.setenv("V380_DATA_DIR", str(tmp_path / "blocked"))
    with place.open() as aftercare:
        place.record(aftercare, "a.mp4")
        place.record(aftercare, "b.mp4")
    assert len(set(place.told)) == len(place.told) >= 1
    assert (place.folder / "b.mp4").exists()
