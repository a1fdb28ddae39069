"""Whether a minute of `v380 stream` keeps every access unit, how late it is, and what it costs.

    python -m tests.bench.bench_stream [SECONDS]

Everything runs on loopback with a simulated camera: encrypted H.264, 720p, 15 frames a second, 1.5
Mbit/s. It streams to `ffmpeg -c copy` through a pipe, and publishes to an RTSP server made with
GStreamer (Debian: gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-bad, python3-gi). Wanted: all of
them, and no more than a picture late.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from tests.media_server import find_free_port
from tests.readback import read_video, split_units
from v380cli.simulator.camera import CameraSpec
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.server import Simulator
from v380cli.simulator.stream import MediaStream, SentFrame
from v380cli.wire.commands import VIDEO_TYPES

V380 = [sys.executable, "-m", "v380cli"]
SECONDS = 60.0
LATENCY_S = 20.0
SPEC = CameraSpec(device_id=10_000_001)
TS_PACKET_BYTES, VIDEO_PID = 188, 0x100  # FFmpeg's first
RTSP_SERVER = """
import sys, gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer
port, path = sys.argv[1:]
Gst.init(None)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_latency(0)  # what waits in its jitter buffer when we leave is lost
factory.set_transport_mode(GstRtspServer.RTSPTransportMode.RECORD)
factory.set_launch(
    "( rtph264depay name=depay0 ! video/x-h264,stream-format=byte-stream,alignment=nal"
    f" ! filesink sync=false buffer-mode=unbuffered location={path}"
    " rtpmp4gdepay name=depay1 ! fakesink sync=false )"
)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(port)
server.get_mount_points().add_factory("/camera", factory)
server.attach(None)
print("ready", flush=True)
GLib.MainLoop().run()
"""


@contextlib.contextmanager
def simulate() -> Iterator[SimulatedCamera]:
    """A camera that remembers what it sends, with a clock that shows when that was."""
    with Simulator([SPEC], discovery=None, keep_sent=True) as simulator:
        yield simulator.cameras[0]


def make_command(camera: SimulatedCamera, seconds: float, *options: str) -> list[str]:
    target = [f"127.0.0.1:{camera.port}", "--id", str(SPEC.device_id)]
    return [*V380, "stream", *target, "--duration", f"{seconds:g}", *options]


def list_sent(camera: SimulatedCamera) -> list[list[bytes]]:
    (frames,) = camera.sent_access_units
    return [split_units(SPEC.codec, f.payload) for f in frames if f.frame_type in VIDEO_TYPES]


def tell_kept(name: str, kept: list[list[bytes]], camera: SimulatedCamera, cpu_s: float) -> None:
    sent = list_sent(camera)
    sent[0] = list(dict.fromkeys(sent[0]))
    kept[0] = list(dict.fromkeys(kept[0]))  # an RTSP server puts the sets of the SDP before it
    same = sum(1 for ours, theirs in zip(kept, sent, strict=False) if ours == theirs)
    share = cpu_s / (len(kept) / SPEC.fps) * 100
    print(f"  {name:24} {same} of {len(kept)} access units as sent, {share:.1f} % of a core")
    assert same == len(kept)


def finish(process: "subprocess.Popen[bytes]") -> float:
    """Wait; the CPU seconds that it and its children took."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


def pipe_into_ffmpeg(folder: Path, seconds: float) -> None:
    out = folder / "piped.ts"
    into = ["ffmpeg", "-loglevel", "error", "-f", "mpegts", "-i", "-", "-c", "copy", str(out)]
    with simulate() as camera:
        command = make_command(camera, seconds, "-o", "-")
        with subprocess.Popen(command, stdout=subprocess.PIPE) as streaming:
            subprocess.run(into, stdin=streaming.stdout, check=True)
            cpu_s = finish(streaming)
        tell_kept("stdout, ffmpeg -c copy", read_video(out), camera, cpu_s)


