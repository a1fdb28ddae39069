"""`v380 demo`: the README's first command."""

import json
import signal
from pathlib import Path

import pytest

from tests.cli import RunV380
from tests.commands.recording_lab import TIMEOUT_S, start_v380, wait_until
from tests.readback import count_pictures
from v380cli.sinks.probe import probe_file


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_records_and_says_what_is_in_the_file(run_v380: RunV380, folder: Path) -> None:
    (folder / "v380-demo.mp4").write_text("mine")
    done = run_v380("demo", "--duration", "1s")
    info = probe_file(folder / "v380-demo-2.mp4")
    assert done.returncode == 0
    assert done.stdout.startswith("v380-demo-2.mp4\t0:01.0\t")
    assert "found camera 12345678" in done.stderr
    assert f"h264 1280x720 ({info.video_packets} frames), aac 8000 Hz" in done.stderr
    assert (info.width, info.height, info.audio_codec) == (1280, 720, "aac")
    assert (folder / "v380-demo.mp4").read_text() == "mine"


def test_a_script_gets_the_document_of_record(run_v380: RunV380) -> None:
    done = run_v380("demo", "--duration", "1", "-o", "clip.mkv", "--json")
    (document,) = json.loads(done.stdout)
    (file,) = document["files"]
    assert (done.returncode, done.stderr) == (0, "")
    assert (document["device"], file["path"]) == ("12345678", "clip.mkv")
    assert probe_file(Path("clip.mkv")).audio_codec == "pcm_s16le"


def test_a_folder_that_cannot_be_written_is_exit_9(run_v380: RunV380, folder: Path) -> None:
    (folder / "file").touch()
    done = run_v380("demo", "--duration", "1", "-o", "file/clip.mp4", "--json")
    assert (done.returncode, done.stderr) == (9, "")
    assert json.loads(done.stdout)["error"]["code"] == "storage"


def test_ctrl_c_closes_the_file(data_dir: Path, folder: Path) -> None:
    with start_v380(data_dir, "demo") as process:
        wait_until((folder / "v380-demo.mp4.part").exists)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 130
    assert out.startswith("v380-demo.mp4\t")
    assert count_pictures(folder / "v380-demo.mp4") > 0


def test_ctrl_c_before_anything_is_recorded(data_dir: Path, folder: Path) -> None:
    with start_v380(data_dir, "demo") as process:
        assert process.stderr
        assert process.stderr.readline().startswith("starting")
        process.send_signal(signal.SIGINT)
        out, talk = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in talk
    assert list(folder.glob("v380-demo*")) == []
