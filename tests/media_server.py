"""FFmpeg as a media server on loopback that writes what one publisher sends into a file."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from v380cli.sinks.server import ServerProtocol

TIMEOUT_S = 60.0
KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
TRANSPORTS = {
    ServerProtocol.RTSP: "tcp",
    ServerProtocol.RTMP: "tcp",
    ServerProtocol.SRT: "udp",
    ServerProtocol.UDP: "udp",
}


class MediaServer:
    """A place at which one protocol is awaited; `url` is what a publisher is told."""

    def __init__(self, protocol: ServerProtocol, arguments: str = "") -> None:
        self.protocol = protocol
        self.port = find_free_port(TRANSPORTS[protocol])
        path = "/live/camera" if TRANSPORTS[protocol] == "tcp" else ""
        self.url = f"{protocol}://127.0.0.1:{self.port}{path}{arguments}"

    @contextlib.contextmanager
    def receive(self, path: Path) -> Iterator["subprocess.Popen[bytes]"]:
        """Write the next stream to `path`; at the end wait until its publisher has left."""
        command = [
            "ffmpeg",
            "-loglevel",
            "error",
            "-y",
            *self._list_options(),
            "-c",
            "copy",
            str(path),
        ]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
            try:
                self._await_listening()
                yield process
                process.wait(TIMEOUT_S)
            finally:
                process.kill()

    def _list_options(self) -> list[str]:
        match self.protocol:
            case ServerProtocol.RTSP:
                return ["-rtsp_flags", "listen", "-i", self.url]
            case ServerProtocol.RTMP:
                return ["-listen", "1", "-i", self.url]
            case ServerProtocol.SRT:
                return ["-mode", "listener", "-i", self.url]
            case _:
                return ["-i", f"{self.url}?timeout=1500000&fifo_size=100000"]

    def _await_listening(self) -> None:
        deadline_s = time.monotonic() + TIMEOUT_S
        while not is_listening(TRANSPORTS[self.protocol], self.port):
            assert time.monotonic() < deadline_s, "ffmpeg does not listen"
            time.sleep(0.01)


def find_free_port(transport: str) -> int:
    with socket.socket(socket.AF_INET, KINDS[transport]) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_listening(transport: str, port: int) -> bool:
    """Whether somebody waits at a port of this machine, without knocking there."""
    state = {"tcp": "0A", "udp": "07"}[transport]
    rows = [row.split() for row in Path(f"/proc/net/{transport}").read_text().splitlines()[1:]]
    return any(row[1].endswith(f":{port:04X}") and row[3] == state for row in rows)
