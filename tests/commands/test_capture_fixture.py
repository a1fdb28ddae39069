"""`v380 capture fixture` and `simulate --replay`: a camera becomes a file, and a camera again."""

import json
import signal
from pathlib import Path

from tests.cli import RunHere
from tests.commands.recording_lab import PASSWORD, address_args, open_camera, start_v380
from tests.shapes import read_line
from tests.test_redaction import list_spellings

ENV = {"V380_PASSWORD": PASSWORD}


def test_a_recorded_camera_is_played_and_recorded_from(
    run_here: RunHere, data_dir: Path, tmp_path: Path
) -> None:
    capture, fixture = tmp_path / "visit.pcapng", tmp_path / "camera.json"
    with open_camera() as camera:
        args = ("--tap", "--duration", "1", "-o", str(capture), *address_args(camera))
        assert run_here("capture", "record", *args, env=ENV).returncode == 0
    words = ("--model", "simulated", "--source", "a test", "--port", str(camera.port))
    done = run_here("capture", "fixture", str(capture), "-o", str(fixture), *words)
    assert done.returncode == 0, done.stderr
    data = fixture.read_bytes()
    for secret in ("87654321", PASSWORD, "admin"):
        assert [s for s in list_spellings(secret) if s in data or s.hex().encode() in data] == []
    versions = {"device_version": 31, "firmware": "simulated_1.4.2"}
    assert json.loads(data)["camera"] == {"model": "simulated", "source": "a test", **versions}
    replay = ("simulate", "--replay", str(fixture), "--port", "0", "--json")
    with start_v380(data_dir, *replay) as process:
        assert process.stdout
        (told,) = read_line(process.stdout.readline(), "simulate")
        target = (f"127.0.0.1:{told['port']}", "--id", str(told["id"]))
        info = run_here("info", *target, "--json", env={"V380_PASSWORD": "any"})
        video = tmp_path / "video.mp4"
        length = ("--duration", "2", "-o", str(video))
        record = run_here("record", *target, *length, "--json", env={"V380_PASSWORD": "any"})
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert info.returncode == 0, info.stderr
    (document,) = json.loads(info.stdout)
    assert document["versions"]["app"] == "simulated_1.4.2"
    assert document["hd_stream"]["codec"] == "h264"
    assert record.returncode == 0, record.stderr
    (result,) = json.loads(record.stdout)
    assert result["dropped_frames"] == 0
    assert result["files"][0]["codec"] == "h264"


def test_a_capture_of_no_camera_makes_no_fixture(run_here: RunHere, tmp_path: Path) -> None:
    capture, fixture = tmp_path / "empty.pcap", tmp_path / "camera.json"
    capture.write_bytes(bytes.fromhex("d4c3b2a1020004000000000000000000000004000100 0000"))
    done = run_here("capture", "fixture", str(capture), "-o", str(fixture))
    assert done.returncode == 2
    assert not fixture.exists()


def test_what_is_no_fixture_is_not_played(run_here: RunHere, tmp_path: Path) -> None:
    fixture = tmp_path / "camera.json"
    fixture.write_text("[]")
    done = run_here("simulate", "--replay", str(fixture), "--port", "0")
    assert (done.returncode, done.stdout) == (2, "")
