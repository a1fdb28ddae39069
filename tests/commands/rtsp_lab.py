"""What the tests of `serve` share: cameras served from this process, and real players."""

import contextlib
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.commands.recording_lab import (
    TIMEOUT_S,
    list_sent,
    make_device,
    open_camera,
    wait_until,
)
from tests.readback import split_units
from v380cli.commands.serve.running import make_rules
from v380cli.commands.serve.streams import ServedCamera, find_stream, list_cameras, list_pages
from v380cli.media.nal import is_picture, is_random_access, nal_type
from v380cli.media.sink import Codec
from v380cli.net.http_server import HttpServer
from v380cli.net.rtsp_server import RtspServer
from v380cli.simulator.camera import Pace
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.wire.rtsp.digest import Credentials

PLAYERS_PASSWORD = "a-password-of-players"
needs_gstreamer = pytest.mark.skipif(
    shutil.which("gst-launch-1.0") is None, reason="GStreamer is not here"
)


@dataclass
class Service:
    """A camera that is served from this process; a thread ticks for it."""

    camera: SimulatedCamera
    served: ServedCamera
    port: int
    http_port: int

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/{self.served.slug}"

    @property
    def path(self) -> str:
        return f"/{self.served.slug}"

    def count_dropped(self) -> int:
        return sum(
            int(stream.describe().get("dropped_pictures", 0))
            for stream in self.served.streams.values()
        )

    def count_links(self) -> int:
        """How many streams the camera has been asked for so far."""
        return len(self.camera.sent_access_units)

    def is_closed(self) -> bool:
        return all(
            stream.describe()["state"] == "closed" for stream in self.served.streams.values()
        )


@contextlib.contextmanager
def serve(
    *faults: str, always: bool = False, credentials: Credentials | None = None, **changes: Any
) -> Iterator[Service]:
    """Serve a small camera, which sends as fast as real ones do."""
    with open_camera(*faults, pace=Pace.CAMERA, **changes) as camera:
        cameras = list_cameras([make_device(camera)], audio=True, is_always=always)
        streams = [*cameras[0].streams.values()]
        is_over = threading.Event()

        def tick() -> None:
            while not is_over.wait(0.05):
                for stream in streams:
                    stream.tick()

        rules = make_rules("127.0.0.1", credentials)
        with (
            RtspServer(partial(find_stream, cameras), "127.0.0.1", 0, credentials) as server,
            HttpServer(list_pages(cameras), rules, 0) as pages,
        ):
            thread = threading.Thread(target=tick)
            thread.start()
            try:
                yield Service(camera, cameras[0], server.port, pages.port)
            finally:
                is_over.set()
                thread.join()
                for stream in streams:
                    stream.stop()
                for stream in streams:
                    stream.join()


# -- players ------------------------------------------------------------------------------------


PlayerCommand = Callable[[Service, str, Path], list[str]]


def ffmpeg(service: Service, transport: str, output: Path, url: str = "") -> list[str]:
    url = url or service.url
    command = ["ffmpeg", "-v", "error", "-rtsp_transport", transport, "-i", url]
    muxer = str(service.camera.spec.codec)
    return [*command, "-c:v", "copy", "-an", "-flush_packets", "1", "-f", muxer, str(output)]


def gstreamer(service: Service, transport: str, output: Path) -> list[str]:
    codec = "h264" if service.camera.spec.codec is Codec.H264 else "h265"
    return [
        *("gst-launch-1.0", "-q", "rtspsrc", f"location={service.url}", f"protocols={transport}"),
        *("latency=0", "timeout=0", "name=source"),
        *("source.", "!", "application/x-rtp,media=video", "!", f"rtp{codec}depay", "!"),
        *(f"video/x-{codec},stream-format=byte-stream,alignment=au", "!"),
        *("filesink", f"location={output}", "buffer-mode=unbuffered"),
        # without a place for it, sound that comes before the first picture is an error
        *("source.", "!", "application/x-rtp,media=audio", "!", "fakesink", "async=false"),
    ]


@dataclass
class PlayerProcess:
    """A player that writes the raw video it gets to a file."""

    output: Path
    process: "subprocess.Popen[str]" = field(repr=False)

    def wait_for_bytes(self, count: int) -> None:
        wait_until(lambda: self.process.poll() is not None or self.size() >= count)
        assert self.size() >= count, self.process.communicate()[1]

    def end(self) -> str:
        """What it said."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=TIMEOUT_S)[1]

    def list_pictures(self, codec: Codec) -> list[bytes]:
        return list_pictures(codec, split_units(codec, self.output.read_bytes()))

    def size(self) -> int:
        return self.output.stat().st_size if self.output.exists() else 0


@contextlib.contextmanager
def start_player(command: list[str], output: Path) -> Iterator[PlayerProcess]:
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield PlayerProcess(output, process)
        finally:
            process.kill()


def list_pictures(codec: Codec, units: Iterable[bytes]) -> list[bytes]:
    """The NAL units that hold pictures: players add parameter sets of their own."""
    return [unit for unit in units if is_picture(codec, nal_type(codec, unit[0]))]


def assert_in_a_row(got: list[bytes], camera: SimulatedCamera) -> None:
    """Fail unless these pictures are what the camera sent, from a keyframe on, without a hole."""
    codec = camera.spec.codec
    sent = list_pictures(codec, (unit for units in list_sent(camera) for unit in units))
    first = sent.index(got[0])
    assert got == sent[first : first + len(got)]
    assert is_random_access(codec, nal_type(codec, got[0][0]))
