"""The same command goes on, wherever it was ended; what is not ours is left as it is."""

import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.camera.card import ENTRIES, SMALL_CARD, list_units, simulate_card
from tests.cli import RunHere
from tests.commands.test_recordings import DAY, Card, interrupt
from tests.readback import read_video
from v380cli import disk
from v380cli.errors import V380Error
from v380cli.store.spool import SpoolInUse
from v380cli.work.card.fetching import FetchJob

CUT = ("--from", "08:00:03", "--to", "2026-11-21T00:00:01")
NAMES = ["080003-normal", "080105-motion", "235955-alarm"]


class Killed(BaseException):
    """The thread of the camera ends here, as the whole process does at a kill."""


@pytest.fixture
def run(data_dir: Path) -> RunHere:
    return RunHere(data_dir)


@pytest.fixture
def card(run: RunHere) -> Iterator[Card]:
    with simulate_card() as camera:
        yield Card(camera, run)


def download(card: Card, out: Path, *args: str, code: int = 0) -> Any:
    return card.json("download", *DAY, *args, "-o", str(out), code=code)


def list_names(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir())


def check_files(card: Card, out: Path, names: list[str], *, is_cut: bool) -> None:
    id_ = card.camera.spec.device_id
    assert list_names(out) == [f"{id_}-20261120-{name}.mp4" for name in names]
    for path, entry in zip(sorted(out.iterdir()), ENTRIES, strict=True):
        units = list_units(card.camera, entry)
        first = 30 if is_cut and entry is ENTRIES[0] else 0
        last = 60 if is_cut and entry is ENTRIES[2] else len(units)
        assert read_video(path) == units[first:last]


