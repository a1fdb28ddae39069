"""What the tests of `stream --serve` share: a camera that is served from this process."""

import contextlib
import http.client
import json
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.commands.recording_lab import TIMEOUT_S, make_device, open_camera, wait_until
from tests.readback import read_video
from v380cli.camera.access import Access
from v380cli.camera.recorder import Recorder, RecordOptions
from v380cli.net.http_access import AccessRules
from v380cli.net.http_server import HttpServer
from v380cli.simulator.camera import Pace
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.sinks.broadcast import Broadcast
from v380cli.work.serving.camera_source import CameraSource


@dataclass
class Show:
    """A camera that is being served from this process."""

    camera: SimulatedCamera
    broadcast: Broadcast
    port: int
    recorder: Recorder

    def open(self, path: str) -> http.client.HTTPResponse:
        url = f"http://127.0.0.1:{self.port}{path}"
        response: http.client.HTTPResponse = urllib.request.urlopen(url, timeout=TIMEOUT_S)
        return response

    def wait_for_pictures(self, count: int) -> None:
        """Let the camera show so many more."""
        wanted = self.recorder.video_frames + count
        wait_until(lambda: self.recorder.video_frames >= wanted)

    def describe(self) -> dict[str, Any]:
        with self.open("/status.json") as response:
            document: dict[str, Any] = json.load(response)
        return document


@contextlib.contextmanager
def serve(*faults: str, silence_s: float = 8.0, **changes: Any) -> Iterator[Show]:
    """Serve a small camera, which sends as fast as real ones do, until its recorder is stopped."""
    with open_camera(*faults, pace=Pace.CAMERA, **changes) as camera:
        broadcast = Broadcast()
        options = RecordOptions(prompt=True, silence_s=silence_s)
        recorder = Recorder(Access(make_device(camera)), broadcast, options)
        source = CameraSource(recorder, broadcast)
        with HttpServer({"/": source}, AccessRules(host="127.0.0.1"), 0) as server:

            def run() -> None:
                recorder.run()
                source.end()

            thread = threading.Thread(target=run)
            thread.start()
            try:
                yield Show(camera, broadcast, server.port, recorder)
            finally:
                recorder.stop()
                thread.join()


class Watcher(threading.Thread):
    """Reads a stream to its end."""

    def __init__(self, show: Show, path: str) -> None:
        super().__init__()
        self.data = b""
        self._response = show.open(path)

    def run(self) -> None:
        with self._response as response:
            self.data = response.read()

    def read_units(self, path: Path) -> list[list[bytes]]:
        path.write_bytes(self.data)
        return read_video(path)


def find_in(got: list[list[bytes]], sent: list[list[bytes]]) -> list[int]:
    """Where the units are among those sent; fails for one that was not sent in this order."""
    numbers = [-1]
    for unit in got:
        found = next((n for n in range(numbers[-1] + 1, len(sent)) if sent[n] == unit), None)
        assert found is not None, "this was not sent"
        numbers.append(found)
    return numbers[1:]
