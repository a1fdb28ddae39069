"""`v380 recordings`: exit codes, documents, kills in the middle, a mirror."""

import datetime as dt
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import pytest

from tests.camera.card import ENTRIES, SMALL_CARD, list_units, simulate_card
from tests.cli import RunHere, make_environment
from tests.commands.recording_lab import add_to_list, make_device
from tests.readback import read_video
from tests.warm import V380, Process, run_process
from v380cli.models import Device
from v380cli.simulator.card import CardState, make_entry
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.wire.card.words import RecordingKind

DAY = ("--date", "2026-11-20", "--timezone", "Europe/Madrid")
PASSWORD = {"V380_PASSWORD": "secret1"}
POLL_S = 0.01
WAIT_S = 60.0


@dataclass(frozen=True)
class Card:
    """`v380 recordings` on a simulated camera."""

    camera: SimulatedCamera
    run: RunHere

    @property
    def target(self) -> tuple[str, ...]:
        return (
            f"{self.camera.host}:{self.camera.port}",
            "--id",
            str(self.camera.spec.device_id),
        )

    def __call__(self, command: str, *args: str) -> subprocess.CompletedProcess[str]:
        result = self.run("recordings", command, *self.target, *args, env=PASSWORD, timeout_s=60)
        assert "secret1" not in result.stdout + result.stderr
        return result

    def json(self, command: str, *args: str, code: int = 0) -> Any:
        result = self(command, *args, "--json")
        assert result.returncode == code, result.stderr
        return json.loads(result.stdout)


@pytest.fixture
def run(data_dir: Path) -> RunHere:
    return RunHere(data_dir)


@pytest.fixture
def card(run: RunHere) -> Iterator[Card]:
    with simulate_card() as camera:
        yield Card(camera, run)


class TestList:
    def test_the_document(self, card: Card) -> None:
        rows = card.json("list", *DAY)
        assert rows[0] == {
            "id": "20261120-080000-1",
            "device": str(card.camera.spec.device_id),
            "type": "normal",
            "start": "2026-11-20T08:00:00.000+01:00",
            "end": "2026-11-20T08:00:12.000+01:00",
            "duration_s": 12.0,
        }
        assert [row["type"] for row in rows] == ["normal", "motion", "alarm"]

    def test_plain_lines_for_a_pipe(self, card: Card) -> None:
        result = card("list", *DAY, "--type", "motion")
        assert result.stdout.split("\t")[0] == "20261120-080105-2"

    @pytest.mark.parametrize(
        ("since", "until", "numbers"),
        [
            ("2026-11-20T08:00:30", "2026-11-20T12:00", [2]),
            ("2026-11-19", "2026-11-20", [1, 2, 3]),
            ("2026-11-21", "2026-11-22", [3]),
            ("2026-11-22", "2026-11-23", []),
        ],
    )
    def test_ranges_over_days(self, card: Card, since: str, until: str, numbers: list[int]) -> None:
        rows = card.json("list", "--since", since, "--until", until)
        assert [int(row["id"].rpartition("-")[2]) for row in rows] == numbers

    @pytest.mark.parametrize(
        ("state", "code"), [(CardState.MISSING, "no_card"), (CardState.BROKEN, "card_error")]
    )
    def test_no_card_and_a_broken_one(self, run: RunHere, state: CardState, code: str) -> None:
        with simulate_card(replace(SMALL_CARD, state=state)) as camera:
            assert Card(camera, run).json("list", *DAY, code=7)["error"]["code"] == code

    def test_no_recordings(self, run: RunHere) -> None:
        with simulate_card(replace(SMALL_CARD, entries=())) as camera:
            assert Card(camera, run).json("list", *DAY) == []
            assert "no recordings" in Card(camera, run)("list", *DAY).stderr

    @pytest.mark.parametrize(
        "args",
        [
            ("--date", "someday"),
            ("--since", "soon"),
            ("--timezone", "Nowhere"),
            ("--date", "today", "--since", "2h"),
            ("--since", "2026-11-22", "--until", "2026-11-21"),
            ("--type", "other"),
        ],
    )
    def test_what_makes_no_sense_is_a_usage_error(self, card: Card, args: tuple[str, ...]) -> None:
        assert card("list", *args).returncode == 2