def publish_to_gstreamer(folder: Path, seconds: float) -> None:
    port, out = find_free_port("tcp"), folder / "published.h264"
    server_command = ["/usr/bin/python3", "-c", RTSP_SERVER, str(port), str(out)]
    with simulate() as camera, subprocess.Popen(server_command, stdout=subprocess.PIPE) as server:
        assert server.stdout
        server.stdout.readline()
        url = f"rtsp://127.0.0.1:{port}/camera"
        command = make_command(camera, seconds, "--to", url, "--json")
        with subprocess.Popen(command, stdout=subprocess.PIPE) as streaming:
            assert streaming.stdout
            result = json.loads(streaming.stdout.read())
            cpu_s = finish(streaming)
        server.terminate()
        kept = read_video(out)
        tell_kept("RTSP, GStreamer", kept, camera, cpu_s)
    print(f"    it says that it sent {result['video_packets']}")


class Arrivals(threading.Thread):
    """Reads a pipe and remembers when each byte came."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.data = bytearray()
        self._descriptor = descriptor
        self._times: list[tuple[int, float]] = []

    def run(self) -> None:
        while chunk := os.read(self._descriptor, 1 << 16):
            self.data += chunk
            self._times.append((len(self.data), time.time()))

    def find_time(self, end: int) -> float:
        """When the bytes up to `end` were there."""
        return next(at_s for size, at_s in self._times if size >= end)


def list_picture_ends(data: bytes) -> list[int]:
    """Where the last packet of each picture ends in MPEG-TS."""
    ends: list[int] = []
    for start in range(0, len(data) - TS_PACKET_BYTES + 1, TS_PACKET_BYTES):
        head = int.from_bytes(data[start + 1 : start + 3])
        if head & 0x1FFF != VIDEO_PID:
            continue
        if head & 0x4000:  # a picture begins
            ends.append(0)
        ends[-1] = start + TS_PACKET_BYTES
    return ends


class SendingTimes(dict[int, float]):
    """When the simulator encodes each frame, by its number; sending follows at once."""

    def __enter__(self) -> "SendingTimes":
        record = MediaStream._record

        def record_time(stream: MediaStream, frame: SentFrame) -> None:
            self[frame.frame_id] = time.time()
            record(stream, frame)

        self._patch = mock.patch.object(MediaStream, "_record", record_time)
        self._patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.stop()


def measure_latency(*options: str) -> None:
    with simulate() as camera, SendingTimes() as times:
        command = make_command(camera, LATENCY_S, "-o", "-", *options)
        with subprocess.Popen(command, stdout=subprocess.PIPE) as streaming:
            assert streaming.stdout
            arrivals = Arrivals(streaming.stdout.fileno())
            arrivals.start()
            arrivals.join()
        (frames,) = camera.sent_access_units
        sent = [f for f in frames if f.frame_type in VIDEO_TYPES]
    if "annexb" in options:
        sizes = [len(frame.payload) for frame in sent]
        ends = [sum(sizes[: index + 1]) for index in range(len(sizes))]
        ends = [end for end in ends if end <= len(arrivals.data)]
    else:
        ends = list_picture_ends(bytes(arrivals.data))
    late_ms = [
        (arrivals.find_time(end) - times[frame.frame_id]) * 1000
        for frame, end in zip(sent, ends, strict=False)
    ][SPEC.fps * 2 :]  # the first wait until it is known whether there is sound
    print(
        f"  {' '.join(options) or 'ts':24} median {statistics.median(late_ms):5.1f} ms,"
        f" worst {max(late_ms):5.1f} ms"
    )


def main() -> None:
    seconds = float(sys.argv[1]) if sys.argv[1:] else SECONDS
    with tempfile.TemporaryDirectory() as name:
        print(f"{seconds:g} s of 720p with sound")
        pipe_into_ffmpeg(Path(name), seconds)
        publish_to_gstreamer(Path(name), seconds)
    print("from the camera to the end of a pipe")
    for options in ((), ("--no-audio",), ("--format", "annexb")):
        measure_latency(*options)


if __name__ == "__main__":
    main()
