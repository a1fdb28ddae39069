"""A camera that speaks RTSP: GStreamer's server, and what it sends.

with RtspCamera(port, {"/live/ch00_1": footage}) as camera: ...
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

import pytest

from tests.readback import read_video

SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).with_name("gstreamer_server.py")
PROBE = "import gi; gi.require_version('GstRtspServer', '1.0'); import gi.repository.GstRtspServer"
PARTS = ("rtph264pay", "rtph265pay", "rtpmp4gpay", "rtppcmapay", "qtdemux", "h264parse")
ENCODERS = {"h264": "libx264", "hevc": "libx265"}
SOUNDS = {
    "": ("", "", []),
    "aac": ("aacparse", "rtpmp4gpay", ["-c:a", "aac", "-b:a", "16k"]),
    "alaw": ("", "rtppcmapay", ["-c:a", "pcm_alaw"]),
    "ulaw": ("", "rtppcmupay", ["-c:a", "pcm_mulaw"]),
    "pcm": ("audioconvert", "rtpL16pay", ["-c:a", "pcm_s16be"]),
}
PAYLOAD_TYPES = {"alaw": 8, "ulaw": 0}
FPS, GOP = 15, 15

Start = Callable[..., "subprocess.Popen[str]"]


@cache
def find_obstacle() -> str:
    """Why GStreamer's server cannot run here; empty if it can."""
    if not Path(SYSTEM_PYTHON).exists():
        return f"there is no {SYSTEM_PYTHON}"
    if not _succeeds(SYSTEM_PYTHON, "-c", PROBE):
        return "gir1.2-gst-rtsp-server-1.0 or python3-gi is not installed"
    missing = [part for part in PARTS if not _succeeds("gst-inspect-1.0", "--exists", part)]
    return f"GStreamer lacks {', '.join(missing)}" if missing else ""


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@dataclass(frozen=True)
class Footage:
    """A file with one stream of pictures and perhaps one of sound."""

    path: Path
    codec: str
    sound: str

    @property
    def launch(self) -> str:
        """What GStreamer is to do with it; the sets are in the description only, as in the file."""
        number = self.codec.removeprefix("hevc") or "h265"
        video = f"d. ! queue ! {number}parse ! rtp{number}pay name=pay0 pt=96"
        parser, payloader, _ = SOUNDS[self.sound]
        payload_type = PAYLOAD_TYPES.get(self.sound, 97)
        parts = filter(None, ["d. ! queue", parser, f"{payloader} name=pay1 pt={payload_type}"])
        sound = " ! ".join(parts) if self.sound else ""
        demuxer = "qtdemux" if self.path.suffix in (".mp4", ".mov") else "matroskademux"
        return f"( filesrc location={self.path} ! {demuxer} name=d {video} {sound} )"

    def list_units(self) -> list[list[bytes]]:
        """The NAL units of each access unit."""
        return read_video(self.path)


def make_footage(folder: Path, codec: str = "h264", sound: str = "", seconds: int = 4) -> Footage:
    """A moving pattern and a tone, made by ffmpeg."""
    path = folder / f"{codec}-{sound or 'mute'}-{seconds}.mov"
    if not path.exists():
        _run_ffmpeg(path, codec, sound, seconds)
    return Footage(path, codec, sound)


def _run_ffmpeg(path: Path, codec: str, sound: str, seconds: int) -> None:
    quiet = ["-x265-params", "log-level=none"] if codec == "hevc" else []
    video = ["-c:v", ENCODERS[codec], "-preset", "ultrafast", "-bf", "0", "-g", str(GOP), *quiet]
    tone = ["-f", "lavfi", "-i", "sine=frequency=400:sample_rate=8000"]
    command = [
        *["ffmpeg", "-loglevel", "error", "-f", "lavfi"],
        *["-i", f"testsrc=size=320x180:rate={FPS}", *(tone if sound else [])],
        *["-t", str(seconds), *video, "-pix_fmt", "yuv420p", *SOUNDS[sound][2], str(path)],
    ]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


class RtspCamera:
    """Serves footage at some paths, between `start` and `close`; `start` starts its process."""

    def __init__(
        self,
        port: int,
        mounts: dict[str, Footage],
        *,
        user: str = "",
        password: str = "",
        udp: bool = False,
        start: Start = subprocess.Popen,
    ) -> None:
        self._command = [SYSTEM_PYTHON, str(SERVER), str(port)]
        self._command.append(json.dumps({path: one.launch for path, one in mounts.items()}))
        self._command += [*(["--user", user] if user else []), *(["--udp"] if udp else [])]
        self._password = password
        self._start = start
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        if obstacle := find_obstacle():
            pytest.skip(f"no RTSP server of GStreamer: {obstacle}")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": sys.stderr}
        options = pipes if self._start is not subprocess.Popen else {**pipes, "text": True}
        self._process = self._start(self._command, **options)
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{self._password}\n")
        self._process.stdin.close()
        self._process.stdin = None  # who waits for the process must not flush it
        assert self._process.stdout.readline() == "ready\n"

    def kill(self) -> None:
        """Let it die as by a power cut."""
        if self._process:
            self._process.kill()
            self._process.wait()
            if self._process.stdout:
                self._process.stdout.close()
                self._process.stdout = None
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def is_run_of(received: Sequence[list[bytes]], sent: Sequence[list[bytes]]) -> bool:
    """Whether what came is a stretch of what was sent, without a hole."""
    count = len(received)
    starts = range(len(sent) - count + 1)
    return any(list(sent[start : start + count]) == list(received) for start in starts)
