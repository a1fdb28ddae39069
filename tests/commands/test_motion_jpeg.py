"""A camera that sends Motion JPEG: recorded as sent, in snapshots, else refused by its number."""

from collections.abc import Callable
from pathlib import Path

import av
import pytest

from tests.commands.conftest import Done
from tests.commands.recording_lab import PASSWORD, SMALL, address_args, open_camera
from v380cli.media.sink import Codec
from v380cli.wire.commands import FrameType

V380 = Callable[..., Done]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("V380_PASSWORD", PASSWORD)
    return tmp_path


@pytest.mark.parametrize("container", ["mp4", "mkv"])
@pytest.mark.parametrize("device_version", [20, 31], ids=["clear", "encrypted"])
def test_what_the_camera_sent_is_recorded(container: str, device_version: int, v380: V380) -> None:
    with open_camera(codec=Codec.MJPEG, device_version=device_version) as camera:
        done = v380(
            "record", *address_args(camera), "-o", f"a.{container}", "--duration", "2", "--json"
        )
        (sent,) = camera.sent_access_units
    (document,) = done.json
    (file,) = document["files"]
    assert (done.code, file["codec"], document["dropped_frames"]) == (0, "mjpeg", 0)
    assert file["audio_packets"] > 0
    with av.open(file["path"]) as recorded:
        pictures = [bytes(packet) for packet in recorded.demux(video=0) if packet.size]
    jpegs = [frame.payload for frame in sent if frame.frame_type == FrameType.JPEG]
    assert len(pictures) == file["video_packets"] == pytest.approx(2 * SMALL.fps, abs=1)
    assert pictures == jpegs[: len(pictures)]


def test_it_goes_into_no_transport_stream(v380: V380, folder: Path) -> None:
    with open_camera(codec=Codec.MJPEG) as camera:
        done = v380("record", *address_args(camera), "-o", "a.ts", "--duration", "1")
    assert done.code == 6
    assert "frame type 9" in done.err
    assert not list(folder.glob("a*"))


def test_a_snapshot_is_taken(v380: V380, folder: Path) -> None:
    with open_camera(codec=Codec.MJPEG) as camera:
        done = v380("snapshot", *address_args(camera), "-o", "a.png", "--json")
    (picture,) = done.json
    assert (done.code, picture["codec"]) == (0, "mjpeg")
    assert (picture["width"], picture["height"]) == (SMALL.width, SMALL.height)
    assert (folder / "a.png").read_bytes().startswith(b"\x89PNG")


def test_the_command_simulates_it(v380: V380) -> None:
    done = v380("simulate", "--codec", "mjpeg", "--size", "192x128", "--duration", "0.1s", "--json")
    assert done.json["cameras"][0]["video"] == "mjpeg 192x128"