class TestDownload:
    def test_one_by_id(self, card: Card, tmp_path: Path) -> None:
        out = tmp_path / "out"
        id_ = card.json("list", *DAY)[1]["id"]
        zone = ("--timezone", "Europe/Madrid")
        (result,) = card.json("download", id_, "--output", str(out), *zone)
        path = out / f"{card.camera.spec.device_id}-20261120-080105-motion.mp4"
        assert result["files"][0]["path"] == str(path)
        assert read_video(path) == list_units(card.camera, ENTRIES[1])
        with av.open(path) as file:
            assert file.metadata["creation_time"] == "2026-11-20T07:01:05.000000Z"
        assert [p.name for p in out.iterdir()] == [path.name]
        (again,) = card.json("download", id_, "--output", str(out), *zone)
        assert again["status"] == "present"

    def test_all_of_a_day_into_a_template(self, card: Card, tmp_path: Path) -> None:
        template = str(tmp_path / "{date}" / "{type}.mkv")
        assert card("download", *DAY, "-o", template).returncode == 0
        names = sorted(path.name for path in (tmp_path / "20261120").iterdir())
        assert names == ["alarm.mkv", "motion.mkv", "normal.mkv"]

    def test_a_cut(self, card: Card, tmp_path: Path) -> None:
        cut = ("--from", "08:00:03", "--to", "08:00:07")
        (result,) = card.json("download", *DAY, *cut, "-o", str(tmp_path / "cut"))
        assert result["files"][0]["start"] == "2026-11-20T08:00:03.000+01:00"
        units = list_units(card.camera, ENTRIES[0])
        assert read_video(Path(result["files"][0]["path"])) == units[30:70]

    def test_an_id_that_is_not_there(self, card: Card, tmp_path: Path) -> None:
        result = card.json("download", "20261120-080000-77", "-o", str(tmp_path), code=2)
        assert "no recording 20261120-080000-77" in result["error"]["message"]

    def test_nothing_chosen_is_a_usage_error(self, card: Card) -> None:
        assert card("download").returncode == 2

    def test_no_space_is_told(self, card: Card, tmp_path: Path) -> None:
        result = card.json("download", *DAY, "-o", str(tmp_path), "--min-free", "900000T", code=9)
        assert "are free" in result["error"]["message"]
        assert not list(tmp_path.glob("*.mp4*"))

    def test_kills_and_interrupts_leave_no_seam(self, run: RunHere, tmp_path: Path) -> None:
        entry = make_entry(1, RecordingKind.NORMAL, dt.datetime(2026, 11, 20, 8), 90)
        chance = random.Random(380)
        out = tmp_path / "out"
        with simulate_card(replace(SMALL_CARD, entries=(entry,))) as camera:
            card = Card(camera, run)
            for number in range(8):
                wanted = signal.SIGKILL if number % 2 else signal.SIGINT
                code = interrupt(card, out, chance.randrange(50_000, 250_000), wanted)
                assert code == (-signal.SIGKILL if number % 2 else 130)
                assert not list(out.glob("*.mp4"))
            (result,) = card.json("download", *DAY, "-o", str(out))
            path = Path(result["files"][0]["path"])
            assert read_video(path) == list_units(camera, entry)
        assert [left.name for left in out.iterdir()] == [path.name]


