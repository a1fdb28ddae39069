"""`v380 capture explain`: what is printed, what is left out, and how it fails."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli import RunHere, RunV380, make_environment
from tests.explain.test_conversation import LOGIN, LOGIN_REPLY, TICKET, make_stream, open_live
from tests.explain.wirelab import Wire, write_capture
from tests.measured_run import run_measured
from tests.warm import COLD_V380

MAX_KIB = 300 << 10
LATER = 1 << 24  # in the numbers of another connection between the same ends
SECRETS = ("12345678", "admin", "192.168.1.50", "192.168.1.20", str(TICKET), "nvdvr")


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    file = tmp_path / "camera.pcapng"
    login = Wire().open().ask(LOGIN.encode()).answer(LOGIN_REPLY.encode()).close()
    live = [
        replace(
            segment, sequence=segment.sequence + LATER, acknowledged=segment.acknowledged + LATER
        )
        for segment in open_live(make_stream()).close().segments
    ]
    file.write_bytes(write_capture([*login.segments, *live]))
    return file


def test_a_list_of_documents(run_here: RunHere, capture: Path) -> None:
    done = run_here("capture", "explain", str(capture), "--json")
    assert done.returncode == 0, done.stderr
    first, *_ = told = json.loads(done.stdout)
    assert [each["opcode"] for each in told] == [1167, 1168, 301, 401, 303, None]
    assert set(first) >= {"time", "from", "to", "direction", "message", "opcode", "fields"}
    assert (first["bytes"], first["unknown"]) == (520, [])
    assert first["time"].startswith("2001-09-09T00:00:00")
    lines = run_here("capture", "explain", str(capture), "--jsonl").stdout.splitlines()
    assert [json.loads(line) for line in lines] == told


@pytest.mark.parametrize("option", ["--json", "--jsonl", "--fields", ""])
def test_nothing_of_a_persons_is_shown(run_here: RunHere, capture: Path, option: str) -> None:
    shown = run_here("capture", "explain", str(capture), *filter(None, [option]))
    assert shown.returncode == 0, shown.stderr
    assert [secret for secret in SECRETS if secret in shown.stdout + shown.stderr] == []
    assert "id-1" in shown.stdout


def test_raw_asks_and_shows_all(run_here: RunHere, capture: Path) -> None:
    asked = run_here("capture", "explain", str(capture), "--raw")
    assert (asked.returncode, asked.stdout) == (2, "")
    shown = run_here("capture", "explain", str(capture), "--raw", "--yes", "--fields")
    assert [secret for secret in SECRETS if secret not in shown.stdout] == []


def test_standard_input_is_read(run_v380: RunV380, capture: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "text"
    nothing.write_text("no packets")
    done = run_v380("capture", "explain", "-", stdin="no packets", timeout_s=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "not a capture file" in done.stderr


def test_a_file_that_is_none_ends_in_a_sentence(run_here: RunHere, tmp_path: Path) -> None:
    done = run_here("capture", "explain", str(tmp_path / "nowhere.pcap"), "--json")
    assert done.returncode == 9
    assert json.loads(done.stdout)["error"]["code"] == "storage"


def test_a_cut_file_is_explained_as_far_as_it_goes(run_here: RunHere, capture: Path) -> None:
    capture.write_bytes(capture.read_bytes()[:-5])
    done = run_here("capture", "explain", str(capture))
    assert done.returncode == 0
    assert "1167" in done.stdout
    assert "ends in the middle of a packet" in done.stderr


def test_a_capture_that_began_late_says_so(run_here: RunHere, tmp_path: Path) -> None:
    late = tmp_path / "late.pcapng"
    late.write_bytes(write_capture(open_live(make_stream(60)).segments[10:]))
    done = run_here("capture", "explain", str(late))
    assert "1 connections had begun before the capture" in done.stderr


def test_a_terminal_sees_a_bar_and_memory_is_bounded(data_dir: Path, tmp_path: Path) -> None:
    """What is explained goes elsewhere; the capture is larger than what is held of it."""
    large, told = tmp_path / "large.pcapng", tmp_path / "told"
    large.write_bytes(write_capture(open_live(make_stream(3000)).segments))
    command = [*COLD_V380, "capture", "explain", str(large)]
    done = run_measured(command, make_environment(data_dir, {"TERM": "xterm"}), told)
    assert done.code == 0
    assert b"explained" in done.screen
    assert b"MB" in done.screen
    assert b"live stream" in told.read_bytes()
    assert done.usage.ru_maxrss < MAX_KIB