class TestGoingOn:
    def test_a_range_is_not_fetched_again(self, card: Card, tmp_path: Path) -> None:
        out = tmp_path / "out"
        first = download(card, out, *CUT)
        assert [one["status"] for one in first] == ["fetched"] * 3
        again = download(card, out, *CUT)
        assert [one["status"] for one in again] == ["present"] * 3
        assert [one["files"] for one in again] == [one["files"] for one in first]
        check_files(card, out, NAMES, is_cut=True)

    def test_two_at_once_fetch_a_recording_once(
        self, card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        filling = FetchJob._fill
        errors: list[V380Error | None] = []

        def fill(self: FetchJob, *args: Any) -> Any:
            monkeypatch.setattr(FetchJob, "_fill", filling)
            errors.append(FetchJob(self.device, self._selection, self._plan).run().error)
            return filling(self, *args)

        monkeypatch.setattr(FetchJob, "_fill", fill)
        download(card, tmp_path / "out", *CUT)
        assert [type(error) for error in errors] == [SpoolInUse]
        check_files(card, tmp_path / "out", NAMES, is_cut=True)

    def test_what_a_range_has_whole_is_whole(self, card: Card, tmp_path: Path) -> None:
        download(card, tmp_path / "out", *CUT)
        states = [one["status"] for one in download(card, tmp_path / "out")]
        assert states == ["fetched", "present", "fetched"]

    def test_a_range_does_not_take_what_only_touches_it(self, card: Card, tmp_path: Path) -> None:
        cut = ("--from", "08:00:12", "--to", "08:01:05")
        assert download(card, tmp_path / "out", *cut) == []

    @pytest.mark.parametrize("args", [(), CUT, ("-o", "{}/{{date}}/{{type}}.ts")])
    def test_kills_and_interrupts(self, card: Card, tmp_path: Path, args: tuple[str, ...]) -> None:
        out = tmp_path / "out"
        args = tuple(arg.format(out) for arg in args)
        for number in (signal.SIGKILL, signal.SIGINT, signal.SIGKILL):
            interrupt(card, out, 30_000, number, *args)
        done = card.json("download", *DAY, "-o", str(out), *args)
        assert {one["status"] for one in done} <= {"fetched", "present"}
        files = [path for path in out.rglob("*") if path.is_file()]
        assert len(files) == 3
        assert not any(path.stem.endswith("-2") for path in files)
        assert not list(out.rglob("*.download"))

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
    @pytest.mark.parametrize("args", [(), CUT, ("--format", "ts")])
    @pytest.mark.parametrize("moment", ["before the name", "after the name"])
    def test_a_kill_beside_the_naming(
        self,
        card: Card,
        tmp_path: Path,
        moment: str,
        args: tuple[str, ...],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        out, name = tmp_path / "out", disk.give_name

        def give_name_and_die(part: Path, path: Path) -> None:
            if moment == "after the name":
                name(part, path)
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(disk, "give_name", give_name_and_die)
            card("download", *DAY, *args, "-o", str(out))
        assert list(out.glob("*.download"))
        download(card, out, *args)
        assert len(list_names(out)) == 3
        assert not any("-2." in left or left.endswith(".download") for left in list_names(out))


class TestStrangers:
    @pytest.mark.parametrize("command", ["download", "sync"])
    def test_a_planted_link_is_not_followed(self, card: Card, tmp_path: Path, command: str) -> None:
        treasure, out = tmp_path / "treasure", tmp_path / "out"
        treasure.mkdir()
        out.mkdir()
        (treasure / "frames").write_text("precious")
        (treasure / "other").write_text("precious")
        template = ("--template", "{start}-{type}") if command == "sync" else ()
        prefix = "" if command == "sync" else f"{card.camera.spec.device_id}-"
        names = [f"{prefix}20261120-{name}" for name in ("080000-normal", *NAMES[1:])]
        for name in names:
            (out / f"{name}.mp4.download").symlink_to(treasure)
        (out / f"{names[0]}.mp4").symlink_to(tmp_path / "nowhere")
        result = card(command, *DAY, *template, "-o", str(out))
        assert result.returncode == 0, result.stderr
        for name in ("frames", "other"):
            assert (treasure / name).read_text() == "precious"
        assert len(list(treasure.iterdir())) == 2
        assert not (tmp_path / "nowhere").exists()
        assert read_video(out / f"{names[0]}-2.mp4") == list_units(card.camera, ENTRIES[0])
        assert read_video(out / f"{names[1]}.mp4") == list_units(card.camera, ENTRIES[1])
        assert (out / f"{names[1]}.mp4.download").is_symlink()

    def test_a_planted_lock_is_not_followed(self, card: Card, tmp_path: Path) -> None:
        (tmp_path / ".v380-sync.lock").symlink_to(tmp_path / "elsewhere")
        assert card("sync", *DAY, "-o", str(tmp_path)).returncode == 9
        assert not (tmp_path / "elsewhere").exists()

    def test_what_is_fetched_is_private_until_it_is_whole(self, card: Card, tmp_path: Path) -> None:
        out = tmp_path / "out"
        interrupt(card, out, 30_000, signal.SIGKILL)
        (folder,) = out.glob("*.download")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (folder / "frames").stat().st_mode & 0o777 == 0o600
        (folder / "notes of the user").write_text("mine")
        download(card, out)
        assert (folder / "notes of the user").read_text() == "mine"
        assert list_names(folder) == ["notes of the user"]


class TestNothing:
    """A recording of nothing is no success."""

    @pytest.fixture
    def empty(self, run: RunHere) -> Iterator[Card]:
        card = replace(SMALL_CARD, entries=ENTRIES[:1])
        with simulate_card(card, "play-empty") as camera:
            yield Card(camera, run)

    def test_download(self, empty: Card, tmp_path: Path) -> None:
        (result,) = download(empty, tmp_path / "out", code=6)
        assert (result["status"], result["files"]) == ("failed", [])
        assert result["error"]["code"] == "empty_recording"
        assert list_names(tmp_path / "out") == []

    def test_sync(self, empty: Card, tmp_path: Path) -> None:
        result = empty("sync", *DAY, "-o", str(tmp_path / "mirror"))
        assert result.returncode == 6
        assert "before its first frame" in result.stderr

    def test_play(self, empty: Card) -> None:
        result = empty("play", "20261120-080000-1", "--player", "cat")
        assert result.returncode == 6
        assert "before its first frame" in result.stderr

    def test_only_sound(self, card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from v380cli.camera import remux

        monkeypatch.setattr(remux, "VIDEO_TYPES", frozenset())
        results = download(card, tmp_path / "out", code=8)
        assert {one["error"]["code"] for one in results} == {"media"}
        assert list_names(tmp_path / "out") == []
        result = card("play", "20261120-080000-1", "--player", "cat")
        assert (result.returncode, "no picture" in result.stderr) == (8, True)

    def test_records_that_are_marked_with_0_are_no_nothing(
        self, run: RunHere, tmp_path: Path
    ) -> None:
        with simulate_card(replace(SMALL_CARD, echoes_notes=False)) as camera:
            card = Card(camera, run)
            download(card, tmp_path / "out")
            check_files(card, tmp_path / "out", ["080000-normal", *NAMES[1:]], is_cut=False)


class TestDates:
    @pytest.mark.parametrize(
        "args",
        [
            ("list", "--date", "0001-01-01"),
            ("list", "--since", "9999-12-31"),
            ("list", "--since", "999999999d"),
            ("download", "99991231-000000-1"),
            ("sync", "-o", "x", "--prune", "--keep-days", "99999999999"),
        ],
    )
    def test_days_without_recordings(self, card: Card, args: tuple[str, ...]) -> None:
        assert card(*args).returncode == 2