def interrupt(card: Card, out: Path, grown_bytes: int, number: signal.Signals, *args: str) -> int:
    """Start a download, and end it once its spool has grown by so much."""
    command = [*V380, "recordings", "download", *card.target, *DAY, "-o", str(out), *args]
    environment = make_environment(card.run.data_dir, PASSWORD)
    before = measure_spool(out)
    with Process[bytes](command, env=environment, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + WAIT_S
        while measure_spool(out) < before + grown_bytes and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(POLL_S)  # nothing tells of a file that grows
        os.kill(process.pid, number)
        process.communicate(timeout=WAIT_S)
        return process.returncode


def measure_spool(out: Path) -> int:
    return sum(path.stat().st_size for path in out.rglob("*.download/frames"))


def test_several_cameras_are_mirrored_at_once(run: RunHere, tmp_path: Path) -> None:
    with simulate_card() as left, simulate_card() as right:
        for name, camera in (("left", left), ("right", right)):
            address = f"{camera.host}:{camera.port}"
            known = ["--id", str(camera.spec.device_id), "--address", address]
            assert run("devices", "add", name, *known, env=PASSWORD).returncode == 0
        output = ["--output", str(tmp_path / "mirror"), "--json"]
        done = run("recordings", "sync", "left", "right", *DAY, *output, env=PASSWORD)
        assert done.returncode == 0, done.stderr
        for name, camera in (("left", left), ("right", right)):
            files = sorted((tmp_path / "mirror" / name).rglob("*.mp4"))
            assert [read_video(file) for file in files] == [
                list_units(camera, entry) for entry in ENTRIES
            ]


class TestSync:
    def test_a_mirror_is_made_once_and_mended(self, card: Card, tmp_path: Path) -> None:
        mirror = tmp_path / "mirror"
        args = (*DAY, "--output", str(mirror))
        first = card("sync", *args)
        assert first.returncode == 0
        id_ = card.camera.spec.device_id
        folder = mirror / str(id_) / "20261120"
        names = sorted(path.name for path in folder.iterdir())
        assert names == [
            "20261120-080000-normal.mp4",
            "20261120-080105-motion.mp4",
            "20261120-235955-alarm.mp4",
        ]
        again = card("sync", *args)
        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
        (folder / names[0]).unlink()
        damaged = folder / names[1]
        data = bytearray(damaged.read_bytes())
        data[len(data) // 2] ^= 0xFF
        damaged.write_bytes(bytes(data))
        mended = card.json("sync", *args, "--verify")
        assert mended["damaged"] == [str(damaged)]
        assert [r["status"] for r in mended["recordings"]] == ["fetched", "fetched", "present"]
        assert read_video(damaged) == list_units(card.camera, ENTRIES[1])
        assert (folder / f"{names[1]}.damaged").exists()

    def test_what_was_pruned_is_not_fetched_again(self, card: Card, tmp_path: Path) -> None:
        args = (*DAY, "--output", str(tmp_path / "mirror"))
        files = [r["files"][0] for r in card.json("sync", *args)["recordings"]]
        keep = str(files[2]["size_bytes"])
        pruned = card.json("sync", *args, "--prune", "--keep-size", keep)["pruned"]
        assert pruned == [files[0]["path"], files[1]["path"]]
        again = card("sync", *args)
        assert (again.returncode, again.stdout) == (0, "")
        assert len(list((tmp_path / "mirror").rglob("*.mp4"))) == 1

    def test_what_is_too_old_goes_and_does_not_come_back(self, card: Card, tmp_path: Path) -> None:
        args = (*DAY, "--output", str(tmp_path / "mirror"))
        files = [r["files"][0]["path"] for r in card.json("sync", *args)["recordings"]]
        assert len(files) == 3
        pruned = card.json("sync", *args, "--prune", "--keep-days", "1")["pruned"]
        assert pruned == files
        again = card("sync", *args)
        assert (again.returncode, again.stdout) == (0, "")
        assert not list((tmp_path / "mirror").rglob("*.mp4"))

    def test_two_at_once_are_one_too_many(self, card: Card, tmp_path: Path) -> None:
        import fcntl

        with (tmp_path / ".v380-sync.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            result = card.json("sync", *DAY, "--output", str(tmp_path), code=9)
        assert result["error"]["code"] == "locked"

    def test_some_failed(self, run: RunHere, tmp_path: Path) -> None:
        with simulate_card(SMALL_CARD, "play-oversize*4") as camera:
            args = (*DAY, "--output", str(tmp_path / "mirror"))
            result = Card(camera, run)("sync", *args)
        assert result.returncode == 10
        assert "20261120-080000-1" in result.stderr
        assert len(list((tmp_path / "mirror").rglob("*.mp4"))) == 2

    def test_what_is_still_written_is_left_for_later(self, run: RunHere, tmp_path: Path) -> None:
        since = (dt.datetime.now() - dt.timedelta(seconds=60)).replace(microsecond=0)
        spec = replace(SMALL_CARD, entries=(), in_progress_since=since)
        with simulate_card(spec) as camera:
            result = Card(camera, run)("sync", "--since", "1h", "-o", str(tmp_path / "mirror"))
        assert (result.returncode, result.stdout) == (0, "")


def test_a_recording_that_has_grown_is_fetched_again(run: RunHere, tmp_path: Path) -> None:
    start = dt.datetime(2026, 11, 20, 8)
    args = (*DAY, "--output", str(tmp_path / "mirror"))
    for seconds in (6, 12):
        entry = make_entry(1, RecordingKind.NORMAL, start, seconds)
        with simulate_card(replace(SMALL_CARD, entries=(entry,))) as camera:
            assert Card(camera, run)("sync", *args).returncode == 0
            (path,) = (tmp_path / "mirror").rglob("*.mp4")
            assert read_video(path) == list_units(camera, entry)


@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_a_mirror_without_its_catalogue_is_known_by_its_files(
    card: Card, tmp_path: Path, container: str
) -> None:
    """It was lost, or the mirror was moved: nothing is fetched twice but what is not whole."""
    args = (*DAY, "--format", container, "--output")
    assert card("sync", *args, str(tmp_path / "old")).returncode == 0
    (tmp_path / "old").rename(tmp_path / "new")
    names = sorted(path.name for path in (tmp_path / "new").rglob(f"*.{container}"))
    cut_short, other = sorted((tmp_path / "new").rglob(f"*.{container}"))[:2]
    cut_short.write_bytes(cut_short.read_bytes()[:2000])
    before = other.stat().st_mtime_ns
    result = card.json("sync", *args, str(tmp_path / "new"))
    states = [recording["status"] for recording in result["recordings"]]
    assert states == ["fetched", "present", "present"]
    assert other.stat().st_mtime_ns == before
    there = sorted(path.name for path in (tmp_path / "new").rglob(f"*.{container}"))
    assert there == sorted([*names, f"{cut_short.stem}-2.{container}"])
    verified = card.json("sync", *args, str(tmp_path / "new"), "--verify")
    assert verified["damaged"] == []


class TestPlay:
    def test_standard_output_is_a_transport_stream(self, card: Card, tmp_path: Path) -> None:
        command = [*V380, "recordings", "play", card.target[0], "20261120-080000-1"]
        environment = make_environment(card.run.data_dir, PASSWORD)
        path = tmp_path / "played.ts"
        with path.open("wb") as file:
            words = [*card.target[1:], "--seek", "5s", "-o", "-"]
            assert run_process([*command, *words], env=environment, stdout=file).returncode == 0
        assert read_video(path) == list_units(card.camera, ENTRIES[0])[50:]

    def test_legacy_pictures_have_their_own_pace(self, run: RunHere) -> None:
        with simulate_card(variant="legacy") as camera:
            card = Card(camera, run)
            path = run.data_dir.with_name("played.ts")
            card("play", "20261120-080000-1", "--player", f"sh -c 'exec cat > {path}'")
        with av.open(path) as file:
            times = [float(p.pts * p.time_base) for p in file.demux(video=0) if p.pts is not None]
        assert max(times) - min(times) == pytest.approx(11.9, abs=0.1)

    def test_a_reader_that_leaves_is_no_failure(self, card: Card) -> None:
        command = [*V380, "recordings", "play", card.target[0], "20261120-080000-1"]
        with Process[bytes](
            [*command, *card.target[1:]],
            env=make_environment(card.run.data_dir, PASSWORD),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdout
            assert process.stderr
            assert process.stdout.read(188)[:1] == b"G"
            process.stdout.close()
            assert process.wait(WAIT_S) == 0
            assert process.stderr.read() == b""

    def test_a_player_reads_it_to_the_end(self, card: Card, tmp_path: Path) -> None:
        path = tmp_path / "shown.ts"
        player = f"sh -c 'exec cat > {path}'"
        result = card("play", "20261120-080000-1", "--player", player)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
        assert read_video(path) == list_units(card.camera, ENTRIES[0])

    def test_a_player_that_is_closed_is_no_failure(self, card: Card) -> None:
        result = card("play", "20261120-080000-1", "--player", "head -c 0")
        assert (result.returncode, result.stderr) == (0, "")

    def test_a_player_that_is_not_there(self, card: Card) -> None:
        result = card("play", "20261120-080000-1", "--player", "no-such-player")
        assert result.returncode == 2
        assert "cannot run no-such-player" in result.stderr

    def test_one_place_to_play_at(self, card: Card) -> None:
        result = card("play", "20261120-080000-1", "--player", "cat", "-o", "-")
        assert result.returncode == 2


def test_a_camera_that_is_off_does_not_hide_the_others(card: Card, data_dir: Path) -> None:
    add_to_list(make_device(card.camera, "porch"))
    add_to_list(Device(name="gone", device_id=12, host="127.0.0.99"))
    done = card.run("recordings", "list", "--all", *DAY, "--json", env=PASSWORD)
    *found, failed = json.loads(done.stdout)
    assert (done.returncode, {row["device"] for row in found}) == (10, {"porch"})
    assert (failed["device"], failed["error"]["code"]) == ("gone", "network")
